//! Users and their keys.

use domain::{ApiKeyId, UserId};
use engine::access::{IssuedKey, UserFields};
use engine::field::Field;
use engine::page::Page;
use engine::{Actor, EngineError, Role};
use entity::user::Model;
use futures::future::join_all;
use jsonwebtoken::{EncodingKey, Header, encode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::bench::{Bench, JWT_SECRET, conflict, wrong_fields};

const PAGE: Page = Page {
    number: 1,
    size: 100,
};

fn fields(name: &str, email: &str, role: &str) -> UserFields {
    UserFields {
        name: Field::Given(name.to_owned()),
        email: Field::Given(email.to_owned()),
        role: Field::Given(role.to_owned()),
    }
}

async fn make(bench: &Bench, fields: UserFields) -> Result<Model, EngineError> {
    bench.engine.access.create_user(&bench.admin, fields).await
}

async fn key(bench: &Bench, actor: &Actor, user: UserId) -> Result<IssuedKey, EngineError> {
    let name = Field::Given("A key".to_owned());
    bench.engine.access.create_key(actor, user, name).await
}

async fn take_back(
    bench: &Bench,
    actor: &Actor,
    (user, key): (UserId, ApiKeyId),
) -> Result<(), EngineError> {
    bench.engine.access.take_back_key(actor, user, key).await
}

async fn opens(bench: &Bench, token: &SecretString) -> bool {
    let found = bench.engine.access.authenticate(token.expose_secret());
    found.await.unwrap().is_some()
}

/// The only key that somebody who was just made has.
async fn only_key(bench: &Bench, user: UserId) -> ApiKeyId {
    let keys = bench.engine.access.list_keys(&bench.admin, user, PAGE);
    let keys = keys.await.unwrap().items;
    assert_eq!(keys.len(), 1);
    ApiKeyId::from_uuid(keys[0].id)
}

fn is_forbidden<T: std::fmt::Debug>(result: Result<T, EngineError>) -> bool {
    matches!(result, Err(EngineError::Forbidden(_)))
}

async fn an_email_stands_for_one_user_whatever_its_case(bench: Bench) {
    let made = make(&bench, fields(" Eve ", "Eve@Example.com", "user"))
        .await
        .unwrap();
    assert_eq!(
        (made.name.as_str(), made.email.as_deref()),
        ("Eve", Some("Eve@Example.com"))
    );
    let (code, _) = conflict(make(&bench, fields("E", "eve@example.COM", "admin")).await);
    assert_eq!(code, "email_taken");
    // Of many at once one is made.
    let at_once = (0..8).map(|_| make(&bench, fields("Sue", "sue@example.com", "user")));
    let made = join_all(at_once).await;
    let (made, refused): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 7));
    for refused in refused {
        assert_eq!(conflict(refused).0, "email_taken");
    }
}

async fn everything_wrong_with_a_user_is_named_at_once(bench: Bench) {
    let access = &bench.engine.access;
    let nothing = access.create_user(&bench.admin, UserFields::default());
    let errors = wrong_fields(nothing.await);
    let named: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(named, ["name", "email"]);
    for (name, email, role, wrong) in [
        ("", "a@example.com", "user", "name"),
        ("a\0", "a@example.com", "user", "name"),
        (&"x".repeat(256), "a@example.com", "user", "name"),
        ("A", "nobody", "user", "email"),
        ("A", "a@example.com\0", "user", "email"),
        ("A", "Ann <a@example.com>", "user", "email"),
        ("A", "", "user", "email"),
        ("A", &format!("a@{}.com", "x".repeat(400)), "user", "email"),
        ("A", "a@example.com", "root", "role"),
        ("A", "a@example.com", "", "role"),
    ] {
        let errors = wrong_fields(make(&bench, fields(name, email, role)).await);
        let [error] = &errors[..] else {
            panic!("{wrong}: {errors:?}")
        };
        assert_eq!(error.field, wrong);
    }
    let plain = UserFields {
        role: Field::Absent,
        ..fields("A", "a@example.com", "")
    };
    assert_eq!(make(&bench, plain).await.unwrap().role, "user");
}

async fn users_see_to_their_own_keys_and_to_no_others(bench: Bench) {
    let (user, admin) = (&bench.user, &bench.admin);
    let own = key(&bench, user, user.id).await.unwrap();
    assert!(opens(&bench, &own.token).await);
    let own_id = ApiKeyId::from_uuid(own.id);
    let admins = only_key(&bench, admin.id).await;
    let access = &bench.engine.access;
    assert!(is_forbidden(key(&bench, user, admin.id).await));
    assert!(is_forbidden(access.list_keys(user, admin.id, PAGE).await));
    assert!(is_forbidden(
        take_back(&bench, user, (admin.id, admins)).await
    ));
    assert!(is_forbidden(access.list_users(user, PAGE).await));
    let fields = fields("X", "x@example.com", "admin");
    assert!(is_forbidden(access.create_user(user, fields).await));
    // A key is looked for with its user, not with anybody's.
    for wrong in [(user.id, admins), (admin.id, own_id)] {
        let found = take_back(&bench, admin, wrong).await;
        assert!(matches!(
            found,
            Err(EngineError::NotFound { what: "API key" })
        ));
    }
    take_back(&bench, user, (user.id, own_id)).await.unwrap();
    assert!(!opens(&bench, &own.token).await, "at once");
    let again = take_back(&bench, user, (user.id, own_id)).await;
    assert!(matches!(again, Err(EngineError::NotFound { .. })));
    let keys = access.list_keys(user, user.id, PAGE).await.unwrap();
    assert_eq!(keys.total, 2, "what was taken back stays in the list");
    assert_eq!(keys.items[1].revoked_at, Some(bench.engine.clock.now()));
}

async fn a_dashboard_that_speaks_for_an_administrator_as_a_user_gets_no_administrators_key(
    bench: Bench,
) {
    let claims =
        json!({ "sub": bench.admin.id.to_string(), "role": "user", "exp": 4_000_000_000_u64 });
    let secret = EncodingKey::from_secret(JWT_SECRET.as_bytes());
    let token = encode(&Header::default(), &claims, &secret).unwrap();
    let found = bench.engine.access.authenticate(&token).await.unwrap();
    let as_user = found.expect("the administrator, as a user");
    assert_eq!((as_user.id, as_user.role), (bench.admin.id, Role::User));
    assert_eq!(bench.engine.access.me(&as_user).await.unwrap().role, "user");
    assert!(is_forbidden(key(&bench, &as_user, as_user.id).await));
}

async fn the_last_key_that_lets_an_administrator_in_stays(bench: Bench) {
    let admin = &bench.admin;
    let last = only_key(&bench, admin.id).await;
    let (code, _) = conflict(take_back(&bench, admin, (admin.id, last)).await);
    assert_eq!(code, "last_admin_key");
    // A user's key is no way in for an administrator.
    key(&bench, admin, bench.user.id).await.unwrap();
    assert_eq!(
        conflict(take_back(&bench, admin, (admin.id, last)).await).0,
        "last_admin_key"
    );
    // Of two who take back the last two at once, one finds the last one.
    let other = make(&bench, fields("Bea", "bea@example.com", "admin"))
        .await
        .unwrap();
    let other = UserId::from_uuid(other.id);
    let issued = key(&bench, admin, other).await.unwrap();
    let both = [(admin.id, last), (other, ApiKeyId::from_uuid(issued.id))];
    let done = join_all(both.map(|target| take_back(&bench, admin, target))).await;
    let (done, refused): (Vec<_>, Vec<_>) = done.into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), refused.len()), (1, 1));
    for refused in refused {
        assert_eq!(conflict(refused).0, "last_admin_key");
    }
}

async fn a_key_cannot_pass_for_the_configured_one_and_nobody_has_too_many(bench: Bench) {
    let user = &bench.user;
    let access = &bench.engine.access;
    for name in ["ADMIN_TOKEN", " admin_token ", "", "a\0"] {
        let name = Field::Given(name.to_owned());
        let errors = wrong_fields(access.create_key(user, user.id, name).await);
        assert_eq!(errors[0].field, "name");
    }
    let errors = wrong_fields(access.create_key(user, user.id, Field::Absent).await);
    assert_eq!(errors[0].field, "name");
    // One was made with the user.
    for _ in 1..100 {
        key(&bench, user, user.id).await.unwrap();
    }
    let (code, _) = conflict(key(&bench, user, user.id).await);
    assert_eq!(code, "too_many_keys");
    let page = Page {
        number: 2,
        size: 30,
    };
    let keys = access.list_keys(user, user.id, page).await.unwrap();
    assert_eq!((keys.items.len(), keys.total, keys.pages()), (30, 100, 4));
    let oldest = first_key(&bench, user.id).await;
    take_back(&bench, user, (user.id, oldest)).await.unwrap();
    key(&bench, user, user.id).await.unwrap();
}

async fn first_key(bench: &Bench, user: UserId) -> ApiKeyId {
    let page = Page { number: 1, size: 1 };
    let keys = bench.engine.access.list_keys(&bench.admin, user, page);
    ApiKeyId::from_uuid(keys.await.unwrap().items[0].id)
}

on_both![
    an_email_stands_for_one_user_whatever_its_case,
    everything_wrong_with_a_user_is_named_at_once,
    users_see_to_their_own_keys_and_to_no_others,
    a_dashboard_that_speaks_for_an_administrator_as_a_user_gets_no_administrators_key,
    the_last_key_that_lets_an_administrator_in_stays,
    a_key_cannot_pass_for_the_configured_one_and_nobody_has_too_many,
];
