//! Users and their API keys.

use std::collections::BTreeMap;

use chrono::Utc;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Api, refusal};
use crate::support::dialer::ADMIN_TOKEN;
use crate::support::signing::jwt;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    everybody_sees_who_they_are,
    administrators_make_and_list_users_and_nobody_else_does,
    a_key_opens_until_it_is_taken_back,
    what_is_no_user_no_key_and_no_name_is_refused,
    users_see_to_their_own_keys_only,
    a_token_is_told_once_and_never_logged,
    the_last_way_in_for_an_administrator_stays_and_the_configured_one_comes_back,
);

const USERS: &str = "/api/v1/users";
const ME: &str = "/api/v1/users/me";
const JWT_SECRET: &str = "the-dashboard-and-the-dialer-share-this-secret";

fn keys_of(user: &str) -> String {
    format!("{USERS}/{user}/api-keys")
}

async fn my_id(api: &Api) -> String {
    let me = api.get(ME).await.ok();
    me["data"]["_id"].as_str().expect("an id").to_owned()
}

/// Makes a key for `user`; the key's id and its token.
async fn make_key(api: &Api, user: &str, name: &str) -> (String, String) {
    let made = api
        .post(&keys_of(user), json!({ "name": name }))
        .await
        .with(201);
    let word = |field: &str| made["data"][field].as_str().expect("a text").to_owned();
    (word("id"), word("token"))
}

async fn make_user(api: &Api, name: &str, role: &str) -> String {
    let body = json!({ "name": name, "email": format!("{name}@example.com"), "role": role });
    let made = api.post(USERS, body).await.with(201);
    made["data"]["_id"].as_str().expect("an id").to_owned()
}

async fn everybody_sees_who_they_are(stack: Stack) {
    let env = BTreeMap::from([("JWT_SECRET", JWT_SECRET.to_owned())]);
    let options = Options {
        env,
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    let ann = dialer.create_user("ann", "user");
    let me = ann.api.get(ME).await.with(200);
    assert_eq!(me["success"], true);
    assert!(me["data"]["createdAt"].is_string());
    let shown = |me: &Value| ["name", "email", "role"].map(|field| me["data"][field].clone());
    assert_eq!(me["data"]["_id"], ann.id);
    assert_eq!(
        shown(&me),
        [json!("ann"), json!("ann@example.com"), json!("user")]
    );
    let admin = dialer.api.get(ME).await.ok();
    assert_eq!(
        shown(&admin),
        [json!("Administrator"), json!(null), json!("admin")]
    );
    // A dashboard's user, in the role that its token names.
    let claims = json!({
        "sub": "bob", "name": "Bob", "email": "bob@example.com", "role": "user",
        "exp": Utc::now().timestamp() + 600,
    });
    let bob = dialer.api_as(Some(&jwt(JWT_SECRET, &claims)));
    assert_eq!(
        shown(&bob.get(ME).await.ok()),
        [json!("Bob"), json!("bob@example.com"), json!("user")]
    );
    let claims = json!({ "sub": ann.id, "role": "admin", "exp": Utc::now().timestamp() + 600 });
    let promoted = dialer.api_as(Some(&jwt(JWT_SECRET, &claims)));
    let me = promoted.get(ME).await.ok();
    assert_eq!(me["data"]["_id"], ann.id);
    assert_eq!(me["data"]["role"], "admin");
}

async fn administrators_make_and_list_users_and_nobody_else_does(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let (api, user) = (&dialer.api, dialer.create_user("ann", "user"));
    let body = json!({ "name": " Asha Rao ", "email": "Asha@Example.com", "role": "user" });
    for request in [
        user.api.request(Method::POST, USERS).json(&body),
        user.api.request(Method::GET, USERS),
    ] {
        refusal(request, 403, "forbidden").await;
    }
    let made = api.post(USERS, body).await.with(201);
    assert_eq!(made["success"], true);
    assert_eq!(made["data"]["name"], "Asha Rao");
    assert_eq!(made["data"]["email"], "Asha@Example.com");
    assert_eq!(made["data"]["role"], "user");
    // One e-mail, one user: in another case, and that of somebody made on the command line, too.
    for email in ["asha@example.com", "ANN@example.com"] {
        let body = json!({ "name": "x", "email": email });
        let request = api.request(Method::POST, USERS).json(&body);
        refusal(request, 409, "email_taken").await;
    }
    let wrong = [
        (json!({}), vec!["email", "name"]),
        (
            json!({ "name": 5, "email": "nobody", "role": "root" }),
            vec!["email", "name", "role"],
        ),
        (
            json!({ "name": "a\u{0}", "email": "a\u{0}@example.com" }),
            vec!["email", "name"],
        ),
        (
            json!({ "name": "x".repeat(256), "email": null }),
            vec!["email", "name"],
        ),
    ];
    for (body, expected) in wrong {
        let refused = refusal(api.request(Method::POST, USERS).json(&body), 422, "invalid").await;
        let errors = refused["errors"].as_array().expect("errors").iter();
        let mut fields: Vec<_> = errors
            .map(|error| error["field"].as_str().expect("a field"))
            .collect();
        fields.sort_unstable();
        assert_eq!(fields, expected, "{refused}");
    }
    let listed = api.get(USERS).await.ok();
    let names: Vec<_> = listed["data"].as_array().expect("users").iter().collect();
    let names: Vec<_> = names.iter().map(|user| &user["name"]).collect();
    assert_eq!(names, ["Administrator", "ann", "Asha Rao"]);
    let page = api.get(&format!("{USERS}?page=2&limit=2")).await.ok();
    assert_eq!(page["data"][0]["name"], "Asha Rao");
    for (field, value) in [("count", 1), ("total", 3), ("page", 2), ("pages", 2)] {
        assert_eq!(page[field], value, "{field}");
    }
    for query in ["page=0", "limit=101", "limit=all"] {
        let request = api.request(Method::GET, &format!("{USERS}?{query}"));
        refusal(request, 422, "invalid").await;
    }
}

async fn a_key_opens_until_it_is_taken_back(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let ravi = make_user(api, "ravi", "user").await;
    let (key, token) = make_key(api, &ravi, "Laptop").await;
    let (other, _) = make_key(api, &ravi, "Desktop").await;
    let as_ravi = dialer.api_as(Some(&token));
    assert_eq!(my_id(&as_ravi).await, ravi);
    as_ravi.create_campaign(json!({ "name": "his" })).await;
    let path = format!("{}/{key}", keys_of(&ravi));
    assert_eq!(
        api.delete(&path).await.with(200),
        json!({ "success": true })
    );
    as_ravi.get(ME).await.with(401);
    as_ravi.get("/api/campaigns").await.with(401);
    let again = api.request(Method::DELETE, &path);
    refusal(again, 404, "api_key_not_found").await;
    let listed = api.get(&keys_of(&ravi)).await.ok();
    assert_eq!(listed["total"], 2);
    let (first, second) = (&listed["data"][0], &listed["data"][1]);
    assert_eq!(
        (&first["id"], &first["name"]),
        (&json!(key), &json!("Laptop"))
    );
    assert!(first["revokedAt"].is_string());
    assert_eq!(
        (&second["id"], &second["revokedAt"]),
        (&json!(other), &json!(null))
    );
    // What is his stays his.
    let campaigns = api.get(&format!("/api/campaigns?userId={ravi}")).await.ok();
    assert_eq!(campaigns["total"], 1);
}

async fn what_is_no_user_no_key_and_no_name_is_refused(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let ravi = make_user(api, "ravi", "user").await;
    let (other, _) = make_key(api, &ravi, "Laptop").await;
    make_key(api, &ravi, "Desktop").await;
    let nobody = "01900000-0000-7000-8000-000000000000";
    for (method, path, code) in [
        (Method::GET, keys_of(nobody), "user_not_found"),
        (Method::GET, keys_of("ravi"), "user_not_found"),
        (
            Method::DELETE,
            format!("{}/{other}", keys_of(nobody)),
            "user_not_found",
        ),
        (
            Method::DELETE,
            format!("{}/{nobody}", keys_of(&ravi)),
            "api_key_not_found",
        ),
        (
            Method::DELETE,
            format!("{}/5", keys_of(&ravi)),
            "api_key_not_found",
        ),
        (
            Method::DELETE,
            format!("{}/%00", keys_of(&ravi)),
            "api_key_not_found",
        ),
    ] {
        refusal(api.request(method, &path), 404, code).await;
    }
    let request = api
        .request(Method::POST, &keys_of(nobody))
        .json(&json!({ "name": "x" }));
    refusal(request, 404, "user_not_found").await;
    for name in [
        json!(null),
        json!(""),
        json!(5),
        json!("a\u{0}"),
        json!("ADMIN_TOKEN"),
    ] {
        let body = json!({ "name": name });
        let request = api.request(Method::POST, &keys_of(&ravi)).json(&body);
        let refused = refusal(request, 422, "invalid").await;
        assert_eq!(refused["errors"][0]["field"], "name");
    }
    let listed = api
        .get(&format!("{}?limit=1&page=2", keys_of(&ravi)))
        .await
        .ok();
    assert_eq!((&listed["count"], &listed["pages"]), (&json!(1), &json!(2)));
    let request = api.request(Method::GET, &format!("{}?limit=0", keys_of(&ravi)));
    refusal(request, 422, "invalid").await;
}

async fn users_see_to_their_own_keys_only(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let (ann, bob) = (
        dialer.create_user("ann", "user"),
        dialer.create_user("bob", "user"),
    );
    let admin = my_id(&dialer.api).await;
    // Whether there is such a user is nobody's business.
    for other in [&bob.id, &admin, "01900000-0000-7000-8000-000000000000"] {
        let path = keys_of(other);
        for request in [
            ann.api.request(Method::GET, &path),
            ann.api
                .request(Method::POST, &path)
                .json(&json!({ "name": "x" })),
            ann.api
                .request(Method::DELETE, &format!("{path}/{}", bob.key)),
        ] {
            refusal(request, 403, "forbidden").await;
        }
    }
    bob.api.get(ME).await.ok();
    // Changing one's own key: a new one, then the old one is taken back.
    let (new, token) = make_key(&ann.api, &ann.id, "New laptop").await;
    let path = keys_of(&ann.id);
    let listed = ann.api.get(&path).await.ok();
    let ids: Vec<_> = listed["data"].as_array().expect("keys").iter().collect();
    let ids: Vec<_> = ids.iter().map(|key| &key["id"]).collect();
    assert_eq!(ids, [&json!(ann.key), &json!(new)]);
    ann.api.delete(&format!("{path}/{}", ann.key)).await.ok();
    ann.api.get(ME).await.with(401);
    let renewed = dialer.api_as(Some(&token));
    assert_eq!(my_id(&renewed).await, ann.id);
    // A user's key is no more than its user.
    renewed.get(USERS).await.with(403);
}

async fn a_token_is_told_once_and_never_logged(stack: Stack) {
    let log = "debug,dialer=trace,engine=trace,workers=trace";
    let env = BTreeMap::from([("RUST_LOG", log.to_owned())]);
    let options = Options {
        env,
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    let api = &dialer.api;
    let ravi = make_user(api, "ravi", "user").await;
    let request = api.request(Method::POST, &keys_of(&ravi));
    let made = request.json(&json!({ "name": "Laptop" })).send().await;
    let made = made.expect("an answer");
    assert_eq!(made.status(), 201);
    assert_eq!(made.headers()["cache-control"], "no-store");
    let made: Value = made.json().await.expect("JSON");
    let mut fields: Vec<&String> = made["data"].as_object().expect("a key").keys().collect();
    fields.sort();
    assert_eq!(fields, ["createdAt", "id", "name", "token"]);
    let token = made["data"]["token"].as_str().expect("a token");
    assert!(token.starts_with("dlr_") && token.len() > 40);
    let as_ravi = dialer.api_as(Some(token));
    as_ravi.get(ME).await.ok();
    for (api, path) in [(api, keys_of(&ravi)), (&as_ravi, keys_of(&ravi))] {
        let listed = api.get(&path).await.ok();
        for key in listed["data"].as_array().expect("keys") {
            let mut fields: Vec<&String> = key.as_object().expect("a key").keys().collect();
            fields.sort();
            assert_eq!(fields, ["createdAt", "id", "name", "revokedAt"]);
        }
        assert!(!listed.to_string().contains(token));
    }
    let key = made["data"]["id"].as_str().expect("an id");
    api.delete(&format!("{}/{key}", keys_of(&ravi))).await.ok();
    as_ravi.get(ME).await.with(401);
    let output = dialer.output();
    assert!(output.contains(key), "the log says which key it was");
    assert!(!output.contains(token), "the log holds the token");
    assert!(
        !output.contains("ravi@example.com"),
        "the log holds an e-mail"
    );
}

async fn the_last_way_in_for_an_administrator_stays_and_the_configured_one_comes_back(
    stack: Stack,
) {
    let mut dialer = Dialer::start(stack, Options::default()).await;
    let api = dialer.api.clone();
    let admin = my_id(&api).await;
    let listed = api.get(&keys_of(&admin)).await.ok();
    assert_eq!(listed["data"][0]["name"], "ADMIN_TOKEN");
    let configured = listed["data"][0]["id"].as_str().expect("an id");
    let path = format!("{}/{configured}", keys_of(&admin));
    // Nobody else who may come in is an administrator.
    dialer.create_user("ann", "user");
    refusal(api.request(Method::DELETE, &path), 409, "last_admin_key").await;
    api.get(ME).await.ok();

    let bea = make_user(&api, "bea", "admin").await;
    refusal(api.request(Method::DELETE, &path), 409, "last_admin_key").await;
    let (key, token) = make_key(&api, &bea, "Laptop").await;
    let as_bea = dialer.api_as(Some(&token));
    as_bea.delete(&path).await.ok();
    api.get(ME).await.with(401);
    let own = format!("{}/{key}", keys_of(&bea));
    refusal(as_bea.request(Method::DELETE, &own), 409, "last_admin_key").await;
    // What stands in the configuration opens again after the next start.
    dialer.web.as_mut().expect("the API").kill();
    dialer.start_web().await;
    assert_eq!(my_id(&dialer.api_as(Some(ADMIN_TOKEN))).await, admin);
    as_bea.delete(&own).await.ok();
    as_bea.get(ME).await.with(401);
}
