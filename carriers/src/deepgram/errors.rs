//! What Deepgram's refusals mean for us.
//!
//! Source: Deepgram, "Errors". The HTTP status decides; two shapes of bodies explain it.

use anyhow::anyhow;
use reqwest::StatusCode;
use serde_json::Value;

use crate::carrier::CampaignFault;
use crate::http::Answer;
use crate::redact;
use crate::transcriber::TranscribeError;

/// Words in a sentence about what every question of ours says alike.
const SETTINGS: [&str; 3] = ["model", "language", "query"];

/// An error as Deepgram states it.
#[derive(Debug, Default)]
struct Stated {
    code: Option<String>,
    message: Option<String>,
}

impl Stated {
    /// Reads `{"err_code","err_msg","request_id"}` and `{"category","message","details","request_id"}`.
    fn read(body: &[u8]) -> Self {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return Self::default();
        };
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            code: text("err_code").or_else(|| text("category")),
            message: text("err_msg").or_else(|| text("message")),
        }
    }

    fn says(&self, words: &[&str]) -> bool {
        let texts = [&self.code, &self.message].into_iter().flatten();
        let said: String = texts.map(|text| text.to_ascii_lowercase()).collect();
        words.iter().any(|word| said.contains(word))
    }

    /// The sentence for operators: Deepgram's own, with what we know beside it. The address of a recording is taken out:
    /// who knows it may listen.
    fn reason(&self, status: StatusCode) -> String {
        let message = match &self.message {
            Some(message) => {
                let hidden = |word| match word {
                    word if str::contains(word, "://") => "(an address)",
                    word => word,
                };
                let words: Vec<&str> = message.split_whitespace().map(hidden).collect();
                redact::sentence(&words.join(" "))
            }
            None => "Deepgram gave no reason".to_owned(),
        };
        match &self.code {
            Some(code) => format!(
                "{message} (HTTP {}, {})",
                status.as_u16(),
                redact::sentence(code)
            ),
            None => format!("{message} (HTTP {})", status.as_u16()),
        }
    }
}

/// What an answer other than 2xx means. Asking again does no harm.
pub(super) fn refused(answer: &Answer) -> TranscribeError {
    let status = answer.status;
    let stated = Stated::read(answer.explanation());
    let reason = stated.reason(status);
    let not_before = answer.retry_after;
    let fault = match status {
        // Deepgram counts what runs at once, not what comes per minute.
        StatusCode::TOO_MANY_REQUESTS => return TranscribeError::NoCapacity { not_before, reason },
        _ if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
            return TranscribeError::Retryable {
                not_before,
                source: anyhow!(reason),
            };
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => CampaignFault::Credentials,
        StatusCode::PAYMENT_REQUIRED => CampaignFault::Balance,
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY if stated.says(&SETTINGS) => {
            CampaignFault::Configuration
        }
        StatusCode::BAD_REQUEST
        | StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNSUPPORTED_MEDIA_TYPE => return TranscribeError::Rejected { reason },
        _ => CampaignFault::Configuration,
    };
    TranscribeError::Fault { fault, reason }
}
