//! What Exotel tells us about a call while it goes on, as our events.
//!
//! Nothing here is trusted before [`token::verify`](super::token::verify) said so. Exotel repeats a callback up to twice
//! unless it is answered 200 within 15 s; none may come at all. Where only the short form comes (`CallSid`, `Status`,
//! `DateUpdated`, `RecordingUrl`), a look-up tells the rest.

use std::fmt;
use std::str::FromStr;

use domain::outcome::AnsweredBy;
use domain::phone::Region;
use domain::progress::{End, News};
use domain::{CallId, PhoneNumber};
use url::Url;

use super::fields::{self, Fields};
use crate::event::EventError;
use crate::word::word;

/// Most legs looked at; a call has one or two.
const LEGS_MAX: usize = 8;

/// How a call with this status ended; `None` while it goes on, and for a word Exotel added since.
#[must_use]
pub fn end(status: &str) -> Option<End> {
    match status.to_ascii_lowercase().as_str() {
        "completed" => Some(End::Completed),
        "busy" => Some(End::Busy),
        "no-answer" => Some(End::NoAnswer),
        "failed" => Some(End::Failed),
        "canceled" | "cancelled" => Some(End::Canceled),
        _ => None,
    }
}

/// True once the call is over.
#[must_use]
pub fn is_final(status: &str) -> bool {
    end(status).is_some()
}

/// What a call with this status teaches, in the order in which it must have happened.
///
/// `in-progress` does not mean "answered": Exotel says it from the moment it takes the call on. `is_answered` says so
/// where something else does.
pub(super) fn news(
    call_sid: &str,
    status: &str,
    is_answered: bool,
    by: Option<AnsweredBy>,
    duration_s: Option<u32>,
) -> Vec<News> {
    let mut news = vec![News::Accepted {
        carrier_call_id: call_sid.to_owned(),
    }];
    if status.eq_ignore_ascii_case("ringing") {
        news.push(News::Ringing);
    }
    if is_answered && !is_final(status) {
        news.push(News::Answered);
    }
    news.extend(by.map(News::Detected));
    news.extend(end(status).map(|end| News::Ended { end, duration_s }));
    news
}

/// Who picked up; `None` for an empty word and for `NA`, "not looked at". The case of the words varies.
pub(super) fn answered_by(word: &str) -> Option<AnsweredBy> {
    match word.trim().to_ascii_lowercase().as_str() {
        "" | "na" | "n/a" | "null" => None,
        "human" => Some(AnsweredBy::Human),
        "machine" => Some(AnsweredBy::Machine),
        _ => Some(AnsweredBy::Unknown), // "NotSure", and whatever is invented next
    }
}

/// What a callback is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Occasion {
    /// Somebody picked up.
    Answered,
    /// The call is over.
    Terminal,
    /// Not said: the short form, or a word Exotel added since.
    Unsaid,
}

impl Occasion {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Terminal => "terminal",
            Self::Unsaid => "-",
        }
    }
}

impl fmt::Display for Occasion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One line of a call: the person's, or that of whom they were connected with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// How it stands, in Exotel's word.
    pub status: Option<String>,
    /// Seconds on the line.
    pub on_call_s: Option<u32>,
    /// Who picked up.
    pub answered_by: Option<AnsweredBy>,
}

/// A call was answered, or is over.
#[derive(Clone, PartialEq)]
pub struct StatusCallback {
    /// Exotel's name of the call.
    pub call_sid: String,
    /// Our name of it, where Exotel repeats what we gave it.
    pub call_id: Option<CallId>,
    /// What the callback is sent for.
    pub occasion: Occasion,
    /// Where the call stands, in Exotel's word.
    pub status: String,
    /// What there is to learn.
    pub news: Vec<News>,
    /// Seconds of talk, once it is over and where Exotel says so.
    pub duration_s: Option<u32>,
    /// `outbound-api`, `outbound-dial`, `inbound`, or a word yet unknown.
    pub direction: Option<String>,
    /// Who was called first: where a flow was called, the person.
    pub from: Option<PhoneNumber>,
    /// Who was called second, where anybody was.
    pub to: Option<PhoneNumber>,
    /// Where the recording is, where there is one; not for strangers.
    pub recording_url: Option<Url>,
    /// The lines of the call, as far as told.
    pub legs: Vec<Leg>,
}

/// Without the recording's address: who knows it may listen.
impl fmt::Debug for StatusCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusCallback")
            .field("call_sid", &self.call_sid)
            .field("call_id", &self.call_id)
            .field("occasion", &self.occasion)
            .field("status", &self.status)
            .field("duration_s", &self.duration_s)
            .field("direction", &self.direction)
            .field("from", &self.from)
            .field("to", &self.to)
            .field("has_recording", &self.recording_url.is_some())
            .field("legs", &self.legs)
            .finish_non_exhaustive()
    }
}

impl StatusCallback {
    /// True where somebody called a number of ours.
    #[must_use]
    pub fn is_inbound(&self) -> bool {
        let direction = self.direction.as_deref().unwrap_or_default();
        direction.eq_ignore_ascii_case("inbound")
    }

    /// True where no more is told than that the call is over: neither for how long nor with whom.
    #[must_use]
    pub fn is_in_short(&self) -> bool {
        is_final(&self.status)
            && self.occasion == Occasion::Unsaid
            && self.legs.is_empty()
            && self.duration_s.is_none()
    }

    /// The same for every delivery of this event, different for every other event.
    #[must_use]
    pub fn event_key(&self) -> String {
        let status = self.status.to_ascii_lowercase();
        format!("{}:status:{status}:{}", self.call_sid, self.occasion)
    }
}

/// Reads a status callback in JSON, as a form, or as a form in parts. `content_type` is the request's header; `region`
/// says where numbers without a country code belong.
///
/// # Errors
/// [`EventError::TooLarge`] above 64 kB, [`EventError::Unreadable`] for what is not what the content type says,
/// [`EventError::Field`] without `CallSid` or `Status`.
pub fn parse_status_callback(
    content_type: Option<&str>,
    body: &[u8],
    region: Region,
) -> Result<StatusCallback, EventError> {
    let fields = Fields::read(content_type, body)?;
    let call_sid = fields.id("CallSid")?;
    let status = fields
        .word("Status")
        .ok_or(EventError::Field { field: "Status" })?;
    let occasion = match fields.text("EventType").map(str::to_ascii_lowercase) {
        Some(word) if word == "answered" => Occasion::Answered,
        Some(word) if word == "terminal" => Occasion::Terminal,
        _ => Occasion::Unsaid,
    };
    let legs = legs(&fields);
    let is_over = is_final(&status);
    let duration_s = talked_s(&fields, &legs).filter(|_| is_over);
    // The person's line comes first, and where two people were connected Exotel judges the second.
    let by = legs.iter().find_map(|leg| leg.answered_by);
    Ok(StatusCallback {
        news: news(
            &call_sid,
            &status,
            occasion == Occasion::Answered,
            by,
            duration_s,
        ),
        call_id: fields
            .text("CustomField")
            .and_then(|text| CallId::from_str(text).ok()),
        occasion,
        duration_s,
        direction: fields.word("Direction"),
        from: fields.number("From", region),
        to: fields.number("To", region),
        recording_url: fields.text("RecordingUrl").and_then(fields::web_address),
        legs,
        call_sid,
        status,
    })
}

/// The time two people were connected; where there was but one, the time on the line.
fn talked_s(fields: &Fields, legs: &[Leg]) -> Option<u32> {
    let connected_s = fields.whole("ConversationDuration");
    let on_call_s = legs.first().and_then(|leg| leg.on_call_s);
    match (connected_s, legs.len()) {
        (Some(seconds), _) if seconds > 0 => Some(seconds),
        (connected_s, 0 | 1) => on_call_s.or(connected_s),
        (connected_s, _) => connected_s,
    }
}

fn legs(fields: &Fields) -> Vec<Leg> {
    let leg = |index: usize| {
        // Call details wrap each leg once more, and callbacks may follow.
        let prefix = ["", "Leg."].map(|wrap| format!("Legs.{index}.{wrap}"));
        let text = |name: &str| {
            let mut places = prefix.iter();
            places.find_map(|prefix| fields.text(&format!("{prefix}{name}")))
        };
        let leg = Leg {
            status: text("Status").map(word),
            on_call_s: text("OnCallDuration").and_then(|text| text.parse().ok()),
            answered_by: text("AnsweredBy").and_then(answered_by),
        };
        let names = ["Status", "OnCallDuration", "AnsweredBy"];
        names.iter().any(|name| text(name).is_some()).then_some(leg)
    };
    (0..LEGS_MAX).map_while(leg).collect()
}
