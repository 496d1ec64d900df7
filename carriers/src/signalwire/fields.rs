//! The named values of a webhook, whichever way they are written.

use chrono::{DateTime, Utc};
use domain::PhoneNumber;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::event::EventError;
use crate::word::{is_id, word};

/// Longest body read, in bytes. Genuine ones have about two thousand.
const BODY_MAX: usize = 64 * 1024;

/// Name and value pairs, in order of arrival.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `body` as JSON where the content type says so, else as a form.
    ///
    /// Every cXML request is "like a web form submission" (SignalWire, cXML, "Webhooks"); their generated OpenAPI calls
    /// the same payload JSON. Both are read, as the sender labels it.
    pub fn read(content_type: Option<&str>, body: &[u8]) -> Result<Self, EventError> {
        if body.len() > BODY_MAX {
            return Err(EventError::TooLarge {
                actual: body.len(),
                allowed: BODY_MAX,
            });
        }
        if !is_json(content_type) {
            return Ok(Self(form_urlencoded::parse(body).into_owned().collect()));
        }
        let object: Map<String, Value> =
            serde_json::from_slice(body).map_err(|e| EventError::Unreadable {
                expected: "a JSON object",
                source: e.into(),
            })?;
        let text = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        Ok(Self(
            object
                .into_iter()
                .filter_map(|(name, v)| Some((name, text(v)?)))
                .collect(),
        ))
    }

    /// The first value under `name` that is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let mut values = self
            .0
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, value)| value.trim());
        values.find(|value| !value.is_empty())
    }

    /// A short word: what is longer than any genuine one is cut off.
    pub fn word(&self, name: &str) -> Option<String> {
        self.text(name).map(word)
    }

    /// The name of a call; an event without it belongs to nothing.
    pub fn id(&self, name: &'static str) -> Result<String, EventError> {
        match self.text(name) {
            Some(text) if is_id(text) => Ok(text.to_owned()),
            _ => Err(EventError::Field { field: name }),
        }
    }

    /// A whole number.
    pub fn whole(&self, name: &str) -> Option<u32> {
        self.text(name)?.parse().ok()
    }

    /// A point in time.
    pub fn instant(&self, name: &str) -> Option<DateTime<Utc>> {
        instant(self.text(name)?)
    }

    /// A telephone number; `None` where it is something else, such as a SIP address.
    pub fn number(&self, name: &str) -> Option<PhoneNumber> {
        PhoneNumber::parse(self.text(name)?, None).ok()
    }
}

/// True where `content_type` names JSON, with or without parameters.
pub(super) fn is_json(content_type: Option<&str>) -> bool {
    let essence = content_type
        .and_then(|text| text.split(';').next())
        .unwrap_or_default()
        .trim();
    essence.eq_ignore_ascii_case("application/json")
        || essence.to_ascii_lowercase().ends_with("+json")
}

/// Reads RFC 2822, which the Compatibility API writes, or RFC 3339, which SignalWire's newer interfaces write.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text)
        .or_else(|_| DateTime::parse_from_rfc3339(text))
        .ok()
        .map(|at| at.with_timezone(&Utc))
}
