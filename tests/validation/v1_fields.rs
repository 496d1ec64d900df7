//! What can be wrong with users, their keys and single calls.

use serde_json::{Value, json};

use super::campaign_fields::{EMPTY, NUL, WRONG_NUMBERS, long, longer_than};
use super::{Wrong, wrong};

/// What can be wrong with a name that is required.
fn names(name: impl Fn(Value, &str) -> Wrong) -> Vec<Wrong> {
    vec![
        name(Value::Null, "cannot be null"),
        name(json!(7), "must be a text"),
        name(json!(" "), EMPTY),
        name(json!("a\0b"), NUL),
        name(json!(long(256)), &longer_than(255)),
    ]
}

/// Users in each of whom one thing is wrong.
pub fn wrong_users() -> Vec<Wrong> {
    let email = |value: Value, message: &str| {
        wrong(json!({ "name": "Asha", "email": value }), "email", message)
    };
    let role = |value: Value, message: &str| {
        let sent = json!({ "name": "Asha", "email": "asha@example.com", "role": value });
        wrong(sent, "role", message)
    };
    let mut all = names(|value, message| {
        let sent = json!({ "name": value, "email": "asha@example.com" });
        wrong(sent, "name", message)
    });
    all.extend([
        wrong(
            json!({ "email": "asha@example.com" }),
            "name",
            "is required",
        ),
        wrong(json!({ "name": "Asha" }), "email", "is required"),
        email(Value::Null, "cannot be null"),
        email(json!([]), "must be a text"),
        email(json!(""), EMPTY),
        email(json!("a\0@example.com"), NUL),
        email(json!(long(321)), &longer_than(320)),
        email(
            json!("nowhere"),
            "is no e-mail address: Missing separator character '@'.",
        ),
        role(json!(true), "must be a text"),
        role(json!("owner"), r#""owner" is not one of admin, user"#),
    ]);
    all
}

/// Keys in each of which one thing is wrong.
pub fn wrong_keys() -> Vec<Wrong> {
    let name = |value: Value, message: &str| wrong(json!({ "name": value }), "name", message);
    let mut all = names(name);
    all.extend([
        wrong(json!({}), "name", "is required"),
        name(json!("ADMIN_TOKEN"), "must not be ADMIN_TOKEN"),
    ]);
    all
}

/// Single calls in each of which one thing is wrong.
pub fn wrong_calls() -> Vec<Wrong> {
    let with = |name: &str, value: Value, message: &str| {
        wrong(
            json!({ "phoneNumber": "+12125550001", name: value }),
            name,
            message,
        )
    };
    let mut all = vec![
        wrong(json!({}), "phoneNumber", "is required"),
        with("phoneNumber", Value::Null, "cannot be null"),
        with("phoneNumber", json!(7), "must be a text"),
        with("region", json!(49), "must be a text"),
        with(
            "region",
            json!("Mars"),
            r#""Mars" is not a region; write the two letters of ISO 3166, such as IN, US or GB"#,
        ),
        with("customParameters", json!([]), "must be an object"),
        with("customParameters", json!({ "a": "b\0" }), NUL),
        with("customParameters", json!({ "a\0": 1 }), NUL),
        with(
            "customParameters",
            json!({ "a": long(16_384) }),
            "must not have more than 16384 bytes as JSON",
        ),
        with(
            "phoneId",
            json!("nobodys"),
            "is not known: its provider has no such number",
        ),
        with(
            "agentId",
            json!("nobody"),
            "is not known: its provider has no such agent",
        ),
    ];
    for name in ["phoneId", "agentId"] {
        all.extend([
            with(name, json!(7), "must be a text"),
            with(name, json!(" "), EMPTY),
            with(name, json!("a\0b"), NUL),
            with(name, json!(long(256)), &longer_than(255)),
        ]);
    }
    all.extend(
        WRONG_NUMBERS.map(|(number, message)| {
            wrong(json!({ "phoneNumber": number }), "phoneNumber", message)
        }),
    );
    all
}
