//! What strangers say, cut and cleaned so that every database takes it.

use serde_json::Value;

/// Names that providers give to calls, conversations and agents.
pub const NAME_CHARS_MAX: usize = 255;
/// A provider's word for a status.
pub const STATUS_CHARS_MAX: usize = 64;
/// Sentences about what went wrong, and addresses.
pub const ERROR_CHARS_MAX: usize = 2_000;
/// Summaries and single turns of a transcript.
pub const SPEECH_CHARS_MAX: usize = 20_000;

/// `told` without NUL, which Postgres refuses in any text, and no longer than `chars_max`.
#[must_use]
pub fn text(told: &str, chars_max: usize) -> String {
    told.chars()
        .filter(|c| *c != '\0')
        .take(chars_max)
        .collect()
}

/// `told` with every text in it, keys included, without NUL.
#[must_use]
pub fn json(told: &Value) -> Value {
    match told {
        Value::String(told) => Value::String(text(told, usize::MAX)),
        Value::Array(items) => Value::Array(items.iter().map(json).collect()),
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, value)| (text(key, usize::MAX), json(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{json, text};

    #[test]
    fn what_no_database_takes_is_left_out() {
        assert_eq!(text("a\0bc", 2), "ab");
        let told = serde_json::json!({ "k\0": ["x\0", { "y": "\0" }], "n": 1 });
        assert_eq!(
            json(&told),
            serde_json::json!({ "k": ["x", { "y": "" }], "n": 1 })
        );
    }
}
