//! What SignalWire tells us about a call while it goes on, as our events.
//!
//! Nothing here is trusted before [`signature::verify`](super::signature::verify) said so. Events may come late, twice
//! or in any order: each has a key that is the same for every delivery, and news that can be learnt in any order.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::PhoneNumber;
use domain::outcome::AnsweredBy;
use domain::progress::{End, News};

use super::fields::Fields;
use super::recording::{Recording, recording};
use crate::event::EventError;

/// SignalWire's word for where a call, or a leg of it, stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CarrierStatus {
    /// Waits for its turn: SignalWire starts one call per second and space unless agreed otherwise.
    Queued,
    /// Dialling.
    Initiated,
    /// The phone rings.
    Ringing,
    /// Picked up.
    InProgress,
    /// Picked up and over. Final.
    Completed,
    /// The line was busy. Final.
    Busy,
    /// It rang out. Final.
    NoAnswer,
    /// It could not be carried. Final.
    Failed,
    /// Called off before an answer. Final.
    Canceled,
    /// A word SignalWire added since; says nothing.
    Other(String),
}

impl CarrierStatus {
    /// Reads the word, whatever its case.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "queued" => Self::Queued,
            "initiated" => Self::Initiated,
            "ringing" => Self::Ringing,
            // "answered" is how a dialled leg into a conference reports itself (SignalWire, cXML, "Dial").
            "in-progress" | "answered" => Self::InProgress,
            "completed" => Self::Completed,
            "busy" => Self::Busy,
            "no-answer" => Self::NoAnswer,
            "failed" => Self::Failed,
            "canceled" => Self::Canceled,
            _ => Self::Other(word.to_owned()),
        }
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Queued => "queued",
            Self::Initiated => "initiated",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::NoAnswer => "no-answer",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Other(word) => word,
        }
    }

    /// How the call ended; `None` while it goes on.
    #[must_use]
    pub const fn end(&self) -> Option<End> {
        match self {
            Self::Completed => Some(End::Completed),
            Self::Busy => Some(End::Busy),
            Self::NoAnswer => Some(End::NoAnswer),
            Self::Failed => Some(End::Failed),
            Self::Canceled => Some(End::Canceled),
            Self::Queued | Self::Initiated | Self::Ringing | Self::InProgress | Self::Other(_) => {
                None
            }
        }
    }

    /// True once the call is over.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.end().is_some()
    }
}

impl fmt::Display for CarrierStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a call with this status teaches, in the order in which it must have happened.
pub(super) fn news(
    call_sid: &str,
    status: &CarrierStatus,
    answered_by: Option<AnsweredBy>,
    duration_s: Option<u32>,
) -> Vec<News> {
    let mut news = vec![News::Accepted {
        carrier_call_id: call_sid.to_owned(),
    }];
    match status {
        CarrierStatus::Ringing => news.push(News::Ringing),
        CarrierStatus::InProgress => news.push(News::Answered),
        _ => {}
    }
    news.extend(answered_by.map(News::Detected));
    news.extend(status.end().map(|end| News::Ended { end, duration_s }));
    news
}

/// Who picked up; `None` for an empty word.
///
/// SignalWire documents `human` and `machine`; the API it follows (Twilio, "Answering machine detection") also has
/// `machine_start`, `machine_end_…`, `fax` and `unknown`. A word that is none of these is unknown too.
pub(super) fn answered_by(word: &str) -> Option<AnsweredBy> {
    let word = word.trim().to_ascii_lowercase();
    match word.as_str() {
        "" | "null" => None,
        "human" => Some(AnsweredBy::Human),
        "fax" => Some(AnsweredBy::Fax),
        _ if word.starts_with("machine") => Some(AnsweredBy::Machine),
        _ => Some(AnsweredBy::Unknown),
    }
}

/// A call went on to another status.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusCallback {
    /// SignalWire's name of the call.
    pub call_sid: String,
    /// Where it stands.
    pub status: CarrierStatus,
    /// Counts the call's callbacks from 0 in the order of occurrence; the order of arrival may differ.
    pub sequence: Option<u32>,
    /// When it happened, to the second.
    pub occurred_at: Option<DateTime<Utc>>,
    /// What there is to learn. Empty where the callback is about a leg that one of our documents dialled.
    pub news: Vec<News>,
    /// Seconds of talk, once it is over.
    pub duration_s: Option<u32>,
    /// `outbound-api`, `outbound-dial`, `inbound`, or a word yet unknown.
    pub direction: Option<String>,
    /// The number shown.
    pub from: Option<PhoneNumber>,
    /// The number called.
    pub to: Option<PhoneNumber>,
    /// The call one of whose documents dialled this one.
    pub parent_call_sid: Option<String>,
    /// The far end's SIP answer, for example `486`.
    pub sip_result_code: Option<String>,
    /// Which side hung up, in SignalWire's word.
    pub hung_up_by: Option<String>,
    /// The recording, where the number records by itself; it is complete once the call is.
    pub recording: Option<Recording>,
}

impl StatusCallback {
    /// True where somebody called a number of ours: not for calls of ours, and not for legs that a document dialled.
    #[must_use]
    pub fn is_inbound(&self) -> bool {
        let direction = self.direction.as_deref().unwrap_or_default();
        direction.eq_ignore_ascii_case("inbound") && self.parent_call_sid.is_none()
    }

    /// The same for every delivery of this event, different for every other event.
    #[must_use]
    pub fn event_key(&self) -> String {
        event_key(
            &self.call_sid,
            "status",
            self.status.as_str(),
            self.sequence,
        )
    }
}

/// Reads a status callback. `content_type` is the request's header.
///
/// # Errors
/// [`EventError::TooLarge`] above 64 kB, [`EventError::Unreadable`] for JSON that is none, [`EventError::Field`] without
/// `CallSid` or `CallStatus`.
pub fn parse_status_callback(
    content_type: Option<&str>,
    body: &[u8],
) -> Result<StatusCallback, EventError> {
    let fields = Fields::read(content_type, body)?;
    let call_sid = fields.id("CallSid")?;
    let status = status(&fields, "CallStatus")?;
    let duration_s = fields.whole("CallDuration").filter(|_| status.is_final());
    let parent_call_sid = fields
        .id("ParentCallSid")
        .ok()
        .or_else(|| fields.word("ParentCallSid"))
        .filter(|parent| *parent != call_sid);
    let by = fields.text("AnsweredBy").and_then(answered_by);
    let news = match parent_call_sid {
        Some(_) => Vec::new(),
        None => news(&call_sid, &status, by, duration_s),
    };
    Ok(StatusCallback {
        sequence: fields.whole("SequenceNumber"),
        occurred_at: fields.instant("Timestamp"),
        news,
        duration_s,
        direction: fields.word("Direction"),
        from: fields.number("From"),
        to: fields.number("To"),
        parent_call_sid,
        sip_result_code: fields.word("SipResultCode"),
        hung_up_by: fields.word("HangupBy"),
        recording: recording(&fields).ok().filter(|_| status.is_final()),
        call_sid,
        status,
    })
}

/// Machine detection came to a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineDetection {
    /// SignalWire's name of the call.
    pub call_sid: String,
    /// Who picked up.
    pub answered_by: AnsweredBy,
    /// SignalWire's word for it, for example `machine_end_beep`.
    pub word: String,
    /// Milliseconds the detection took.
    pub took_ms: Option<u32>,
    /// What there is to learn.
    pub news: Vec<News>,
}

impl MachineDetection {
    /// The same for every delivery of this event, different for every other event.
    #[must_use]
    pub fn event_key(&self) -> String {
        event_key(&self.call_sid, "amd", &self.word, None)
    }
}

/// Reads the callback of asynchronous machine detection.
///
/// SignalWire publishes no list of its fields; these are those of the API it follows (Twilio, "Answering machine
/// detection").
///
/// # Errors
/// As [`parse_status_callback`]; [`EventError::Field`] without `CallSid` or `AnsweredBy`.
pub fn parse_amd(content_type: Option<&str>, body: &[u8]) -> Result<MachineDetection, EventError> {
    let fields = Fields::read(content_type, body)?;
    let call_sid = fields.id("CallSid")?;
    let word = fields.word("AnsweredBy").unwrap_or_default();
    let by = answered_by(&word).ok_or(EventError::Field {
        field: "AnsweredBy",
    })?;
    Ok(MachineDetection {
        answered_by: by,
        took_ms: fields.whole("MachineDetectionDuration"),
        // Only an answered call is looked at.
        news: news(&call_sid, &CarrierStatus::InProgress, Some(by), None),
        call_sid,
        word,
    })
}

/// A call was answered, and SignalWire asks for its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRequest {
    /// SignalWire's name of the call.
    pub call_sid: String,
    /// Where it stands.
    pub status: CarrierStatus,
    /// The number shown.
    pub from: Option<PhoneNumber>,
    /// The number called.
    pub to: Option<PhoneNumber>,
    /// What there is to learn: that it was answered, unless the status says that it is over already.
    pub news: Vec<News>,
}

impl AnswerRequest {
    /// The same for every delivery of this event, different for every other event.
    #[must_use]
    pub fn event_key(&self) -> String {
        event_key(&self.call_sid, "answer", self.status.as_str(), None)
    }
}

/// Reads the request for an answer document.
///
/// # Errors
/// As [`parse_status_callback`]; [`EventError::Field`] without `CallSid`.
pub fn parse_answer_request(
    content_type: Option<&str>,
    body: &[u8],
) -> Result<AnswerRequest, EventError> {
    let fields = Fields::read(content_type, body)?;
    let call_sid = fields.id("CallSid")?;
    let status = status(&fields, "CallStatus").unwrap_or(CarrierStatus::InProgress);
    let by = fields.text("AnsweredBy").and_then(answered_by);
    // The document is only fetched on an answer, so a status still on its way there is just behind.
    let taught = if status.is_final() {
        &status
    } else {
        &CarrierStatus::InProgress
    };
    Ok(AnswerRequest {
        news: news(&call_sid, taught, by, None),
        from: fields.number("From"),
        to: fields.number("To"),
        call_sid,
        status,
    })
}

/// The leg dialled by one of our documents, to the agent or to a human, is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialResult {
    /// SignalWire's name of the call whose document dialled.
    pub call_sid: String,
    /// How the leg went.
    pub status: CarrierStatus,
    /// SignalWire's name of the leg.
    pub leg_sid: Option<String>,
    /// Seconds the leg lasted.
    pub duration_s: Option<u32>,
    /// The far end's SIP answer, where the leg was SIP.
    pub sip_result_code: Option<String>,
    /// What there is to learn about the call itself: that it was answered.
    pub news: Vec<News>,
}

impl DialResult {
    /// The same for every delivery of this event, different for every other event.
    #[must_use]
    pub fn event_key(&self) -> String {
        let leg = self.leg_sid.as_deref().unwrap_or("-");
        format!("{}:dial:{}:{leg}", self.call_sid, self.status)
    }
}

/// Reads the `action` request after a `<Dial>`.
///
/// # Errors
/// As [`parse_status_callback`]; [`EventError::Field`] without `CallSid` or `DialCallStatus`.
pub fn parse_dial_result(
    content_type: Option<&str>,
    body: &[u8],
) -> Result<DialResult, EventError> {
    let fields = Fields::read(content_type, body)?;
    let call_sid = fields.id("CallSid")?;
    Ok(DialResult {
        status: status(&fields, "DialCallStatus")?,
        leg_sid: fields.id("DialCallSid").ok(),
        duration_s: fields.whole("DialCallDuration"),
        sip_result_code: fields.word("DialSipResponseCode"),
        news: news(&call_sid, &CarrierStatus::InProgress, None, None),
        call_sid,
    })
}

fn status(fields: &Fields, field: &'static str) -> Result<CarrierStatus, EventError> {
    let word = fields.word(field).ok_or(EventError::Field { field })?;
    Ok(CarrierStatus::from_word(&word))
}

fn event_key(call_sid: &str, source: &str, status: &str, sequence: Option<u32>) -> String {
    match sequence {
        Some(sequence) => format!("{call_sid}:{source}:{status}:{sequence}"),
        None => format!("{call_sid}:{source}:{status}:-"),
    }
}
