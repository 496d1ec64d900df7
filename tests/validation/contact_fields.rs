//! What can be wrong with the rows of an import.

use serde_json::{Value, json};

use super::campaign_fields::WRONG_NUMBERS;
use super::{Wrong, wrong};

const NUL: &str = "must not contain the character NUL";
const NUMBER: &str = "+12125550001";

/// Rows in each of which one thing is wrong.
pub fn wrong_contacts() -> Vec<Wrong> {
    let row = |name: &str, value: Value, message: &str| {
        wrong(json!({ "phoneNumber": NUMBER, name: value }), name, message)
    };
    let mut all = vec![
        wrong(json!({ "name": "Nobody" }), "phoneNumber", "is required"),
        wrong(json!({ "phoneNumber": null }), "phoneNumber", "is required"),
        wrong(
            json!({ "phoneNumber": [] }),
            "phoneNumber",
            "must be a text",
        ),
        wrong(
            json!(NUMBER),
            "",
            "must be an object with at least a phoneNumber",
        ),
        row(
            "email",
            json!("nowhere"),
            "is no e-mail address: Missing separator character '@'.",
        ),
        row("email", json!(false), "must be a text"),
        row(
            "timezone",
            json!("IST"),
            r#""IST" is not a time zone; write an IANA name such as Asia/Kolkata, America/New_York or UTC"#,
        ),
        row(
            "timezone",
            json!("berlin"),
            r#""berlin" is not a time zone; did you mean Europe/Berlin?"#,
        ),
        row("timezone", json!({}), "must be a text"),
        row("metadata", json!([1]), "must be an object"),
        row("metadata", json!("no object"), "must be an object"),
        row("metadata", json!({ "a": "b\0c" }), NUL),
        row(
            "metadata",
            json!({ "a": "x".repeat(16_384) }),
            "must not have more than 16384 bytes",
        ),
        wrong(
            json!({ "phoneNumber": NUMBER, "colour": "a\0b" }),
            "metadata",
            NUL,
        ),
    ];
    for name in ["name", "firstName", "lastName"] {
        all.extend([
            row(name, json!({}), "must be a text"),
            row(name, json!("a\0b"), NUL),
            row(
                name,
                json!("x".repeat(256)),
                "must not have more than 255 characters",
            ),
        ]);
    }
    all.extend(
        WRONG_NUMBERS.map(|(number, message)| {
            wrong(json!({ "phoneNumber": number }), "phoneNumber", message)
        }),
    );
    all
}

/// Tables in each of which one thing is wrong: the field that is blamed, and the sentence.
pub fn wrong_tables() -> Vec<(Vec<u8>, &'static str, &'static str)> {
    vec![
        (
            b"first;second\n1;2\n".to_vec(),
            "phoneNumber",
            "the first line must name the columns, one of them phoneNumber (or phone, phone_number, number)",
        ),
        (
            b"phone,name\n+12125550001,John,Doe\n".to_vec(),
            "",
            "the row has 3 cells, the first line names only 2 columns",
        ),
        (
            b"phone,name\n+12125550001,Jos\xe9\n".to_vec(),
            "name",
            "is not written in UTF-8",
        ),
    ]
}
