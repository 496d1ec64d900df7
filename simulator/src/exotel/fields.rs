//! A create request, read and judged.

use std::collections::HashMap;

use url::{Url, form_urlencoded};
use uuid::Uuid;

use super::account::ExotelAccount;
use super::call::Settings;
use super::error::ApiError;

/// Default and bound of `TimeOut`, in seconds.
const TIMEOUT_S: u64 = 60;

/// Bound of `TimeLimit`, in seconds.
const TIME_LIMIT_S_MAX: u64 = 14_400;

/// Longest `CustomField`, in characters.
const CUSTOM_FIELD_MAX: usize = 128;

/// The decoded pairs of a form or of a query; unknown names do no harm, of a repeated one the first counts.
#[derive(Default)]
pub(crate) struct Fields(HashMap<String, String>);

impl Fields {
    pub fn parse(encoded: &[u8]) -> Self {
        let mut fields = HashMap::new();
        for (name, value) in form_urlencoded::parse(encoded).into_owned() {
            fields.entry(name).or_insert(value);
        }
        Self(fields)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// The values of a list, whichever way its names are written: `Name`, `Name[]`, `Name[0]`.
    fn list(&self, name: &str) -> Vec<&str> {
        let is_item = |key: &str| key.split('[').next() == Some(name);
        let items = self.0.iter().filter(|(key, _)| is_item(key));
        items.flat_map(|(_, value)| value.split(',')).collect()
    }

    /// The dialer's own id of the call: `CustomField`, or the UUID after `calls` in the callback's address.
    pub fn call_id(&self) -> Option<Uuid> {
        let custom = self.get("CustomField");
        custom.and_then(|text| text.parse().ok()).or_else(|| {
            let url = Url::parse(self.get("StatusCallback")?).ok()?;
            let mut segments = url.path_segments()?;
            segments.by_ref().find(|segment| *segment == "calls")?;
            segments.next()?.parse().ok()
        })
    }

    fn seconds(&self, name: &str, default: u64, most: u64) -> Result<u64, ApiError> {
        let Some(text) = self.get(name) else {
            return Ok(default);
        };
        match text.parse() {
            Ok(seconds) if (1..=most).contains(&seconds) => Ok(seconds),
            _ => Err(ApiError::invalid(format!(
                "{name} must be 1 to {most}, not {text}"
            ))),
        }
    }
}

/// A create request that can be carried out.
pub(crate) struct ConnectRequest {
    /// The person, E.164.
    pub to: String,
    /// The ExoPhone, E.164.
    pub from: String,
    pub settings: Settings,
}

impl ConnectRequest {
    /// # Errors
    /// Exotel's error of the first thing that is wrong.
    pub fn read(fields: &Fields, account: &ExotelAccount) -> Result<Self, ApiError> {
        let called = fields
            .get("From")
            .ok_or_else(|| ApiError::invalid("From is mandatory"))?;
        let to = account
            .e164(called)
            .ok_or_else(|| ApiError::invalid(format!("Invalid From number {called}")))?;
        let shown = fields
            .get("CallerId")
            .ok_or_else(|| ApiError::invalid("CallerId is mandatory"))?;
        let from = account
            .e164(shown)
            .filter(|from| account.numbers.iter().any(|own| own.phone_number == *from))
            .ok_or_else(|| ApiError::invalid(format!("CallerId {shown} is not yours")))?;
        let flow = fields.get("Url").and_then(|text| Url::parse(text).ok());
        if !flow.is_some_and(|url| url.path().contains("/exoml/start_voice/")) {
            return Err(ApiError::invalid("Url must be the address of a flow"));
        }
        let settings = settings(fields)?;
        Ok(Self { to, from, settings })
    }
}

fn settings(fields: &Fields) -> Result<Settings, ApiError> {
    let custom_field = fields.get("CustomField");
    if custom_field.is_some_and(|text| text.chars().count() > CUSTOM_FIELD_MAX) {
        return Err(ApiError::invalid("CustomField is too long"));
    }
    let status_callback = fields.get("StatusCallback");
    if status_callback.is_some_and(|text| !is_http(text)) {
        return Err(ApiError::invalid("StatusCallback is not a valid address"));
    }
    let events = fields.list("StatusCallbackEvents");
    if let Some(word) = events
        .iter()
        .find(|e| !matches!(**e, "terminal" | "answered"))
    {
        let message = format!("StatusCallbackEvents: {word} is unknown");
        return Err(ApiError::invalid(message));
    }
    Ok(Settings {
        status_callback: status_callback.map(Into::into),
        wants_answered: events.contains(&"answered"),
        has_events: !events.is_empty(),
        wants_json: fields.get("StatusCallbackContentType") == Some("application/json"),
        timeout_s: fields.seconds("TimeOut", TIMEOUT_S, TIMEOUT_S)?,
        time_limit_s: fields.seconds("TimeLimit", TIME_LIMIT_S_MAX, TIME_LIMIT_S_MAX)?,
        is_recorded: fields.get("Record") == Some("true"),
        custom_field: custom_field.map(Into::into),
    })
}

fn is_http(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
