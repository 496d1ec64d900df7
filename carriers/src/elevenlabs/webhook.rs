//! What ElevenLabs tells us unasked, as our events.
//!
//! Nothing here is trusted before [`signature::verify`](super::signature::verify) said so. Delivered once and never
//! again, so a lost event is made up for by asking. Answer 200, not 204, even to what is ignored: ElevenLabs counts
//! anything else as a failure and disables the webhook after ten.

use chrono::{DateTime, Utc};
use domain::CallId;
use domain::progress::End;
use serde_json::Value;

use super::CONVERSATION_MAX;
use super::conversation::{self, DataCollectionIds};
use crate::agent::ConversationReport;
use crate::event::EventError;
use crate::redact;

/// Something ElevenLabs told us.
#[derive(Clone, Debug, PartialEq)]
pub enum WebhookEvent {
    /// A conversation is over and analysed.
    Conversation {
        /// When ElevenLabs says it told us, to the second.
        sent_at: Option<DateTime<Utc>>,
        /// The conversation.
        report: Box<ConversationReport>,
    },
    /// A conversation did not begin.
    InitiationFailure(InitiationFailure),
    /// An event we have no use for, such as the recording, or one invented since.
    Ignored {
        /// Its type.
        kind: String,
    },
}

/// A conversation that did not begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitiationFailure {
    /// When ElevenLabs says it told us, to the second.
    pub sent_at: Option<DateTime<Utc>>,
    /// ElevenLabs' name of the conversation.
    pub conversation_id: String,
    /// ElevenLabs' name of the agent.
    pub agent_id: Option<String>,
    /// The call it belongs to, where ElevenLabs returned it.
    pub call_id: Option<CallId>,
    /// ElevenLabs' word: `busy`, `no-answer`, `unknown`, or one yet unknown to us.
    pub reason: String,
    /// The same in our words.
    pub end: End,
    /// The far end's SIP answer, where the call was SIP.
    pub sip_status_code: Option<u32>,
}

impl WebhookEvent {
    /// The same for every delivery of this event, different for every other event; `None` for what is ignored.
    #[must_use]
    pub fn event_key(&self) -> Option<String> {
        let (kind, conversation_id, sent_at) = match self {
            Self::Conversation { sent_at, report } => {
                ("post_call_transcription", &report.conversation_id, sent_at)
            }
            Self::InitiationFailure(failure) => (
                "call_initiation_failure",
                &failure.conversation_id,
                &failure.sent_at,
            ),
            Self::Ignored { .. } => return None,
        };
        let sent_at = sent_at.map_or_else(|| "-".to_owned(), |at| at.timestamp().to_string());
        Some(format!("elevenlabs:{kind}:{conversation_id}:{sent_at}"))
    }
}

/// Reads a webhook's body.
///
/// # Errors
/// [`EventError::TooLarge`] above 8 MB, [`EventError::Unreadable`] for what is no JSON, [`EventError::Field`] for an event
/// of a known type that names no conversation.
pub fn parse(body: &[u8], ids: &DataCollectionIds) -> Result<WebhookEvent, EventError> {
    if body.len() > CONVERSATION_MAX {
        return Err(EventError::TooLarge {
            actual: body.len(),
            allowed: CONVERSATION_MAX,
        });
    }
    let mut event: Value = serde_json::from_slice(body).map_err(|e| EventError::Unreadable {
        expected: "JSON",
        source: e.into(),
    })?;
    let kind = event
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let sent_at = event
        .get("event_timestamp")
        .and_then(Value::as_i64)
        .and_then(|unix_s| DateTime::from_timestamp(unix_s, 0));
    let data = event.get_mut("data").map(Value::take).unwrap_or_default();
    match kind.as_str() {
        "post_call_transcription" => {
            let report = Box::new(conversation::report(data, ids)?);
            Ok(WebhookEvent::Conversation { sent_at, report })
        }
        "call_initiation_failure" => failure(&data, sent_at).map(WebhookEvent::InitiationFailure),
        _ => Ok(WebhookEvent::Ignored {
            kind: redact::sentence(&kind),
        }),
    }
}

/// Reads a failure. ElevenLabs documents the type and that there are a reason and metadata; the names within are those
/// that integrations report, so every one of them may be missing.
fn failure(data: &Value, sent_at: Option<DateTime<Utc>>) -> Result<InitiationFailure, EventError> {
    let text = |name: &str| {
        data.get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let conversation_id =
        text("conversation_id")
            .filter(|id| id.len() <= 256)
            .ok_or(EventError::Field {
                field: "conversation_id",
            })?;
    let reason = text("failure_reason").unwrap_or("unknown");
    Ok(InitiationFailure {
        sent_at,
        conversation_id: conversation_id.to_owned(),
        agent_id: text("agent_id").map(str::to_owned),
        call_id: conversation::call_id(data),
        end: match reason.to_ascii_lowercase().replace('_', "-").as_str() {
            "busy" => End::Busy,
            "no-answer" => End::NoAnswer,
            _ => End::Failed,
        },
        reason: redact::sentence(reason),
        sip_status_code: data
            .pointer("/metadata/body/sip_status_code")
            .and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()))
            .and_then(|code| u32::try_from(code).ok()),
    })
}
