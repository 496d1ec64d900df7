//! The named values of a webhook, whichever of three ways they are written: JSON, a form, a form in parts.

use std::collections::BTreeMap;

use domain::PhoneNumber;
use domain::phone::Region;
use futures::{FutureExt as _, stream};
use multer::Multipart;
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::event::EventError;
use crate::word::{is_id, word};

/// Longest body read, in bytes. Genuine ones have about a thousand.
const BODY_MAX: usize = 64 * 1024;

/// Most values read. Genuine callbacks have about twenty.
const FIELDS_MAX: usize = 200;

/// How deep lists and objects are looked into: a leg within a list has two levels, and Exotel wraps some in a third.
const DEPTH_MAX: usize = 4;

/// Longest address kept, in bytes.
const ADDRESS_MAX: usize = 2_048;

/// Values by the path to them: `CallSid`, `Legs.0.Status`. The first of a name counts.
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads `body` as JSON or as a form in parts where the content type says so, else as a form.
    ///
    /// Lists are flattened in forms, in a way that Exotel does not document (`Legs[0][Status]`, perhaps `Legs` with JSON
    /// in it); every likely one is read.
    pub fn read(content_type: Option<&str>, body: &[u8]) -> Result<Self, EventError> {
        if body.len() > BODY_MAX {
            return Err(EventError::TooLarge {
                actual: body.len(),
                allowed: BODY_MAX,
            });
        }
        let mut fields = Self(BTreeMap::new());
        let content_type = content_type.unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/json") {
            let json: Value = serde_json::from_slice(body).map_err(|e| EventError::Unreadable {
                expected: "JSON",
                source: e.into(),
            })?;
            if !json.is_object() {
                return Err(EventError::Unreadable {
                    expected: "a JSON object",
                    source: anyhow::anyhow!("it is something else"),
                });
            }
            fields.flatten("", &json, 0);
        } else if essence.eq_ignore_ascii_case("multipart/form-data") {
            for (name, value) in parts(content_type, body)? {
                fields.put(&name, value);
            }
        } else {
            for (name, value) in form_urlencoded::parse(body).into_owned() {
                fields.put(&name, value);
            }
        }
        Ok(fields)
    }

    fn flatten(&mut self, path: &str, value: &Value, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        match value {
            Value::Object(map) => {
                for (name, value) in map {
                    self.flatten(&format!("{path}.{name}"), value, depth + 1);
                }
            }
            Value::Array(list) => {
                for (index, value) in list.iter().enumerate().take(FIELDS_MAX) {
                    self.flatten(&format!("{path}.{index}"), value, depth + 1);
                }
            }
            Value::String(text) => self.put(path, text.clone()),
            Value::Number(number) => self.put(path, number.to_string()),
            Value::Bool(flag) => self.put(path, flag.to_string()),
            Value::Null => {}
        }
    }

    /// Keeps `value` under `name`, whose brackets and dots mean the same.
    fn put(&mut self, name: &str, value: String) {
        let path: Vec<&str> = name
            .split(['[', ']', '.'])
            .filter(|step| !step.is_empty())
            .collect();
        if path == ["Legs"]
            && let Ok(legs @ Value::Array(_)) = serde_json::from_str(&value)
        {
            return self.flatten("Legs", &legs, 1);
        }
        if self.0.len() < FIELDS_MAX {
            self.0.entry(path.join(".")).or_insert(value);
        }
    }

    /// The value of `name` that is neither empty nor the word for nothing.
    pub fn text(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?.trim();
        let is_nothing = value.is_empty() || value.eq_ignore_ascii_case("null");
        (!is_nothing).then_some(value)
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

    /// A telephone number in whichever form.
    pub fn number(&self, name: &str, region: Region) -> Option<PhoneNumber> {
        super::numbers::read(self.text(name)?, region)
    }
}

/// The parts of a form in parts; files count as texts, for Exotel sends none.
fn parts(content_type: &str, body: &[u8]) -> Result<Vec<(String, String)>, EventError> {
    let unreadable = |source: anyhow::Error| EventError::Unreadable {
        expected: "a form in parts",
        source,
    };
    let boundary = multer::parse_boundary(content_type).map_err(|e| unreadable(e.into()))?;
    let whole = stream::iter([Ok::<_, std::convert::Infallible>(body.to_vec())]);
    let read = async {
        let mut form = Multipart::new(whole, boundary);
        let mut parts = Vec::new();
        while let Some(field) = form.next_field().await? {
            if parts.len() == FIELDS_MAX {
                break;
            }
            let name = field.name().unwrap_or_default().to_owned();
            let value = field.bytes().await?;
            parts.push((name, String::from_utf8_lossy(&value).into_owned()));
        }
        Ok::<_, multer::Error>(parts)
    };
    // The whole body is there, so nothing is ever waited for.
    let read = read.now_or_never();
    read.ok_or_else(|| unreadable(anyhow::anyhow!("it does not end")))?
        .map_err(|e| unreadable(e.into()))
}

/// An http address of bearable length.
pub(super) fn web_address(text: &str) -> Option<Url> {
    let text = Some(text.trim()).filter(|text| text.len() <= ADDRESS_MAX)?;
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.host().is_some()).then_some(url)
}
