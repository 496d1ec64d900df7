//! Users and their API keys.

use serde_json::{Value, json};

use super::{NOBODY, delete, get, post};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    users_are_answered_as_agreed,
    keys_are_answered_as_agreed,
    refused_keys_are_answered_as_agreed
);

const USERS: &str = "/api/v1/users";

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

async fn users_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let user = &dialer.create_user("meera", "user").api;
    agreed("v1_me", get(user, "/api/v1/users/me")).await;
    let new = json!({ "name": "Asha Rao", "email": "asha@example.com" });
    agreed("v1_user_created", post(api, USERS, &new)).await;
    agreed("v1_user_email_taken", post(api, USERS, &new)).await;
    let wrong = json!({ "name": "", "email": "nowhere", "role": "owner" });
    agreed("v1_user_create_invalid", post(api, USERS, &wrong)).await;
    agreed("v1_user_create_forbidden", post(user, USERS, &new)).await;
    agreed("v1_users", get(api, USERS)).await;
    let wrong = format!("{USERS}?page=0&limit=101");
    agreed("v1_users_invalid", get(api, &wrong)).await;
    agreed("v1_users_forbidden", get(user, USERS)).await;
    let page = format!("{USERS}?page=2&limit=1");
    agreed("v1_users_page", get(api, &page)).await;
}

async fn refused_keys_are_answered_as_agreed(stack: Stack) {
    /// With the first one as many as can be.
    const MORE: usize = 99;
    let dialer = Dialer::start(stack, Options::default()).await;
    let user = dialer.create_user("meera", "user");
    let keys = format!("{USERS}/{}/api-keys", user.id);
    let new = json!({ "name": "Dashboard" });
    for _ in 0..MORE {
        user.api.post(&keys, new.clone()).await.with(201);
    }
    let another = post(&user.api, &keys, &new);
    agreed("v1_key_one_too_many", another).await;
    let wrong = format!("{keys}?page=0&limit=101");
    agreed("v1_keys_invalid", get(&user.api, &wrong)).await;
    let theirs = format!("{USERS}/{NOBODY}/api-keys");
    let made = post(&user.api, &theirs, &new);
    agreed("v1_key_create_forbidden", made).await;
    let taken_back = delete(&user.api, &format!("{theirs}/{NOBODY}"));
    agreed("v1_key_take_back_forbidden", taken_back).await;
    let nobodys = post(&dialer.api, &theirs, &new);
    agreed("v1_key_create_not_found", nobodys).await;
}

async fn keys_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let user = dialer.create_user("meera", "user");
    let keys = format!("{USERS}/{}/api-keys", user.id);
    let new = json!({ "name": "Dashboard" });
    let made = agreed("v1_key_created", post(&user.api, &keys, &new)).await;
    let wrong = json!({ "name": " " });
    agreed("v1_key_create_invalid", post(&user.api, &keys, &wrong)).await;
    let key = format!("{keys}/{}", text(&made["data"]["id"]));
    agreed("v1_key_taken_back", delete(&user.api, &key)).await;
    agreed("v1_keys", get(&user.api, &keys)).await;
    let unknown = format!("{keys}/{NOBODY}");
    agreed("v1_key_not_found", delete(api, &unknown)).await;
    let nobodys = format!("{USERS}/{NOBODY}/api-keys");
    agreed("v1_keys_not_found", get(api, &nobodys)).await;
    agreed("v1_keys_forbidden", get(&user.api, &nobodys)).await;
    let me = api.get("/api/v1/users/me").await.ok();
    let mine = format!("{USERS}/{}/api-keys", text(&me["data"]["_id"]));
    let listed = api.get(&mine).await.ok();
    let last = format!("{mine}/{}", text(&listed["data"][0]["id"]));
    agreed("v1_key_last_of_an_administrator", delete(api, &last)).await;
}
