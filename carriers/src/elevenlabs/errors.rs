//! What ElevenLabs' refusals mean for us.
//!
//! Source: ElevenLabs, "Errors"; "API error code 429".

use anyhow::anyhow;
use reqwest::StatusCode;
use serde_json::Value;

use crate::agent::AgentError;
use crate::carrier::CampaignFault;
use crate::http::Answer;
use crate::outbound::OutboundError;
use crate::redact;

/// The field of the number that is to be called.
const NUMBER_TO_CALL: &str = "to_number";
/// The field of the number that is shown.
const CALLER_NUMBER: &str = "agent_phone_number_id";
/// The fields that are the same for all calls of a campaign.
const SETTINGS: [&str; 3] = [
    "agent_id",
    "conversation_config_override",
    "telephony_call_config",
];

/// What the request was about, because "not found" means different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// An agent for a call: what is not found is the agent.
    ForAnAgent,
    /// A call that ElevenLabs makes itself: what is not found is the agent or the number to call from.
    ForACall,
    /// A conversation or a list of them.
    AboutConversations,
    /// A list that every workspace has: what is not found is the workspace, or the address is wrong.
    ForACatalogue,
}

/// An error as ElevenLabs states it, in any of its forms.
#[derive(Debug, Default, PartialEq, Eq)]
struct Stated {
    /// The new form's `code` and `type` and the old form's `status`, as far as given.
    words: Vec<String>,
    /// The fields it is about, as far as said.
    fields: Vec<String>,
    message: Option<String>,
}

impl Stated {
    /// Reads `{"detail": …}` with an object of the new or the old form, a list of validation errors, or a plain text.
    fn read(body: &[u8]) -> Self {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return Self::default();
        };
        let detail = body.get("detail").unwrap_or(&body);
        match detail {
            Value::String(text) => Self {
                message: Some(text.clone()),
                ..Self::default()
            },
            Value::Array(list) => Self {
                words: Vec::new(),
                fields: list.iter().flat_map(place).map(str::to_owned).collect(),
                message: list.first().and_then(complaint),
            },
            detail => {
                let text = |name| detail.get(name).and_then(Value::as_str).map(str::to_owned);
                Self {
                    words: ["code", "status", "type"]
                        .into_iter()
                        .filter_map(text)
                        .collect(),
                    fields: text("param").into_iter().collect(),
                    message: text("message"),
                }
            }
        }
    }

    fn says(&self, words: &[&str]) -> bool {
        self.words.iter().any(|word| words.contains(&word.as_str()))
    }

    /// What has to be repaired before a call of the campaign can be made; `None` where the number to call is to blame.
    ///
    /// Only a number that is named is: the old form says no fields, and a contact that is refused for good by mistake
    /// takes everybody else along.
    fn fault(&self) -> Option<CampaignFault> {
        let is_about = |name: &str| self.fields.iter().any(|field| field.contains(name));
        if is_about(CALLER_NUMBER) {
            return Some(CampaignFault::CallerNumber);
        }
        let is_setting = SETTINGS.into_iter().any(is_about);
        let is_number = if self.fields.is_empty() {
            self.names(NUMBER_TO_CALL) && !self.names(CALLER_NUMBER)
        } else {
            let is_number = |field: &String| words_of(field).any(|word| word == NUMBER_TO_CALL);
            self.fields.iter().any(is_number)
        };
        (is_setting || !is_number).then_some(CampaignFault::Configuration)
    }

    /// Whether the sentence says the name of a field.
    fn names(&self, field: &str) -> bool {
        let mut words = self.message.iter().flat_map(|message| words_of(message));
        words.any(|word| word == field)
    }

    /// The sentence for operators: ElevenLabs' own, numbers masked, with what we know beside it.
    fn reason(&self, status: StatusCode) -> String {
        let message = match &self.message {
            Some(message) => redact::sentence(message),
            None => "ElevenLabs gave no reason".to_owned(),
        };
        match self.words.first() {
            Some(word) => {
                format!(
                    "{message} (HTTP {}, {})",
                    status.as_u16(),
                    redact::sentence(word)
                )
            }
            None => format!("{message} (HTTP {})", status.as_u16()),
        }
    }
}

/// The words of a text, names of fields among them.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

/// What a validation error is about, from the outside to the inside.
fn place(error: &Value) -> Vec<&str> {
    let loc = error.get("loc").and_then(Value::as_array);
    loc.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// One validation error, with the place it is about. The value itself is not repeated: it may be a number.
fn complaint(error: &Value) -> Option<String> {
    let message = error.get("msg").and_then(Value::as_str)?;
    let place = place(error);
    Some(if place.is_empty() {
        message.to_owned()
    } else {
        format!("{}: {message}", place.join("."))
    })
}

/// What an answer other than 2xx means.
pub(super) fn refused(answer: &Answer, asked: Asked) -> AgentError {
    let status = answer.status;
    let stated = Stated::read(answer.explanation());
    let reason = stated.reason(status);
    match status {
        StatusCode::TOO_MANY_REQUESTS
            if stated.says(&["concurrent_limit_exceeded", "too_many_concurrent_requests"]) =>
        {
            AgentError::NoCapacity { reason }
        }
        // An exhausted quota is a 401 at ElevenLabs, not a 402 and not a 429.
        _ if stated.says(&["quota_exceeded", "insufficient_credits"]) => AgentError::Fault {
            fault: CampaignFault::Balance,
            reason,
        },
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::REQUEST_TIMEOUT
        | StatusCode::CONFLICT
        | StatusCode::TOO_EARLY => AgentError::Retryable {
            not_before: answer.retry_after,
            source: anyhow!(reason),
        },
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => AgentError::Fault {
            fault: CampaignFault::Credentials,
            reason,
        },
        StatusCode::PAYMENT_REQUIRED => AgentError::Fault {
            fault: CampaignFault::Balance,
            reason,
        },
        StatusCode::NOT_FOUND => match asked {
            Asked::ForAnAgent | Asked::ForACall | Asked::ForACatalogue => AgentError::Fault {
                fault: CampaignFault::Configuration,
                reason,
            },
            Asked::AboutConversations => AgentError::NotFound,
        },
        _ if status.is_server_error() => AgentError::Retryable {
            not_before: answer.retry_after,
            source: anyhow!(reason),
        },
        // Refused for good is only what is wrong with one call: anything else would be refused for the next one too.
        _ => match stated.fault().filter(|_| asked == Asked::ForACall) {
            Some(fault) => AgentError::Fault { fault, reason },
            None => AgentError::Rejected { reason },
        },
    }
}

/// What an answer other than 2xx to "call somebody" means.
///
/// 409, 425, 429 and 503 say that nothing was done and that asking again is welcome. Every other 5xx, and 408, may come
/// from something that stood between us and a call already placed.
pub(super) fn not_called(answer: &Answer) -> OutboundError {
    let status = answer.status;
    let is_doubtful = status == StatusCode::REQUEST_TIMEOUT
        || (status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE);
    if is_doubtful {
        let reason = Stated::read(answer.explanation()).reason(status);
        return OutboundError::Ambiguous(anyhow!(reason));
    }
    OutboundError::NotPlaced(refused(answer, Asked::ForACall))
}
