//! What SignalWire's refusals mean for us.
//!
//! Source: SignalWire, Compatibility API, "Error codes".

use std::fmt::Write as _;

use anyhow::anyhow;
use reqwest::StatusCode;
use serde_json::Value;

use crate::carrier::{CampaignFault, CarrierError, PlaceError};
use crate::http::Answer;
use crate::redact;

/// The number called is missing or none.
const TO_MISSING_OR_BAD: u32 = 21211;
/// The number called cannot be called.
const TO_INVALID: u32 = 21217;
/// Too many requests, or more calls than the account's throughput.
const TOO_MANY_REQUESTS: u32 = 20429;
/// Too many calls wait at the number shown.
const TOO_MANY_QUEUED: u32 = 21611;
/// "Unknown error": whatever the status, SignalWire itself does not know what became of the request.
const UNKNOWN_ERROR: u32 = 20001;
/// "Internal error", likewise.
const INTERNAL_ERROR: u32 = 20504;

/// An error as SignalWire states it, in any of its three shapes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Stated {
    code: Option<u32>,
    message: Option<String>,
}

impl Stated {
    /// Reads `{"code":20003,"message":…}`, `{"errors":[{"code":"30010","message":…}]}` and `{"errors":["…"]}`. Anything
    /// else, a proxy's HTML for instance, states nothing.
    fn read(body: &[u8]) -> Self {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return Self::default();
        };
        let first = body.pointer("/errors/0").unwrap_or(&body);
        Self {
            code: first.get("code").and_then(code),
            message: first
                .as_str()
                .or_else(|| first.get("message").and_then(Value::as_str))
                .map(str::to_owned),
        }
    }

    /// The sentence for operators: SignalWire's own, numbers masked, with what we know beside it.
    fn reason(&self, status: StatusCode) -> String {
        let mut reason = match &self.message {
            Some(message) => redact::sentence(message),
            None => "SignalWire gave no reason".to_owned(),
        };
        let _infallible = match self.code {
            Some(code) => write!(reason, " (HTTP {}, code {code})", status.as_u16()),
            None => write!(reason, " (HTTP {})", status.as_u16()),
        };
        reason
    }
}

/// A code, as a number or as text.
fn code(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => number.as_u64().and_then(|code| u32::try_from(code).ok()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Which part of the account or the configuration has to be repaired.
fn fault(status: StatusCode, code: Option<u32>) -> CampaignFault {
    match code {
        Some(20003 | 10001 | 20010) => CampaignFault::Credentials,
        Some(4001) => CampaignFault::Balance,
        Some(21210 | 21212 | 21213) => CampaignFault::CallerNumber,
        _ => match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => CampaignFault::Credentials,
            StatusCode::PAYMENT_REQUIRED => CampaignFault::Balance,
            _ => CampaignFault::Configuration,
        },
    }
}

/// What an answer other than 2xx to "place this call" means.
///
/// Only 429 and 503 say that nothing was done and that asking again is welcome. Every other 5xx, and 408, may come from
/// something that stood between us and a call already placed. SignalWire's own code says more than the status it comes
/// with.
pub(super) fn not_placed(answer: &Answer) -> PlaceError {
    let status = answer.status;
    let stated = Stated::read(answer.explanation());
    let reason = stated.reason(status);
    let (not_before, code) = (answer.retry_after, stated.code);
    match (status, code) {
        (StatusCode::TOO_MANY_REQUESTS, _) | (_, Some(TOO_MANY_REQUESTS | TOO_MANY_QUEUED)) => {
            PlaceError::Busy {
                not_before,
                source: anyhow!(reason),
            }
        }
        (StatusCode::SERVICE_UNAVAILABLE, _) => PlaceError::Retryable {
            not_before,
            source: anyhow!(reason),
        },
        (StatusCode::REQUEST_TIMEOUT, _) | (_, Some(UNKNOWN_ERROR | INTERNAL_ERROR)) => {
            PlaceError::Ambiguous(anyhow!(reason))
        }
        (status, _) if status.is_server_error() => PlaceError::Ambiguous(anyhow!(reason)),
        (_, Some(TO_MISSING_OR_BAD | TO_INVALID)) => PlaceError::Rejected { reason, code },
        (status, code) => PlaceError::Fault {
            fault: fault(status, code),
            reason,
        },
    }
}

/// What an answer other than 2xx and 404 to any other request means. Asking again does no harm there.
pub(super) fn refused(answer: &Answer) -> CarrierError {
    let status = answer.status;
    let stated = Stated::read(answer.explanation());
    let reason = stated.reason(status);
    let is_passing = status.is_server_error()
        || matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
        )
        || matches!(
            stated.code,
            Some(TOO_MANY_REQUESTS | TOO_MANY_QUEUED | UNKNOWN_ERROR | INTERNAL_ERROR)
        );
    if is_passing {
        CarrierError::Retryable {
            not_before: answer.retry_after,
            source: anyhow!(reason),
        }
    } else {
        CarrierError::Refused {
            fault: fault(status, stated.code),
            reason,
            code: stated.code,
        }
    }
}

/// True where a change of a call was refused because of where the call stands: 10000 "invalid argument or illegal
/// state", 21220 "not in progress".
pub(super) fn is_about_the_calls_state(answer: &Answer) -> bool {
    answer.status.is_client_error()
        && matches!(Stated::read(answer.explanation()).code, Some(10000 | 21220))
}

/// An answer that was read and makes no sense: `what` came.
pub(super) fn unreadable(what: &'static str) -> CarrierError {
    CarrierError::Unreadable(anyhow!("SignalWire sent {what}"))
}

/// The answer to a question about the project that SignalWire does not know.
pub(super) fn no_such_project() -> CarrierError {
    CarrierError::Refused {
        fault: CampaignFault::Configuration,
        reason: "SignalWire knows no such project at this address (HTTP 404)".to_owned(),
        code: None,
    }
}
