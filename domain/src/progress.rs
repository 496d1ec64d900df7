//! How a call's news, in any order and any number of copies, become one state that never goes back.

use chrono::{DateTime, Utc};

use crate::outcome::{AnsweredBy, CallStatus, Outcome};

/// Something somebody told us about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The carrier knows the call under this name.
    Accepted {
        /// The carrier's id of the call.
        carrier_call_id: String,
    },
    /// The phone rings.
    Ringing,
    /// Somebody or something picked up.
    Answered,
    /// The carrier looked at who picked up.
    Detected(AnsweredBy),
    /// The call is over.
    Ended {
        /// How it ended; must be final.
        end: End,
        /// Seconds of talk, where the carrier said so.
        duration_s: Option<u32>,
    },
}

/// How a call can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// Answered and hung up.
    Completed,
    /// The line was busy.
    Busy,
    /// It rang out.
    NoAnswer,
    /// It could not be carried.
    Failed,
    /// Called off before an answer.
    Canceled,
    /// The carrier refused the number for good.
    Rejected,
    /// The carrier does not know it.
    Lost,
}

/// What is known of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The carrier's id of the call.
    pub carrier_call_id: Option<String>,
    /// When the phone began to ring.
    pub ringing_at: Option<DateTime<Utc>>,
    /// When it was picked up.
    pub answered_at: Option<DateTime<Utc>>,
    /// Who picked up.
    pub answered_by: Option<AnsweredBy>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub end: Option<End>,
    /// Seconds of talk.
    pub duration_s: Option<u32>,
}

impl Progress {
    /// Takes in `news` of the instant `at`; true where it taught something.
    ///
    /// The first word on a thing stands: a second end, a ringing after the end or another name change nothing. So
    /// every order and every repetition of the same news leads to a state with the same end.
    pub fn learn(&mut self, news: &News, at: DateTime<Utc>) -> bool {
        match news {
            News::Accepted { carrier_call_id } => set_once(&mut self.carrier_call_id, carrier_call_id.clone()),
            News::Ringing => self.end.is_none() && set_once(&mut self.ringing_at, at),
            News::Answered => self.end.is_none() && set_once(&mut self.answered_at, at),
            News::Detected(by) => set_once(&mut self.answered_by, *by),
            News::Ended { end, duration_s } => {
                if self.end.is_some() {
                    return false;
                }
                self.end = Some(*end);
                self.ended_at = Some(at);
                self.duration_s = *duration_s;
                true
            }
        }
    }

    /// The call's status on the wire.
    #[must_use]
    pub fn status(&self) -> CallStatus {
        match self.end {
            None if self.answered_at.is_some() => CallStatus::InProgress,
            None => CallStatus::Initiated,
            Some(End::Completed) => CallStatus::Completed,
            Some(End::Busy) => CallStatus::Busy,
            Some(End::NoAnswer) => CallStatus::NoAnswer,
            Some(End::Failed | End::Canceled | End::Rejected | End::Lost) => CallStatus::Failed,
        }
    }

    /// What came of it, once it is over.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        Some(match self.end? {
            End::Completed if self.answered_by.is_some_and(AnsweredBy::is_machine) => Outcome::Voicemail,
            End::Completed => Outcome::Answered,
            End::Busy => Outcome::Busy,
            End::NoAnswer => Outcome::NoAnswer,
            End::Failed => Outcome::Failed,
            End::Canceled => Outcome::Canceled,
            End::Rejected => Outcome::Rejected,
            End::Lost => Outcome::Lost,
        })
    }
}

fn set_once<T>(slot: &mut Option<T>, value: T) -> bool {
    let is_new = slot.is_none();
    if is_new {
        *slot = Some(value);
    }
    is_new
}
