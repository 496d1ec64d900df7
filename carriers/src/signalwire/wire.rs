//! SignalWire's forms and JSON, as they travel. Every field is optional: what is missing is decided where it is needed.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::Callback;
use super::fields;
use super::status::{self, CarrierStatus};
use crate::carrier::{FoundCall, PlaceCall, Price};
use crate::word::is_id;

/// The form that creates a call.
///
/// Source: SignalWire, Compatibility API, "Create a Call". A list repeats its name.
pub(super) fn create_form(call: &PlaceCall) -> Vec<(&'static str, String)> {
    let callback = |which: Callback| which.url(&call.webhook_base).into();
    let mut form: Vec<(&'static str, String)> = vec![
        ("To", call.to.expose().to_owned()),
        ("From", call.from.expose().to_owned()),
        ("Url", callback(Callback::Answer)),
        ("StatusCallback", callback(Callback::Status)),
    ];
    for event in ["initiated", "ringing", "answered", "completed"] {
        form.push(("StatusCallbackEvent", event.to_owned()));
    }
    if call.detect_machine {
        // Asynchronous, so that the person does not wait in silence for the verdict.
        form.push(("MachineDetection", "Enable".to_owned()));
        form.push(("AsyncAmd", "true".to_owned()));
        form.push((
            "AsyncAmdStatusCallback",
            callback(Callback::MachineDetection),
        ));
    }
    form.push(("Timeout", call.ring_timeout_s.to_string()));
    if call.record {
        form.push(("Record", "true".to_owned()));
        form.push(("RecordingStatusCallback", callback(Callback::Recording)));
        form.push(("RecordingStatusCallbackEvent", "completed".to_owned()));
    }
    form
}

/// A call, as it is created, fetched, updated and listed.
#[derive(Debug, Deserialize)]
pub(super) struct Call {
    pub sid: Option<String>,
    pub parent_call_sid: Option<String>,
    pub to: Option<String>,
    pub from: Option<String>,
    pub direction: Option<String>,
    date_created: Option<String>,
    status: Option<String>,
    duration: Option<Value>,
    price: Option<Value>,
    price_unit: Option<String>,
    answered_by: Option<String>,
}

impl Call {
    pub fn status(&self) -> CarrierStatus {
        CarrierStatus::from_word(self.status.as_deref().unwrap_or_default())
    }

    /// When SignalWire took the call on.
    pub fn created_at(&self) -> Option<DateTime<Utc>> {
        self.date_created.as_deref().and_then(fields::instant)
    }

    /// The call in our words; `None` where it has no usable name.
    pub fn into_found(self) -> Option<FoundCall> {
        let created_at = self.created_at();
        let status = self.status();
        let carrier_call_id = self.sid.filter(|sid| is_id(sid))?;
        let duration_s = self.duration.as_ref().and_then(seconds);
        Some(FoundCall {
            news: status::news(
                &carrier_call_id,
                &status,
                self.answered_by.as_deref().and_then(status::answered_by),
                duration_s,
            ),
            created_at,
            duration_s: duration_s.filter(|_| status.is_final()),
            price: self
                .price
                .as_ref()
                .and_then(|price| money(price, self.price_unit.as_deref())),
            status: status.as_str().to_owned(),
            carrier_call_id,
        })
    }
}

/// One page of a list of calls.
#[derive(Debug, Deserialize)]
pub(super) struct CallPage {
    pub calls: Vec<Call>,
    pub next_page_uri: Option<String>,
}

/// One page of a list of numbers.
#[derive(Debug, Deserialize)]
pub(super) struct NumberPage {
    pub incoming_phone_numbers: Vec<Number>,
    pub next_page_uri: Option<String>,
}

/// A number of the project.
#[derive(Debug, Deserialize)]
pub(super) struct Number {
    pub sid: Option<String>,
    pub phone_number: Option<String>,
    pub friendly_name: Option<String>,
    pub capabilities: Option<Value>,
}

/// Seconds, as a number (SignalWire) or as text (Twilio, whose API this is).
fn seconds(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => number.as_u64().and_then(|s| u32::try_from(s).ok()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// An amount, as a number or as text, negative where Twilio's habit of showing costs is followed.
fn money(value: &Value, unit: Option<&str>) -> Option<Price> {
    let amount = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    Price::from_amount(amount, unit.unwrap_or("USD"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_price_is_read_as_number_or_text_and_never_negative() {
        let usd = |micros| {
            Some(Price {
                micros,
                currency: "USD".to_owned(),
            })
        };
        assert_eq!(money(&json!(0.0085), None), usd(8_500));
        assert_eq!(money(&json!("-0.00750"), Some("usd")), usd(7_500));
        assert_eq!(money(&json!(null), None), None);
        assert_eq!(money(&json!("free"), None), None);
    }

    #[test]
    fn a_duration_is_read_as_number_or_text() {
        assert_eq!(seconds(&json!(94)), Some(94));
        assert_eq!(seconds(&json!("94")), Some(94));
        assert_eq!(seconds(&json!(-1)), None);
    }
}
