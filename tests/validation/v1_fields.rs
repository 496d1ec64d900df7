//! What can be wrong with users, their keys, single calls, and campaigns by the names of the second generation.

use serde_json::{Value, json};

use super::campaign_fields::{EMPTY, NUL, WRONG_NUMBERS, long, longer_than, wrong_campaigns};
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

/// What the second generation calls otherwise.
const RENAMED: [(&str, &str); 2] = [("voiceAgentId", "agentId"), ("phoneNumberId", "phoneId")];

/// Campaigns in each of which one thing is wrong: whatever can be wrong in the first generation, and the limits.
pub fn wrong_campaigns_v1() -> Vec<Wrong> {
    let mut all = wrong_campaigns();
    for case in &mut all {
        let fields = case.sent.as_object_mut().expect("fields");
        for (theirs, ours) in RENAMED {
            if let Some(value) = fields.remove(theirs) {
                fields.insert(ours.to_owned(), value);
                case.field = ours.to_owned();
            }
        }
        if let Some(limit) = fields.remove("maxConcurrentCalls") {
            let settings = json!({ "concurrentCallsLimit": limit });
            fields.insert("settings".to_owned(), settings);
            case.field = "settings.concurrentCallsLimit".to_owned();
        }
    }
    let no_object = "settings must be an object";
    all.extend([json!("fast"), json!(5), json!([])].map(|settings| {
        let sent = json!({ "settings": settings });
        wrong(sent, "settings.concurrentCallsLimit", no_object)
    }));
    all
}

/// Verdicts in each of which one thing is wrong.
pub fn wrong_verdicts() -> Vec<Wrong> {
    let verdict = |value: Value, message: &str| {
        let sent = json!({ "isFalsePositive": value });
        wrong(sent, "isFalsePositive", message)
    };
    let missing = "is required: true or false";
    vec![
        wrong(json!({}), "isFalsePositive", missing),
        verdict(Value::Null, "cannot be null"),
        verdict(json!("yes"), "must be true or false"),
        verdict(json!(1), "must be true or false"),
    ]
}

/// Single calls without a number to call from, or without an agent, where none is configured.
pub fn wrong_calls_unconfigured() -> Vec<Wrong> {
    let number = "is required: no caller number is configured for single calls";
    let agent = "is required: no agent is configured for single calls";
    let sent = json!({ "phoneNumber": "+12125550001" });
    vec![
        wrong(sent.clone(), "phoneId", number),
        wrong(sent, "agentId", agent),
    ]
}

/// Single calls with a number and an agent that nobody can look up, as no provider answers.
pub fn wrong_calls_unanswered() -> Vec<Wrong> {
    [("phoneId", "number"), ("agentId", "agent")]
        .map(|(name, what)| {
            let sent = json!({ "phoneNumber": "+12125550001", name: "unheard_of" });
            let message =
                format!("cannot be looked up: the provider of this {what} does not answer now");
            wrong(sent, name, &message)
        })
        .into()
}
