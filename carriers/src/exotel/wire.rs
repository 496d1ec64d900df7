//! Exotel's forms and JSON, as they travel. Every field is optional: what is missing is decided where it is needed.

use domain::PhoneNumber;
use serde::Deserialize;
use serde_json::Value;

use super::clock::Clock;
use super::{Callback, ExotelConfig, fields, numbers, status};
use crate::carrier::{FoundCall, PlaceCall, Price};
use crate::word::{is_id, word};

/// The longest ringing Exotel grants, in seconds.
const RING_TIMEOUT_S_MAX: u16 = 60;

/// The form that calls a person and connects them to the flow.
///
/// Source: Exotel, "Connect Number to Call Flow". `From` is who is called first, here the only one. The callback's
/// content type is a form unless asked otherwise.
pub(super) fn connect_form(call: &PlaceCall, config: &ExotelConfig) -> Vec<(&'static str, String)> {
    let ring_s = call.ring_timeout_s.clamp(1, RING_TIMEOUT_S_MAX);
    let mut form: Vec<(&'static str, String)> = vec![
        ("From", call.to.expose().to_owned()),
        (
            "CallerId",
            config.caller_id_form.write(&call.from, config.region),
        ),
        ("Url", config.flow_url.to_string()),
        ("CallType", "trans".to_owned()),
        ("TimeLimit", config.time_limit_s.to_string()),
        ("TimeOut", ring_s.to_string()),
        ("CustomField", call.call_id.to_string()),
        (
            "StatusCallback",
            Callback::Status.url(&call.webhook_base).into(),
        ),
        ("StatusCallbackEvents[0]", "terminal".to_owned()),
        ("StatusCallbackEvents[1]", "answered".to_owned()),
        ("StatusCallbackContentType", "application/json".to_owned()),
    ];
    if call.record {
        form.push(("Record", "true".to_owned()));
    }
    form
}

/// One call by itself.
#[derive(Debug, Deserialize)]
pub(super) struct CallEnvelope {
    #[serde(rename = "Call")]
    pub call: Call,
}

/// A call, as it is created, fetched and listed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Call {
    pub sid: Option<String>,
    pub date_created: Option<String>,
    from: Option<String>,
    to: Option<String>,
    phone_number_sid: Option<String>,
    status: Option<String>,
    duration: Option<Value>,
    price: Option<Value>,
    pub direction: Option<String>,
    answered_by: Option<String>,
    recording_url: Option<String>,
    details: Option<Details>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Details {
    conversation_duration: Option<Value>,
}

/// One page of a list of calls.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CallPage {
    pub calls: Vec<Call>,
    metadata: Option<PageMetadata>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PageMetadata {
    next_page_uri: Option<String>,
}

impl CallPage {
    /// Where the next page is, relative to the host.
    pub fn next_page_uri(&self) -> Option<&str> {
        let uri = self.metadata.as_ref()?.next_page_uri.as_deref()?;
        Some(uri).filter(|uri| !uri.is_empty())
    }
}

/// One page of a list of numbers; the numbers of an account are one page of fifty, unless it says otherwise.
#[derive(Debug, Deserialize)]
pub(super) struct NumberPage {
    pub incoming_phone_numbers: Vec<Number>,
    pub next_page_uri: Option<String>,
}

/// A number of the account.
#[derive(Debug, Deserialize)]
pub(super) struct Number {
    pub sid: Option<String>,
    pub phone_number: Option<String>,
    pub friendly_name: Option<String>,
    pub capabilities: Option<Value>,
}

impl Call {
    /// Whether the call can be the one from `from` to `to`. The person is `From` where a flow was called, `To` where two
    /// people were connected; the number shown may be left out.
    pub fn is_between(&self, from: &PhoneNumber, to: &PhoneNumber) -> bool {
        let is = |number, written: &Option<String>| {
            written
                .as_deref()
                .is_some_and(|written| numbers::is_same(number, written))
        };
        let shown = self.phone_number_sid.as_deref().unwrap_or_default();
        let has_shown = shown.chars().filter(char::is_ascii_digit).count() >= shown.len().max(7);
        (is(to, &self.from) || is(to, &self.to)) && (!has_shown || numbers::is_same(from, shown))
    }

    /// Who may have been called, in no order; and the number shown, where there is one.
    pub fn numbers(&self, region: domain::Region) -> (Vec<PhoneNumber>, Option<PhoneNumber>) {
        let read = |written: &Option<String>| numbers::read(written.as_deref()?, region);
        let people = [&self.from, &self.to].into_iter().filter_map(read);
        (people.collect(), read(&self.phone_number_sid))
    }

    /// The call in our words; `None` where it has no usable name.
    pub fn into_found(self, clock: &Clock, currency: &str) -> Option<FoundCall> {
        let carrier_call_id = self.sid.filter(|sid| is_id(sid))?;
        let status = word(self.status.as_deref().unwrap_or_default());
        let talked_s = self
            .details
            .and_then(|details| seconds(details.conversation_duration.as_ref()?))
            .filter(|s| *s > 0);
        let duration_s = talked_s
            .or_else(|| self.duration.as_ref().and_then(seconds))
            .filter(|_| status::is_final(&status));
        let by = self.answered_by.as_deref().and_then(status::answered_by);
        Some(FoundCall {
            news: status::news(&carrier_call_id, &status, false, by, duration_s),
            created_at: self
                .date_created
                .as_deref()
                .and_then(|date| clock.read(date)),
            duration_s,
            price: self.price.as_ref().and_then(|price| money(price, currency)),
            status,
            carrier_call_id,
        })
    }

    /// Where the recording is, once there is one.
    pub fn recording(&self) -> Option<url::Url> {
        fields::web_address(self.recording_url.as_deref()?)
    }
}

/// Seconds, as text (which is what Exotel writes) or as a number.
pub(super) fn seconds(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => number.as_u64().and_then(|s| u32::try_from(s).ok()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// An amount, as text or as a number.
fn money(value: &Value, currency: &str) -> Option<Price> {
    let amount = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    Price::from_amount(amount, currency)
}
