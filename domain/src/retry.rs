//! What comes after an attempt: a decision, not a side effect.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::calendar::Calendar;
use crate::outcome::{AnsweredBy, Outcome};

/// The furthest ahead that a contact can wish to be called back, in days.
pub const WISH_DAYS_MAX: i64 = 365;

/// How often and how soon a contact is called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, the first included; 1 to 50. One cap per contact, whatever mix of outcomes used it up.
    pub attempts_max: u16,
    /// The least time between the end of one attempt and the begin of the next. Not negative.
    pub delay: TimeDelta,
    /// What to do when the contact asks to be called back.
    pub callbacks: CallbackPolicy,
    /// Whether a contact whose machine answered is called again.
    pub retries_machines: bool,
}

/// Whether, how soon and how often a contact that asks for it is called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallbackPolicy {
    /// False: a wish for a callback changes nothing.
    pub enabled: bool,
    /// Callbacks in all, on top of the attempts.
    pub attempts_max: u16,
    /// How long after the call's end, where the contact named no time. Not negative.
    pub delay: TimeDelta,
}

/// What was already tried, the call that just ended included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// Charged calls in all, callbacks included.
    pub attempts: u16,
    /// Charged calls among them that were callbacks.
    pub callbacks: u16,
    /// Whether the call that just ended was a callback.
    pub was_callback: bool,
}

impl Tries {
    /// Attempts that count against [`RetryPolicy::attempts_max`].
    #[must_use]
    pub const fn ordinary(self) -> u16 {
        self.attempts.saturating_sub(self.callbacks)
    }
}

/// How a call ended, as far as that says what may come after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What came of it.
    pub outcome: Outcome,
    /// Who picked up, where anybody did and knows.
    pub by: Option<AnsweredBy>,
}

impl From<Outcome> for Ended {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, by: None }
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
    /// The time asked for; `None`: after the policy's delay. So too where it is before the call's end, or more than
    /// [`WISH_DAYS_MAX`] after it.
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
    /// Every attempt that the policy grants is used up, or the calendar never opens again.
    Exhausted,
    /// Nobody can be reached at the number, however often it is called.
    Never,
    /// The contact asked not to be called.
    DoNotCall,
}

/// As what a contact is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// An ordinary attempt.
    Attempt,
    /// A callback it asked for, or is owed.
    Callback,
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
    /// What comes after a call that `ended` so, all of `tries` made.
    ///
    /// A wish not to be called outranks everything, a wished callback outranks the outcome. A callback that did not reach
    /// the person is owed: it is tried again, as a callback, while the callback policy grants one, and not sooner than an
    /// ordinary attempt would be. A wish that cannot be met, because callbacks are off, used up or never fall into an
    /// open window, leaves the decision to the outcome.
    ///
    /// Behind a fax there is no person: its number is given up at once. A machine is called again
    /// where the policy says so, or where its owner is owed a callback.
    ///
    /// [`Outcome::Lost`] was never charged, so the contact is due again at the call's end, for what the lost call was: an
    /// attempt, if the policy still grants it, or a callback.
    #[must_use]
    pub fn decide(
        &self,
        ended: impl Into<Ended>,
        wish: Wish,
        tries: Tries,
        moment: Moment<'_>,
    ) -> Next {
        let Ended { outcome, by } = ended.into();
        if wish.do_not_call {
            return Next::DoNotCall;
        }
        let wished = wish.callback.filter(|_| self.grants_callback(tries));
        if let Some(at) = wished.and_then(|callback| self.wished_time(callback, moment)) {
            return Next::Callback(at);
        }
        let next = match outcome {
            Outcome::Answered => return Next::Done,
            Outcome::Rejected => return Next::Never,
            Outcome::Voicemail if by == Some(AnsweredBy::Fax) => return Next::Never,
            Outcome::Voicemail if !self.retries_machines => self.owed_callback(tries, moment),
            Outcome::Lost => self.after_lost(tries, moment),
            Outcome::Voicemail
            | Outcome::Busy
            | Outcome::NoAnswer
            | Outcome::Failed
            | Outcome::Canceled => self.after_unreached(tries, moment),
        };
        next.unwrap_or(Next::Exhausted)
    }

    fn after_unreached(&self, tries: Tries, moment: Moment<'_>) -> Option<Next> {
        if tries.callbacks > 0 && self.grants_callback(tries) {
            return self.owed_callback(tries, moment);
        }
        self.grants_attempt(tries)
            .then(|| moment.open_after(self.delay))?
            .map(Next::Retry)
    }

    /// The callback of somebody who asked for one and was not reached by it.
    fn owed_callback(&self, tries: Tries, moment: Moment<'_>) -> Option<Next> {
        let is_owed = tries.callbacks > 0 && self.grants_callback(tries);
        let delay = self.delay.max(self.callbacks.delay);
        is_owed
            .then(|| moment.open_after(delay))?
            .map(Next::Callback)
    }

    /// Whether a callback is still granted is judged when it falls due: it depends on what came of the calls before.
    fn after_lost(&self, tries: Tries, moment: Moment<'_>) -> Option<Next> {
        let due = moment.open_after(TimeDelta::zero())?;
        if tries.was_callback {
            return Some(Next::Callback(due));
        }
        self.grants_attempt(tries).then_some(Next::Retry(due))
    }

    /// As what a contact is called that has fallen due; `None`: it is not called any more. `is_callback`: what it waited for;
    /// `last`: what came of its last charged call.
    ///
    /// The policy may have changed while it waited. Whoever is owed a callback that is no longer granted, and was not reached
    /// by the last call, is called as an attempt if one is left, and once the delay since that call has passed.
    #[must_use]
    pub fn due(&self, tries: Tries, is_callback: bool, last: Option<Outcome>) -> Option<Due> {
        if is_callback && self.grants_callback(tries) {
            return Some(Due::Callback);
        }
        let is_open = !is_callback || last.is_none_or(|outcome| self.retries(outcome));
        (is_open && self.grants_attempt(tries)).then_some(Due::Attempt)
    }

    /// True where a call that came to this is followed by an attempt, if one is left.
    const fn retries(&self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Voicemail => self.retries_machines,
            Outcome::Busy | Outcome::NoAnswer | Outcome::Failed | Outcome::Canceled => true,
            Outcome::Answered | Outcome::Rejected | Outcome::Lost => false,
        }
    }

    /// True where a contact that was called this often may be called once more as an ordinary attempt.
    #[must_use]
    pub const fn grants_attempt(&self, tries: Tries) -> bool {
        tries.ordinary() < self.attempts_max
    }

    const fn grants_callback(&self, tries: Tries) -> bool {
        self.callbacks.enabled && tries.callbacks < self.callbacks.attempts_max
    }

    /// A time in the past, or more than [`WISH_DAYS_MAX`] ahead, was misheard: the policy's delay is what the person can
    /// rely on then.
    fn wished_time(&self, wished: Callback, moment: Moment<'_>) -> Option<DateTime<Utc>> {
        let ahead = wished.at.map(|at| at - moment.ended_at);
        let is_believable = |ahead: &TimeDelta| {
            *ahead > TimeDelta::zero() && *ahead <= TimeDelta::days(WISH_DAYS_MAX)
        };
        moment.open_after(ahead.filter(is_believable).unwrap_or(self.callbacks.delay))
    }
}

impl Moment<'_> {
    /// The first open instant no earlier than `delay` after the call's end.
    fn open_after(&self, delay: TimeDelta) -> Option<DateTime<Utc>> {
        self.calendar
            .next_open(self.zone, self.ended_at.checked_add_signed(delay)?)
    }
}

#[cfg(test)]
mod tests;
