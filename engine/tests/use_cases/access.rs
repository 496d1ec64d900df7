//! Who stands behind a token.

use std::time::{SystemTime, UNIX_EPOCH};

use engine::access::NewUser;
use engine::{Actor, Role};
use jsonwebtoken::{EncodingKey, Header, encode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::bench::{Bench, JWT_SECRET};

fn signed_with(secret: &str, claims: &Value) -> String {
    encode(
        &Header::default(),
        claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
    .unwrap()
}

fn in_seconds(seconds: i64) -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    i64::try_from(now).unwrap() + seconds
}

async fn who(bench: &Bench, token: &str) -> Option<Actor> {
    bench.engine.access.authenticate(token).await.unwrap()
}

async fn a_token_opens_until_it_is_taken_back(bench: Bench) {
    let user = NewUser {
        name: "Ann".to_owned(),
        email: None,
        role: Role::User,
    };
    let issued = bench.engine.access.create_token(user).await.unwrap();
    let token = issued.token.expose_secret();
    assert!(token.starts_with("dlr_") && token.len() == 47);
    assert_eq!(
        who(&bench, token).await.map(|actor| actor.id),
        Some(issued.user)
    );
    bench.engine.access.revoke_key(issued.id).await.unwrap();
    assert_eq!(
        who(&bench, token).await,
        None,
        "at once, although it was remembered"
    );
    assert!(bench.engine.access.revoke_key(issued.id).await.is_err());
}

async fn what_is_no_token_opens_nothing(bench: Bench) {
    for token in [
        "",
        "dlr_",
        "a.b.c",
        "'; DROP TABLE users; --",
        &"x".repeat(10_000),
    ] {
        assert_eq!(who(&bench, token).await, None);
    }
}

async fn a_dashboards_user_is_added_once_and_follows_what_the_dashboard_says(bench: Bench) {
    let claims = |name: &str, role: &str| json!({ "sub": "auth0|7", "name": name, "email": "n@example.com", "role": role, "exp": in_seconds(60) });
    let first = who(&bench, &signed_with(JWT_SECRET, &claims("Nora", "user")))
        .await
        .unwrap();
    assert_eq!((first.name.as_str(), first.role), ("Nora", Role::User));
    let second = who(
        &bench,
        &signed_with(JWT_SECRET, &claims("Nora N.", "admin")),
    )
    .await
    .unwrap();
    assert_eq!(
        (second.id, second.name.as_str(), second.role),
        (first.id, "Nora N.", Role::Admin)
    );
}

async fn a_subject_that_is_a_user_of_ours_is_that_user(bench: Bench) {
    let claims = json!({ "sub": bench.user.id.to_string(), "exp": in_seconds(60) });
    assert_eq!(
        who(&bench, &signed_with(JWT_SECRET, &claims)).await,
        Some(bench.user.clone())
    );
}

async fn a_dashboards_token_must_be_signed_by_it_in_time_and_in_words_we_know(bench: Bench) {
    let good = json!({ "sub": "s", "exp": in_seconds(60) });
    assert!(who(&bench, &signed_with(JWT_SECRET, &good)).await.is_some());
    assert_eq!(
        who(
            &bench,
            &signed_with("another secret of at least 32 bytes", &good)
        )
        .await,
        None
    );
    for claims in [
        json!({ "sub": "s", "exp": in_seconds(-60) }),
        json!({ "sub": "s" }),
        json!({ "exp": in_seconds(60) }),
        json!({ "sub": "", "exp": in_seconds(60) }),
        json!({ "sub": "s", "role": "root", "exp": in_seconds(60) }),
        json!({ "sub": "s", "nbf": in_seconds(60), "exp": in_seconds(90) }),
        json!({ "sub": "s\u{0}", "exp": in_seconds(60) }),
    ] {
        assert_eq!(
            who(&bench, &signed_with(JWT_SECRET, &claims)).await,
            None,
            "{claims}"
        );
    }
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzIiwiZXhwIjo5OTk5OTk5OTk5fQ.";
    assert_eq!(who(&bench, unsigned).await, None);
}

async fn the_first_administrator_is_made_once_on_an_empty_database(bench: Bench) {
    assert!(
        bench
            .engine
            .access
            .ensure_admin(None)
            .await
            .unwrap()
            .is_none(),
        "there are users"
    );
}

async fn another_configured_token_takes_the_last_one_back_and_is_the_same_administrator(
    bench: Bench,
) {
    let (old, new) = (
        SecretString::from("the old token, long enough"),
        SecretString::from("the new token, long enough"),
    );
    for token in [&old, &old] {
        bench.engine.access.ensure_admin(Some(token)).await.unwrap();
    }
    let first = who(&bench, old.expose_secret()).await.unwrap();
    assert!(first.is_admin());
    bench.engine.access.ensure_admin(Some(&new)).await.unwrap();
    assert_eq!(who(&bench, new.expose_secret()).await, Some(first));
    assert_eq!(who(&bench, old.expose_secret()).await, None);
}

on_both![
    a_token_opens_until_it_is_taken_back,
    what_is_no_token_opens_nothing,
    a_dashboards_user_is_added_once_and_follows_what_the_dashboard_says,
    a_subject_that_is_a_user_of_ours_is_that_user,
    a_dashboards_token_must_be_signed_by_it_in_time_and_in_words_we_know,
    the_first_administrator_is_made_once_on_an_empty_database,
    another_configured_token_takes_the_last_one_back_and_is_the_same_administrator,
];
