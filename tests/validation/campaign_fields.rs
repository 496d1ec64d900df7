//! What can be wrong with the fields of a campaign.

use serde_json::json;

use super::config_fields::{agents, callbacks, objects, schedules, tags, transfers};
use super::{Wrong, wrong};

pub const NUL: &str = "must not contain the character NUL";
pub const EMPTY: &str = "must not be empty";
pub const INSTANT: &str = "must be an instant such as 2026-01-31T09:00:00Z, or a date such as 2026-01-31, from 1970 to 2999";
const TIME: &str = "is not a time of day; write hours and minutes as HH:MM, from 00:00 to 23:59";
const ZONE: &str =
    "is not a time zone; write an IANA name such as Asia/Kolkata, America/New_York or UTC";

/// Everything that can be wrong, each alone in its request. Where a field is wrong in several ways the last one has a
/// message of its own.
pub fn wrong_campaigns() -> Vec<Wrong> {
    [
        texts(),
        instants(),
        hours_and_zones(),
        callers(),
        numbers(),
        objects(),
        agents(),
        schedules(),
        agents(),
        callbacks(),
        transfers(),
        tags(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub fn long(chars: usize) -> String {
    "x".repeat(chars)
}

pub fn longer_than(chars: usize) -> String {
    format!("must not have more than {chars} characters")
}

pub fn within(min: i32, max: i32) -> String {
    format!("must be a whole number from {min} to {max}")
}

fn texts() -> Vec<Wrong> {
    let mut all = vec![
        wrong(json!({ "name": null }), "name", "cannot be null"),
        wrong(json!({ "name": long(256) }), "name", &longer_than(255)),
        wrong(json!({ "description": 5 }), "description", "must be a text"),
        wrong(json!({ "description": "a\0b" }), "description", NUL),
        wrong(
            json!({ "description": long(10_001) }),
            "description",
            &longer_than(10_000),
        ),
        wrong(json!({ "status": true }), "status", "must be a text"),
        wrong(
            json!({ "status": "running" }),
            "status",
            r#""running" is not one of draft, waiting_for_approval, active, paused, completed, canceled"#,
        ),
        wrong(
            json!({ "scheduleType": 1 }),
            "scheduleType",
            "must be a text",
        ),
        wrong(
            json!({ "scheduleType": "sometimes" }),
            "scheduleType",
            "must be immediate or scheduled",
        ),
    ];
    for name in ["name", "phoneNumberId", "voiceAgentId"] {
        all.extend([
            wrong(json!({ name: long(256) }), name, &longer_than(255)),
            wrong(json!({ name: "a\0b" }), name, NUL),
            wrong(json!({ name: [] }), name, "must be a text"),
            wrong(json!({ name: " " }), name, EMPTY),
        ]);
    }
    all
}

fn instants() -> Vec<Wrong> {
    let mut all = vec![
        wrong(
            json!({ "startDate": "2030-02-01T00:00:00Z", "endDate": "2030-01-01T00:00:00Z" }),
            "endDate",
            "the end date 2030-01-01 00:00:00 UTC is not after the start date 2030-02-01 00:00:00 UTC",
        ),
        wrong(
            json!({ "scheduleType": "scheduled", "startDate": null }),
            "startDate",
            "is required where scheduleType is scheduled",
        ),
    ];
    for name in ["startDate", "endDate"] {
        let texts = [
            "",
            "tomorrow",
            "2026-02-30",
            "31.01.2026",
            "1969-12-30",
            "3000-01-01",
            "2026-01-31T25:00:00Z",
        ];
        all.extend(texts.map(|text| wrong(json!({ name: text }), name, INSTANT)));
        all.push(wrong(
            json!({ name: 1_700_000_000 }),
            name,
            "must be a text",
        ));
    }
    all
}

fn hours_and_zones() -> Vec<Wrong> {
    let mut all = vec![
        wrong(json!({ "timezone": 5 }), "timezone", "must be a text"),
        wrong(
            json!({ "timezone": "new york" }),
            "timezone",
            r#""new york" is not a time zone; did you mean America/New_York?"#,
        ),
        wrong(
            json!({ "timezone": "Mars/Olympus" }),
            "timezone",
            &format!("\"Mars/Olympus\" {ZONE}"),
        ),
    ];
    for name in ["dailyStartTime", "dailyEndTime"] {
        all.push(wrong(json!({ name: 9 }), name, "must be a text"));
        let texts = ["", "9:00", "24:00", "12:60", "noon"];
        all.extend(
            texts.map(|text| wrong(json!({ name: text }), name, &format!("{text:?} {TIME}"))),
        );
    }
    all.push(wrong(
        json!({ "dailyStartTime": "09:00", "dailyEndTime": "09:00" }),
        "dailyEndTime",
        "must differ from dailyStartTime; 00:00 for both means the whole day",
    ));
    all
}

/// Numbers to call from, and the region they are written in.
fn callers() -> Vec<Wrong> {
    let mut all = vec![
        wrong(json!({ "region": 49 }), "region", "must be a text"),
        wrong(
            json!({ "region": "Atlantis" }),
            "region",
            r#""Atlantis" is not a region; write the two letters of ISO 3166, such as IN, US or GB"#,
        ),
    ];
    all.push(wrong(
        json!({ "phoneNumber": 12_025_550_100_u64 }),
        "phoneNumber",
        "must be a text",
    ));
    all.extend(
        WRONG_NUMBERS.map(|(number, message)| {
            wrong(json!({ "phoneNumber": number }), "phoneNumber", message)
        }),
    );
    all
}

/// Texts that are no phone numbers, and why.
pub const WRONG_NUMBERS: [(&str, &str); 8] = [
    ("--", "the phone number is empty"),
    (
        "+1202555CALL",
        "'C' does not belong in a phone number; write digits, with spaces, dashes, dots or parentheses if you like",
    ),
    (
        "0049 30 123456",
        "write + instead of 00 before the country code",
    ),
    (
        "+999 123456789",
        "no country has the code that follows the +",
    ),
    (
        "+1 202 555",
        "a number of +1 has 10 digits after the country code, and not 6",
    ),
    (
        "+43 1",
        "a number of +43 has 5 to 13 digits after the country code, and not 1",
    ),
    (
        "+123456789012345678901234567890",
        "a phone number has at most 15 digits, country code included",
    ),
    (
        "2025550100",
        "write the number with + and country code, or say which region it belongs to",
    ),
];

fn numbers() -> Vec<Wrong> {
    let mut all = Vec::new();
    for (name, min, max) in [
        ("maxConcurrentCalls", 1, 10_000),
        ("callAttemptsPerContact", 1, 50),
        ("retryDelay", 0, 10_080),
    ] {
        for value in [json!("5"), json!(2.5), json!(true), json!(1e300)] {
            all.push(wrong(
                json!({ name: value }),
                name,
                "must be a whole number",
            ));
        }
        for value in [i64::from(max) + 1, i64::MAX, i64::from(min) - 1] {
            all.push(wrong(json!({ name: value }), name, &within(min, max)));
        }
    }
    all
}
