//! What can be wrong with suppressions.

use reqwest::Method;
use serde_json::{Value, json};

use super::campaign_fields::{NUL, WRONG_NUMBERS, long, longer_than};
use super::{Wrong, wrong};

const NUMBER: &str = "+12125550001";
const NO_REGION: &str =
    r#""Mars" is not a region; write the two letters of ISO 3166, such as IN, US or GB"#;

/// What is wrong with one of them, whether it comes alone or with others.
fn everywhere() -> Vec<Wrong> {
    let with = |name: &str, value: Value, message: &str| {
        wrong(json!({ "phoneNumber": NUMBER, name: value }), name, message)
    };
    let mut all = vec![
        wrong(json!({ "reason": "none" }), "phoneNumber", "is required"),
        wrong(
            json!({ "phoneNumber": [] }),
            "phoneNumber",
            "must be a text",
        ),
        with("region", json!("Mars"), NO_REGION),
        with("region", json!({}), "must be a text"),
        with("reason", json!(false), "must be a text"),
        with("reason", json!("a\0b"), NUL),
        with("reason", json!(long(1_001)), &longer_than(1_000)),
    ];
    all.extend(
        WRONG_NUMBERS.map(|(number, message)| {
            wrong(json!({ "phoneNumber": number }), "phoneNumber", message)
        }),
    );
    all
}

/// Suppressions in each of which one thing is wrong.
pub fn wrong_suppressions() -> Vec<Wrong> {
    let mut all = everywhere();
    all.extend([
        wrong(
            json!({ "phoneNumber": null }),
            "phoneNumber",
            "cannot be null",
        ),
        wrong(
            json!({ "phoneNumber": 12_125_550_001_u64 }),
            "phoneNumber",
            "must be a text",
        ),
    ]);
    all
}

/// Rows in each of which one thing is wrong.
pub fn wrong_suppression_rows() -> Vec<Wrong> {
    let mut all = everywhere();
    all.extend([
        wrong(json!({ "phoneNumber": null }), "phoneNumber", "is required"),
        wrong(
            json!(NUMBER),
            "",
            "must be an object with at least a phoneNumber",
        ),
    ]);
    all
}

/// Queries in each of which one thing is wrong: the method, what comes after the list's address, the key that is blamed, and
/// the sentence.
pub fn wrong_suppression_queries() -> Vec<(Method, &'static str, &'static str, &'static str)> {
    let (get, post, delete) = (Method::GET, Method::POST, Method::DELETE);
    let nobody = "there is no such user";
    let digits = "must be part of a phone number: its digits, as they are written";
    let one = "/01900000-0000-7000-8000-000000000000?userId=nobody";
    vec![
        (
            get.clone(),
            "?source=rumour",
            "source",
            r#""rumour" is not one of conversation, api, import"#,
        ),
        (get.clone(), "?search=call%20me", "search", digits),
        (get.clone(), "?search=%2B", "search", digits),
        (get.clone(), "?search=2%00", "search", NUL),
        (get.clone(), "?userId=nobody", "userId", nobody),
        (
            get.clone(),
            "?limit=10001",
            "limit",
            "must be a whole number from 1 to 10000",
        ),
        (
            get.clone(),
            "?page=0",
            "page",
            "must be a whole number from 1 on",
        ),
        (get, one, "userId", nobody),
        (delete, one, "userId", nobody),
        (post.clone(), "?userId=nobody", "userId", nobody),
        (post.clone(), "/import?userId=nobody", "userId", nobody),
        (post, "/import?region=Mars", "region", NO_REGION),
    ]
}
