//! How a call's news, in any order and any number of copies, become one state that never goes back.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::outcome::{AnsweredBy, CallStatus, Outcome, words};

/// Something somebody told us about a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
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
    /// It was picked up, but no agent could speak: the agent's provider refused or broke off.
    AgentFailed {
        /// What the provider said, for people to read.
        reason: String,
    },
    /// The call is over.
    Ended {
        /// How it ended; must be final.
        end: End,
        /// Seconds of talk, where the carrier said so.
        duration_s: Option<u32>,
    },
}

words! {
    /// How a call can end.
    End {
        /// Answered and hung up.
        Completed = "completed",
        /// The line was busy.
        Busy = "busy",
        /// It rang out.
        NoAnswer = "no_answer",
        /// It could not be carried.
        Failed = "failed",
        /// Called off before an answer.
        Canceled = "canceled",
        /// The carrier refused the number for good.
        Rejected = "rejected",
        /// The carrier does not know it.
        Lost = "lost",
    }
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
    /// Why no agent could speak, where none could.
    pub agent_error: Option<String>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub end: Option<End>,
    /// Seconds of talk; `None` where the carrier did not say.
    pub duration_s: Option<u32>,
}

impl Progress {
    /// Takes in `news` of the instant `at`; true where it taught something.
    ///
    /// The first word on a thing stands: a second end, a ringing after the end or another name change nothing. Only who
    /// picked up is corrected, by a verdict that is worth more. So every order and every repetition of the same news
    /// with one end leads to the same [`end`](Self::end), [`duration_s`](Self::duration_s),
    /// [`answered_by`](Self::answered_by), [`status`](Self::status) and [`outcome`](Self::outcome); the instants, and
    /// which of several different names or reasons is kept, depend on what arrived first.
    ///
    /// A completed call was picked up. Where nobody said when, it is the end less the talk, or the end itself.
    pub fn learn(&mut self, news: &News, at: DateTime<Utc>) -> bool {
        match news {
            News::Accepted { carrier_call_id } => {
                set_once(&mut self.carrier_call_id, carrier_call_id.clone())
            }
            News::Ringing => self.end.is_none() && set_once(&mut self.ringing_at, at),
            News::Answered => self.end.is_none() && set_once(&mut self.answered_at, at),
            News::Detected(by) => self.detect(*by),
            News::AgentFailed { reason } => set_once(&mut self.agent_error, reason.clone()),
            News::Ended { end, duration_s } => self.finish(*end, *duration_s, at),
        }
    }

    fn detect(&mut self, by: AnsweredBy) -> bool {
        let is_better = self
            .answered_by
            .is_none_or(|known| certainty(known) < certainty(by));
        if is_better {
            self.answered_by = Some(by);
        }
        is_better
    }

    fn finish(&mut self, end: End, duration_s: Option<u32>, at: DateTime<Utc>) -> bool {
        if self.end.is_some() {
            return false;
        }
        self.end = Some(end);
        self.ended_at = Some(at);
        self.duration_s = duration_s;
        if end == End::Completed && self.answered_at.is_none() {
            // Without this, a talk whose "answered" got lost would count as never answered.
            let talk = TimeDelta::seconds(duration_s.unwrap_or(0).into());
            self.answered_at = at.checked_sub_signed(talk);
        }
        true
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
    ///
    /// A call that was picked up and had no agent to speak is [`Outcome::Failed`], whoever listened: nobody was talked
    /// to, and that was not the contact's doing.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        Some(match self.end? {
            End::Completed if self.agent_error.is_some() => Outcome::Failed,
            End::Completed if self.answered_by.is_some_and(AnsweredBy::is_machine) => {
                Outcome::Voicemail
            }
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

/// How much a verdict is worth against another on the same call. A greeting sounds human until it goes on, so a machine
/// once heard is believed; "unknown" is believed only for want of anything better.
const fn certainty(by: AnsweredBy) -> u8 {
    match by {
        AnsweredBy::Unknown => 0,
        AnsweredBy::Human => 1,
        AnsweredBy::Machine => 2,
        AnsweredBy::Fax => 3,
    }
}

fn set_once<T>(slot: &mut Option<T>, value: T) -> bool {
    let is_new = slot.is_none();
    if is_new {
        *slot = Some(value);
    }
    is_new
}

#[cfg(test)]
mod tests;
