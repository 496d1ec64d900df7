//! What can be wrong with the objects and lists of a campaign.

use serde_json::{Value, json};

use super::campaign_fields::{EMPTY, NUL, long, longer_than, within};
use super::{Wrong, wrong};

const DAY: &str = "must be a day of the week: 1 for Monday to 6 for Saturday, 0 or 7 for Sunday";
const DATE: &str = "must be a date such as 2026-12-25";
const LANGUAGE: &str = "must be a language such as en or pt-BR";
const SIP: &str = "must be a SIP address such as sip:support@example.com";

pub fn objects() -> Vec<Wrong> {
    let mut all = Vec::new();
    for name in [
        "agentConfig",
        "scheduleConfig",
        "callbackConfig",
        "transferConfig",
        "metadata",
    ] {
        all.extend([
            wrong(json!({ name: { "deep": [{ "er": "a\0b" }] } }), name, NUL),
            wrong(json!({ name: { "a\0b": 1 } }), name, NUL),
            wrong(json!({ name: [] }), name, "must be an object"),
        ]);
    }
    all
}

/// Something wrong with a key of an object.
fn within_object(object: &str, key: &str, value: Value, at: &str, message: &str) -> Wrong {
    wrong(
        json!({ object: { key: value } }),
        &format!("{object}.{key}{at}"),
        message,
    )
}

pub fn agents() -> Vec<Wrong> {
    let agent = |key, value, message: &str| within_object("agentConfig", key, value, "", message);
    let machines = |key: &str, value: Value, message: &str| {
        let at = format!(".{key}");
        within_object(
            "agentConfig",
            "voicemail",
            json!({ key: value }),
            &at,
            message,
        )
    };
    vec![
        agent("language", json!(true), "must be a text"),
        agent("language", json!("English"), LANGUAGE),
        agent("language", json!("e"), LANGUAGE),
        agent("language", json!("en-"), LANGUAGE),
        agent("firstMessage", json!(""), EMPTY),
        agent("firstMessage", json!(long(2_001)), &longer_than(2_000)),
        agent("prompt", json!(["Sell"]), "must be a text"),
        agent("prompt", json!(long(20_001)), &longer_than(20_000)),
        agent("voiceId", json!(" "), EMPTY),
        agent("voiceId", json!(long(256)), &longer_than(255)),
        agent("maxDurationSeconds", json!(9), &within(10, 14_400)),
        agent("maxDurationSeconds", json!(14_401), &within(10, 14_400)),
        agent("maxDurationSeconds", json!("60"), "must be a whole number"),
        agent("voicemail", json!("hang_up"), "must be an object"),
        machines("action", json!(false), "must be a text"),
        machines(
            "action",
            json!("beep"),
            "\"beep\" is not one of hang_up, leave_to_agent",
        ),
        machines("retry", json!("no"), "must be true or false"),
        agent("route", json!(1), "must be a text"),
        agent(
            "route",
            json!("pigeon"),
            "\"pigeon\" is not one of stream, sip, agent",
        ),
        agent("record", json!("yes"), "must be true or false"),
        agent("record", json!(1), "must be true or false"),
    ]
}

pub fn schedules() -> Vec<Wrong> {
    let schedule =
        |key, value, at, message| within_object("scheduleConfig", key, value, at, message);
    vec![
        schedule(
            "useContactTimezone",
            json!("yes"),
            "",
            "must be true or false",
        ),
        schedule("excludeDates", json!("2026-12-25"), "", "must be a list"),
        schedule(
            "excludeDates",
            json!(vec!["2026-12-25"; 3_661]),
            "",
            "must not have more than 3660 entries",
        ),
        schedule(
            "excludeDates",
            json!(["2026-12-25", "25.12.2026"]),
            "[1]",
            DATE,
        ),
        schedule("excludeDates", json!([20_261_225]), "[0]", "must be a text"),
        schedule("daysOfWeek", json!(1), "", "must be a list"),
        schedule(
            "daysOfWeek",
            json!(vec![1; 15]),
            "",
            "must not have more than 14 entries",
        ),
        schedule("daysOfWeek", json!([null]), "[0]", "cannot be null"),
        schedule(
            "daysOfWeek",
            json!(["Monday"]),
            "[0]",
            "must be a whole number",
        ),
        schedule("daysOfWeek", json!([1, 2, 8]), "[2]", DAY),
    ]
}

pub fn callbacks() -> Vec<Wrong> {
    let callback =
        |key, value, message: &str| within_object("callbackConfig", key, value, "", message);
    vec![
        callback("enabled", json!(1), "must be true or false"),
        callback("maxAttempts", json!("two"), "must be a whole number"),
        callback("maxAttempts", json!(-1), &within(0, 50)),
        callback("maxAttempts", json!(51), &within(0, 50)),
        callback("delayMinutes", json!("soon"), "must be a whole number"),
        callback("delayMinutes", json!(10_081), &within(0, 10_080)),
    ]
}

pub fn transfers() -> Vec<Wrong> {
    let transfer =
        |key, value, at, message| within_object("transferConfig", key, value, at, message);
    let mut all = vec![
        transfer("enabled", json!("no"), "", "must be true or false"),
        transfer("transferTargets", json!({}), "", "must be a list"),
        transfer(
            "transferTargets",
            json!(vec![phone("+18005557890"); 51]),
            "",
            "must not have more than 50 entries",
        ),
        transfer(
            "transferTargets",
            json!(["Sales"]),
            "[0]",
            "must be an object",
        ),
    ];
    for (target, field, message) in wrong_targets() {
        let good = phone("+18005557890");
        let at = format!("[1].{field}");
        all.push(within_object(
            "transferConfig",
            "transferTargets",
            json!([good, target]),
            &at,
            message,
        ));
    }
    all
}

/// Targets of a transfer in each of which one thing is wrong: with which key, and what.
fn wrong_targets() -> Vec<(Value, &'static str, &'static str)> {
    let number = "+18005557890";
    vec![
        (
            json!({ "type": "phone", "number": number }),
            "name",
            "is required",
        ),
        (
            json!({ "type": "phone", "number": number, "name": 5 }),
            "name",
            "must be a text",
        ),
        (
            json!({ "type": "phone", "number": number, "name": "" }),
            "name",
            EMPTY,
        ),
        (
            json!({ "type": "phone", "number": number, "name": long(256) }),
            "name",
            "must not have more than 255 characters",
        ),
        (
            json!({ "name": "Sales", "number": number }),
            "type",
            "is required",
        ),
        (
            json!({ "name": "Sales", "type": null, "number": number }),
            "type",
            "is required",
        ),
        (
            json!({ "name": "Sales", "type": "fax", "number": number }),
            "type",
            "must be phone or sip",
        ),
        (
            json!({ "name": "Sales", "type": "phone" }),
            "number",
            "is required",
        ),
        (
            json!({ "name": "Sales", "type": "phone", "number": null }),
            "number",
            "is required",
        ),
        (
            phone("none"),
            "number",
            "'n' does not belong in a phone number; write digits, with spaces, dashes, dots or parentheses if you like",
        ),
        (
            json!({ "name": "Help", "type": "sip" }),
            "endpoint",
            "is required",
        ),
        (sip("http://example.com"), "endpoint", SIP),
        (sip(""), "endpoint", EMPTY),
        (
            json!({ "name": "Sales", "type": "phone", "number": number, "enabled": "no" }),
            "enabled",
            "must be true or false",
        ),
    ]
}

fn phone(number: &str) -> Value {
    json!({ "name": "Sales", "type": "phone", "number": number })
}

fn sip(endpoint: &str) -> Value {
    json!({ "name": "Help", "type": "sip", "endpoint": endpoint })
}

pub fn tags() -> Vec<Wrong> {
    vec![
        wrong(json!({ "tags": "sales" }), "tags", "must be a list"),
        wrong(
            json!({ "tags": vec!["x"; 101] }),
            "tags",
            "must not have more than 100 entries",
        ),
        wrong(json!({ "tags": ["good", 5] }), "tags[1]", "must be a text"),
        wrong(json!({ "tags": [null] }), "tags[0]", "cannot be null"),
        wrong(json!({ "tags": ["a\0b"] }), "tags[0]", NUL),
        wrong(json!({ "tags": [long(101)] }), "tags[0]", &longer_than(100)),
        wrong(json!({ "tags": ["good", " "] }), "tags[1]", EMPTY),
    ]
}
