//! What can be wrong with a change of a contact.

use serde_json::{Value, json};

use super::contact_fields::wrong_contacts;
use super::{Wrong, wrong};

const STATUS: &str = "must be one of pending, canceled, do_not_call, or what it is already";

/// Changes in each of which one thing is wrong: whatever can be wrong with a field of a row, and the status.
pub fn wrong_changes() -> Vec<Wrong> {
    // A change may leave the number out, and ignores fields that nobody knows.
    let makes_sense =
        |sent: &Value| sent["phoneNumber"] == Value::Null || sent["colour"] != Value::Null;
    let mut all = wrong_contacts();
    all.retain(|case| case.sent.is_object() && !makes_sense(&case.sent));
    let status = |value, message| wrong(json!({ "status": value }), "status", message);
    let number = |value| {
        wrong(
            json!({ "phoneNumber": value }),
            "phoneNumber",
            "is required",
        )
    };
    all.extend([
        status(json!("asleep"), STATUS),
        status(json!(""), STATUS),
        status(json!("completed"), STATUS),
        status(json!(5), "must be a text"),
        status(Value::Null, "cannot be null"),
        number(Value::Null),
        number(json!(" ")),
    ]);
    all
}
