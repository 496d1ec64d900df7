//! What comes after an attempt: a decision, not a side effect.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::calendar::Calendar;
use crate::outcome::Outcome;

/// How often and how soon a contact is called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, the first included; 1 to 50. One cap per contact, whatever mix of outcomes used it up.
    pub attempts_max: u16,
    /// The least time between the end of one attempt and the begin of the next.
    pub delay: TimeDelta,
    /// What to do when the contact asks to be called back.
    pub callbacks: CallbackPolicy,
}

/// Whether, how soon and how often a contact that asks for it is called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallbackPolicy {
    /// False: a wish for a callback changes nothing.
    pub enabled: bool,
    /// Callbacks in all, on top of the attempts.
    pub attempts_max: u16,
    /// How long after the call's end, where the contact named no time.
    pub delay: TimeDelta,
}

/// What was already tried, the call that just ended included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// Charged calls in all, callbacks included.
    pub attempts: u16,
    /// Charged calls among them that were callbacks.
    pub callbacks: u16,
}

impl Tries {
    /// Attempts that count against [`RetryPolicy::attempts_max`].
    #[must_use]
    pub const fn ordinary(self) -> u16 {
        self.attempts.saturating_sub(self.callbacks)
    }
}

/// What the conversation said about the future, where there was one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The contact asked not to be called again.
    pub do_not_call: bool,
    /// The contact asked to be called back.
    pub callback: Option<Callback>,
}

/// A callback asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Callback {
    /// The time asked for; `None`: after the policy's delay.
    pub at: Option<DateTime<Utc>>,
}

/// What comes next for a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another ordinary attempt, no earlier than this instant, which lies in an open window.
    Retry(DateTime<Utc>),
    /// A callback, no earlier than this instant, which lies in an open window. Goes before ordinary attempts.
    Callback(DateTime<Utc>),
    /// Reached; nothing more to do.
    Done,
    /// Every attempt is used up, or the calendar never opens again.
    Exhausted,
    /// The number is refused for good.
    Never,
    /// The contact asked not to be called.
    DoNotCall,
}

/// When a call is judged: its end, and the calendar that later calls must respect.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// When the call ended; delays count from here.
    pub ended_at: DateTime<Utc>,
    /// The campaign's calendar.
    pub calendar: &'a Calendar,
    /// The zone in which the calendar applies to this contact.
    pub zone: Tz,
}

impl RetryPolicy {
    /// What comes after a call with `outcome`, all of `tries` made.
    ///
    /// A wish not to be called outranks everything, a wished callback outranks the outcome. [`Outcome::Lost`] was never
    /// charged, so the contact is due again at the call's end, whatever was tried before.
    #[must_use]
    pub fn decide(&self, outcome: Outcome, wish: Wish, tries: Tries, moment: Moment<'_>) -> Next {
        if wish.do_not_call {
            return Next::DoNotCall;
        }
        if let Some(next) = wish.callback.and_then(|c| self.callback(c, tries, moment)) {
            return next;
        }
        let earliest = match outcome {
            Outcome::Answered => return Next::Done,
            Outcome::Rejected => return Next::Never,
            Outcome::Lost => moment.ended_at,
            Outcome::Voicemail
            | Outcome::Busy
            | Outcome::NoAnswer
            | Outcome::Failed
            | Outcome::Canceled => {
                if tries.ordinary() >= self.attempts_max {
                    return Next::Exhausted;
                }
                moment.ended_at + self.delay
            }
        };
        moment
            .next_open(earliest)
            .map_or(Next::Exhausted, Next::Retry)
    }

    fn callback(&self, wished: Callback, tries: Tries, moment: Moment<'_>) -> Option<Next> {
        let policy = &self.callbacks;
        if !policy.enabled || tries.callbacks >= policy.attempts_max {
            return None;
        }
        // A time in the past was misheard; the policy's delay is what the person can rely on.
        let default = moment.ended_at + policy.delay;
        let at = wished
            .at
            .filter(|at| *at > moment.ended_at)
            .unwrap_or(default);
        moment.next_open(at).map(Next::Callback)
    }
}

impl Moment<'_> {
    fn next_open(&self, earliest: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.calendar.next_open(self.zone, earliest)
    }
}
