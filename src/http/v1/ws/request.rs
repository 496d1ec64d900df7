//! What clients say.

use std::collections::BTreeSet;

use domain::CampaignId;
use engine::live::Which;
use engine::live::wanted::CAMPAIGNS_MAX;
use engine::{EngineError, FieldError};
use serde_json::{Map, Value};

/// Bytes of a message: a thousand ids and some air.
pub(super) const MESSAGE_BYTES_MAX: usize = 64 << 10;

/// What a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// To hear of these as well.
    Subscribe(Which),
    /// To hear of these no more.
    Unsubscribe(Which),
    /// For a sign of life.
    Ping,
}

/// What `text` asks for.
///
/// # Errors
/// `TooLarge`, `Unreadable`, or `Invalid` with everything that is wrong.
pub(super) fn read(text: &str) -> Result<Asked, EngineError> {
    if text.len() > MESSAGE_BYTES_MAX {
        let message = format!("a message has at most {MESSAGE_BYTES_MAX} bytes");
        return Err(EngineError::TooLarge(message));
    }
    let message: Value = serde_json::from_str(text)
        .map_err(|error| EngineError::Unreadable(format!("the message is no JSON: {error}")))?;
    let Value::Object(message) = message else {
        let sentence = "the message must be an object such as {\"type\":\"ping\"}";
        return Err(EngineError::Unreadable(sentence.to_owned()));
    };
    match message.get("type").and_then(Value::as_str) {
        Some("subscribe") => which(&message).map(Asked::Subscribe),
        Some("unsubscribe") => which(&message).map(Asked::Unsubscribe),
        Some("ping") => Ok(Asked::Ping),
        _ => Err(EngineError::invalid(
            "type",
            "must be subscribe, unsubscribe or ping",
        )),
    }
}

fn which(message: &Map<String, Value>) -> Result<Which, EngineError> {
    let ids = match message.get("campaigns") {
        Some(Value::String(word)) if word == "all" => return Ok(Which::All),
        Some(Value::Array(ids)) => ids,
        _ => {
            let sentence = "must be a list of campaigns' ids, or \"all\"";
            return Err(EngineError::invalid("campaigns", sentence));
        }
    };
    if ids.len() > CAMPAIGNS_MAX {
        let sentence = format!("must be at most {CAMPAIGNS_MAX}; subscribe to all instead");
        return Err(EngineError::invalid("campaigns", sentence));
    }
    let mut these: BTreeSet<CampaignId> = BTreeSet::new();
    let mut wrong = Vec::new();
    for (index, id) in ids.iter().enumerate() {
        match id.as_str().and_then(|id| id.parse().ok()) {
            Some(id) => drop(these.insert(id)),
            None => wrong.push(FieldError::new(
                format!("campaigns[{index}]"),
                "must be a campaign's id",
            )),
        }
    }
    if wrong.is_empty() {
        Ok(Which::These(these))
    } else {
        Err(EngineError::Invalid(wrong))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_wrong_with_a_message_is_told_at_once() {
        let text =
            r#"{"type":"subscribe","campaigns":["0190f3c2-7d4e-7a31-9c55-0123456789ab",5,"x"]}"#;
        let Err(EngineError::Invalid(errors)) = read(text) else {
            panic!("it is wrong");
        };
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["campaigns[1]", "campaigns[2]"]);
    }

    #[test]
    fn a_message_is_bounded() {
        let long = format!(
            r#"{{"type":"ping","x":"{}"}}"#,
            "y".repeat(MESSAGE_BYTES_MAX)
        );
        assert!(matches!(read(&long), Err(EngineError::TooLarge(_))));
        let id = "0190f3c2-7d4e-7a31-9c55-0123456789ab";
        let many =
            serde_json::json!({ "type": "subscribe", "campaigns": vec![id; CAMPAIGNS_MAX + 1] });
        assert!(matches!(
            read(&many.to_string()),
            Err(EngineError::Invalid(_))
        ));
    }
}
