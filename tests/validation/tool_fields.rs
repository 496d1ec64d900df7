//! What can be wrong with what an agent sends.

use serde_json::{Value, json};
use uuid::Uuid;

use super::campaign_fields::{EMPTY, NUL, long, longer_than};
use super::{Wrong, wrong};

const TIME: &str = "must be a time such as 2030-06-03T15:30";
const MINUTES: &str = "must be a number from 1 to 525600";

/// Requests in each of which one thing is wrong, with the tool they are sent to.
pub fn wrong_tools() -> Vec<(&'static str, Wrong)> {
    let mut all = Vec::new();
    for (tool, rest) in [
        ("transfer", json!({ "target": "Sales Team" })),
        ("schedule-callback", json!({})),
        ("do-not-call", json!({})),
        ("get-contact", json!({})),
    ] {
        let call = |id: Value, message| {
            let mut sent = rest.clone();
            sent["call_id"] = id;
            (tool, wrong(sent, "call_id", message))
        };
        all.extend([
            (tool, wrong(rest.clone(), "call_id", "is required")),
            call(Value::Null, "cannot be null"),
            call(json!(5), "must be a text"),
            call(json!(""), "must be the dynamic variable call_id"),
            call(json!("{{call_id}}"), "must be the dynamic variable call_id"),
        ]);
    }
    all.extend(transfers().map(|case| ("transfer", case)));
    all.extend(callbacks().map(|case| ("schedule-callback", case)));
    all
}

fn transfers() -> impl Iterator<Item = Wrong> {
    let id = Uuid::now_v7();
    let missing = wrong(json!({ "call_id": id }), "target", "is required");
    let target = move |value: Value, message: &str| {
        wrong(json!({ "call_id": id, "target": value }), "target", message)
    };
    [
        missing,
        target(Value::Null, "cannot be null"),
        target(json!(["Sales Team"]), "must be a text"),
        target(json!(" "), EMPTY),
        target(json!("a\0b"), NUL),
        target(json!(long(256)), &longer_than(255)),
    ]
    .into_iter()
}

fn callbacks() -> impl Iterator<Item = Wrong> {
    let id = Uuid::now_v7();
    let at = move |value: Value, message: &str| {
        wrong(json!({ "call_id": id, "at": value }), "at", message)
    };
    let soon = move |value: Value, message: &str| {
        let sent = json!({ "call_id": id, "in_minutes": value });
        wrong(sent, "in_minutes", message)
    };
    let both = json!({ "call_id": id, "at": "2030-06-03T15:30", "in_minutes": 5 });
    let one_of_them = "must be left out where `at` is given";
    [
        at(json!(1_700_000_000), "must be a text"),
        at(json!("tomorrow"), TIME),
        at(json!("2030-02-30T15:30"), TIME),
        at(json!("15:30"), TIME),
        at(json!("2030-06-03"), TIME),
        at(json!("a\0b"), NUL),
        at(json!(long(65)), &longer_than(64)),
        soon(json!("five"), "must be a whole number"),
        soon(json!(0), MINUTES),
        soon(json!(525_601), MINUTES),
        soon(json!(i64::MIN), MINUTES),
        wrong(both, "in_minutes", one_of_them),
    ]
    .into_iter()
}
