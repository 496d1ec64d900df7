//! What ElevenLabs says about a conversation, in our words.
//!
//! Reads the object of "Get conversation", which the post-call webhook repeats. Fields appear, vanish and change their
//! kind there without notice, so everything is read where it is expected and left alone where it is not; only a
//! conversation without a name is no conversation.

use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use domain::CallId;
use serde_json::Value;

use super::wire::CALL_ID;
use crate::agent::{ConversationReport, ConversationStatus, ConversationWish, Speaker, Turn};
use crate::carrier::Price;
use crate::event::EventError;
use crate::redact;

/// The years that anybody can mean; not every database keeps all others.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2999;

/// Where in an agent's "data collection" we look for what the person asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataCollectionIds {
    /// A yes or no: wants to be called again.
    pub callback_requested: String,
    /// A time: when.
    pub callback_at: String,
    /// A yes or no: does not want to be called again.
    pub do_not_call: String,
}

impl Default for DataCollectionIds {
    fn default() -> Self {
        Self {
            callback_requested: "callback_requested".to_owned(),
            callback_at: "callback_at".to_owned(),
            do_not_call: "do_not_call".to_owned(),
        }
    }
}

/// Understands a conversation object.
///
/// # Errors
/// [`EventError::Field`] without a `conversation_id`.
pub fn report(raw: Value, ids: &DataCollectionIds) -> Result<ConversationReport, EventError> {
    let conversation_id = text(&raw, "/conversation_id")
        .filter(|id| id.len() <= 256)
        .ok_or(EventError::Field {
            field: "conversation_id",
        })?;
    Ok(ConversationReport {
        call_id: call_id(&raw),
        agent_id: text(&raw, "/agent_id").unwrap_or_default(),
        status: status(&raw),
        transcript: transcript(&raw),
        summary: text(&raw, "/analysis/transcript_summary"),
        started_at: at(&raw, "/metadata/start_time_unix_secs"),
        duration_s: whole(&raw, "/metadata/call_duration_secs").and_then(|s| u32::try_from(s).ok()),
        cost_credits: whole(&raw, "/metadata/cost"),
        cost: raw
            .pointer("/metadata/cost_fiat")
            .and_then(Value::as_f64)
            .and_then(|amount| Price::from_amount(amount, "USD")),
        successful: successful(&raw),
        is_voicemail: is_voicemail(&raw),
        was_transferred: is_used(&raw, "transfer_to_number"),
        call_result: text(&raw, "/metadata/phone_call/call_result"),
        wish: wish(&raw, ids),
        end_reason: sentence(&raw, "/metadata/termination_reason"),
        error: sentence(&raw, "/metadata/error/reason"),
        conversation_id,
        raw,
    })
}

/// Our name of the call a conversation, or the failure of one, belongs to: the dynamic variable, else the user id.
pub(super) fn call_id(raw: &Value) -> Option<CallId> {
    [
        format!("/conversation_initiation_client_data/dynamic_variables/{CALL_ID}"),
        "/user_id".to_owned(),
        "/conversation_initiation_client_data/user_id".to_owned(),
    ]
    .iter()
    .find_map(|place| CallId::from_str(raw.pointer(place)?.as_str()?).ok())
}

fn status(raw: &Value) -> ConversationStatus {
    match raw.get("status").and_then(Value::as_str) {
        Some("done") => ConversationStatus::Done,
        Some("failed") => ConversationStatus::Failed,
        Some("initiated") => ConversationStatus::Announced,
        // "in-progress", "processing", and whatever is invented next.
        _ => ConversationStatus::Open,
    }
}

fn transcript(raw: &Value) -> Vec<Turn> {
    turns(raw)
        .filter_map(|turn| {
            Some(Turn {
                speaker: match turn.get("role").and_then(Value::as_str) {
                    Some("agent") => Speaker::Agent,
                    Some("user") => Speaker::Person,
                    other => Speaker::Other(other.unwrap_or_default().to_owned()),
                },
                text: text(turn, "/message")?,
                at_s: whole(turn, "/time_in_call_secs")
                    .and_then(|s| u32::try_from(s).ok())
                    .unwrap_or(0),
            })
        })
        .collect()
}

fn turns(raw: &Value) -> impl Iterator<Item = &Value> {
    raw.get("transcript")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn successful(raw: &Value) -> Option<bool> {
    match raw.pointer("/analysis/call_successful")?.as_str()? {
        "success" => Some(true),
        "failure" => Some(false),
        _ => None,
    }
}

/// True where the platform says so, or the agent used its tool for it.
fn is_voicemail(raw: &Value) -> bool {
    raw.pointer("/metadata/phone_call/call_result")
        .and_then(Value::as_str)
        == Some("voicemail")
        || is_used(raw, "voicemail_detection")
}

/// True where the feature counts as used, or the tool of the same name was called in the conversation.
fn is_used(raw: &Value, feature: &str) -> bool {
    let is_counted = raw
        .pointer(&format!("/metadata/features_usage/{feature}/used"))
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let calls = |turn: &Value| {
        let calls = turn
            .get("tool_calls")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        calls.clone().any(|call| {
            call.get("tool_name").and_then(Value::as_str) == Some(feature)
                && call
                    .get("tool_has_been_called")
                    .and_then(Value::as_bool)
                    .unwrap_or(true)
        })
    };
    is_counted || turns(raw).any(calls)
}

fn wish(raw: &Value, ids: &DataCollectionIds) -> ConversationWish {
    let noted = |id: &str| {
        raw.pointer("/analysis/data_collection_results")?
            .get(id)?
            .get("value")
    };
    let (callback_at, callback_at_local) = noted(&ids.callback_at).map(time).unwrap_or_default();
    let requested = noted(&ids.callback_requested).and_then(yes_or_no);
    ConversationWish {
        // Who names a time wants to be called, unless the agent noted a "no" beside it.
        callback_requested: requested
            .unwrap_or(callback_at.is_some() || callback_at_local.is_some()),
        callback_at: callback_at.filter(|at| YEARS.contains(&at.year())),
        callback_at_local: callback_at_local.filter(|at| YEARS.contains(&at.year())),
        do_not_call: noted(&ids.do_not_call).and_then(yes_or_no).unwrap_or(false),
    }
}

/// A yes or no, however the language model wrote it down.
fn yes_or_no(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(answer) => Some(*answer),
        Value::Number(number) => number.as_f64().map(|n| n != 0.0),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "1" => Some(true),
            "false" | "no" | "n" | "0" | "none" | "" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// When somebody wants to be called, as an agent noted it: an instant, or a time of day without a zone. Unix seconds
/// count as an instant. Neither: it is no time. To the microsecond, which is what the databases keep.
#[must_use]
pub fn time(value: &Value) -> (Option<DateTime<Utc>>, Option<NaiveDateTime>) {
    if let Some(unix_s) = value.as_i64() {
        return (
            DateTime::from_timestamp(unix_s, 0).filter(|at| at.timestamp() > 0),
            None,
        );
    }
    let Some(text) = value.as_str().map(str::trim) else {
        return (None, None);
    };
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return (to_microsecond(at.with_timezone(&Utc)), None);
    }
    let formats = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M",
    ];
    let local = formats
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let local = local.and_then(|local| to_microsecond(local.and_utc()));
    (None, local.map(|local| local.naive_utc()))
}

/// Takes a leap second for the one after it, too.
fn to_microsecond(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(at.timestamp_micros())
}

fn text(raw: &Value, place: &str) -> Option<String> {
    raw.pointer(place)?
        .as_str()
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
}

fn sentence(raw: &Value, place: &str) -> Option<String> {
    text(raw, place).map(|text| redact::sentence(&text))
}

/// A whole number that is not negative; fractions are rounded.
fn whole(raw: &Value, place: &str) -> Option<u64> {
    let value = raw.pointer(place)?;
    value.as_u64().or_else(|| {
        let number = value.as_f64().filter(|n| (0.0..1e15).contains(n))?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 1e15"
        )]
        Some(number.round() as u64)
    })
}

fn at(raw: &Value, place: &str) -> Option<DateTime<Utc>> {
    let unix_s = whole(raw, place).filter(|s| *s > 0)?;
    DateTime::from_timestamp(i64::try_from(unix_s).ok()?, 0)
}
