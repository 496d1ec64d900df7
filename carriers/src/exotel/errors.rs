//! What Exotel's refusals mean for us.
//!
//! Source: Exotel, "HTTP status codes", "Rate limits". Exotel publishes no codes for voice: the HTTP status decides, and
//! where one status stands for several things, its sentence.

use std::time::Duration;

use anyhow::anyhow;
use quick_xml::Reader;
use quick_xml::events::Event;
use reqwest::StatusCode;
use serde_json::Value;

use crate::carrier::{CampaignFault, CarrierError, PlaceError};
use crate::http::Answer;
use crate::redact;

/// The wait after a 429 that names none. The limit counts requests per minute, so that asking every second would keep it
/// exhausted.
const LIMIT_PAUSE: Duration = Duration::from_secs(15);

/// Words in a sentence about a person who may not be called: India's registers of those who do not want calls.
const DO_NOT_DISTURB: [&str; 4] = ["ndnc", "dnd", "ncpr", "blacklist"];

/// Words in a sentence about the number shown.
const CALLER_ID: [&str; 4] = ["callerid", "caller id", "exophone", "virtual number"];

/// Words in a sentence about something that is the same for every call.
const SETTINGS: [&str; 8] = [
    "url",
    "flow",
    "applet",
    "timelimit",
    "timeout",
    "calltype",
    "statuscallback",
    "customfield",
];

/// Words in a sentence about the number called.
const CALLED: [&str; 4] = ["from", "number", "phone", "destination"];

/// Words that say that a number is none. Without one of them a sentence with "number" in it is as likely about a limit, and
/// would end one contact after the other for good.
const NO_NUMBER: [&str; 9] = [
    "invalid",
    "not valid",
    "not a valid",
    "incorrect",
    "malformed",
    "not a number",
    "not a phone number",
    "does not exist",
    "not in service",
];

/// Words in a sentence about how many calls there are, not about whom they are to.
const HOW_MANY: [&str; 5] = ["number of", "concurrent", "limit", "maximum", "too many"];

/// An error as Exotel states it, in JSON or XML.
#[derive(Debug, Default, PartialEq, Eq)]
struct Stated {
    status: Option<u16>,
    code: Option<u32>,
    message: Option<String>,
}

impl Stated {
    /// Reads `{"RestException":{"Status":401,"Message":…}}`, the same in XML below `TwilioResponse`, and the newer
    /// `{"error_data":{"code","message"}}`, also within `response`. Anything else states nothing.
    fn read(body: &[u8]) -> Self {
        let Ok(json) = serde_json::from_slice::<Value>(body) else {
            return Self::read_xml(body);
        };
        let places = ["/RestException", "/response/error_data", "/error_data"];
        let Some(error) = places.iter().find_map(|place| json.pointer(place)) else {
            return Self::default();
        };
        let figure = |name: &str| {
            let value = error.get(name)?;
            value.as_u64().or_else(|| value.as_str()?.parse().ok())
        };
        let text = |name: &str| error.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            status: figure("Status").and_then(|status| u16::try_from(status).ok()),
            code: ["Code", "code"]
                .into_iter()
                .find_map(figure)
                .and_then(|code| u32::try_from(code).ok()),
            message: ["Message", "description", "message"]
                .into_iter()
                .find_map(text),
        }
    }

    fn read_xml(body: &[u8]) -> Self {
        let mut stated = Self::default();
        let Ok(text) = std::str::from_utf8(body) else {
            return stated;
        };
        let mut reader = Reader::from_str(text);
        let mut open = String::new();
        loop {
            match reader.read_event() {
                Ok(Event::Start(element)) => open = String::from(element.name().as_ref()),
                Ok(Event::Text(text)) => match open.as_str() {
                    "Status" => stated.status = text.trim().parse().ok(),
                    "Message" => stated.message = Some(text.trim().to_owned()),
                    _ => {}
                },
                Ok(Event::End(_)) => open.clear(),
                Ok(Event::Eof) | Err(_) => return stated,
                Ok(_) => {}
            }
        }
    }

    fn says(&self, words: &[&str]) -> bool {
        let message = self.message.as_deref().unwrap_or_default();
        let message = message.to_ascii_lowercase();
        words.iter().any(|word| message.contains(word))
    }

    /// The sentence for operators: Exotel's own, numbers masked, with what we know beside it.
    fn reason(&self, status: StatusCode) -> String {
        let message = match &self.message {
            Some(message) => redact::sentence(message),
            None => "Exotel gave no reason".to_owned(),
        };
        format!("{message} (HTTP {})", status.as_u16())
    }
}

/// Which part of the account or the configuration has to be repaired.
fn fault(status: StatusCode, stated: &Stated) -> CampaignFault {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => CampaignFault::Credentials,
        StatusCode::PAYMENT_REQUIRED => CampaignFault::Balance,
        _ if stated.says(&CALLER_ID) => CampaignFault::CallerNumber,
        _ => CampaignFault::Configuration,
    }
}

/// How long to wait: as asked, or after a 429 a part of the minute that the limit counts.
fn not_before(status: StatusCode, answer: &Answer) -> Option<Duration> {
    let is_limit = status == StatusCode::TOO_MANY_REQUESTS;
    answer
        .retry_after
        .or_else(|| is_limit.then_some(LIMIT_PAUSE))
}

/// What an answer other than 2xx to "place this call" means.
///
/// 409, 429 and 503 say that nothing was done and that asking again is welcome. Every other 5xx, and 408, may come from
/// something that stood between us and a call already placed.
pub(super) fn not_placed(answer: &Answer) -> PlaceError {
    judged(answer.status, &Stated::read(answer.explanation()), answer)
}

/// What it means that an answer with a status of success states an error all the same; `None` where it does not.
pub(super) fn refused_in_spite_of_success(answer: &Answer) -> Option<PlaceError> {
    let stated = Stated::read(answer.explanation());
    let status = StatusCode::from_u16(stated.status?).ok()?;
    (!status.is_success()).then(|| judged(status, &stated, answer))
}

fn judged(status: StatusCode, stated: &Stated, answer: &Answer) -> PlaceError {
    let reason = stated.reason(status);
    let is_about_the_person = match status {
        // Forbidden for this person, not for us.
        StatusCode::FORBIDDEN => stated.says(&DO_NOT_DISTURB),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => {
            stated.says(&DO_NOT_DISTURB)
                || (stated.says(&CALLED)
                    && stated.says(&NO_NUMBER)
                    && ![&CALLER_ID[..], &SETTINGS, &HOW_MANY]
                        .iter()
                        .any(|words| stated.says(words)))
        }
        _ => false,
    };
    match status {
        // In conflict with another request: Exotel is well, and that one will be over.
        StatusCode::TOO_MANY_REQUESTS | StatusCode::CONFLICT => PlaceError::Busy {
            not_before: not_before(status, answer),
            source: anyhow!(reason),
        },
        StatusCode::SERVICE_UNAVAILABLE => PlaceError::Retryable {
            not_before: not_before(status, answer),
            source: anyhow!(reason),
        },
        StatusCode::REQUEST_TIMEOUT => PlaceError::Ambiguous(anyhow!(reason)),
        _ if status.is_server_error() => PlaceError::Ambiguous(anyhow!(reason)),
        _ if is_about_the_person => PlaceError::Rejected {
            reason,
            code: stated.code,
        },
        _ => PlaceError::Fault {
            fault: fault(status, stated),
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
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT
        );
    if is_passing {
        CarrierError::Retryable {
            not_before: not_before(status, answer),
            source: anyhow!(reason),
        }
    } else {
        CarrierError::Refused {
            fault: fault(status, &stated),
            reason,
            code: stated.code,
        }
    }
}

/// An answer that was read and makes no sense: `what` came.
pub(super) fn unreadable(what: &'static str) -> CarrierError {
    CarrierError::Unreadable(anyhow!("Exotel sent {what}"))
}

/// The answer to a question about the account that Exotel does not know.
pub(super) fn no_such_account() -> CarrierError {
    CarrierError::Refused {
        fault: CampaignFault::Configuration,
        reason: "Exotel knows no such account at this address (HTTP 404)".to_owned(),
        code: None,
    }
}

/// What the other carriers do and Exotel has no request for.
pub(super) fn not_possible(what: &'static str) -> CarrierError {
    CarrierError::Refused {
        fault: CampaignFault::Configuration,
        reason: format!("Exotel has no way to {what} that is going on"),
        code: None,
    }
}
