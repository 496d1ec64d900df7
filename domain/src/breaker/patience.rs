//! For how long a carrier asked to be left alone.

use chrono::{DateTime, TimeDelta, Utc};

/// The first pause after a carrier asked for patience without saying how much; doubled each time.
const PAUSE: TimeDelta = TimeDelta::milliseconds(500);
/// The longest such pause.
const PAUSE_MAX: TimeDelta = TimeDelta::seconds(30);
/// Doublings that reach the longest pause.
const DOUBLINGS_MAX: u32 = 6;

/// What the carrier asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patience {
    /// Nobody asks the carrier before; `None`, or an instant that has passed: it asks for nothing.
    pub until: Option<DateTime<Utc>>,
    /// How often in a row it asked for patience.
    pub refusals: u32,
}

impl Patience {
    /// The carrier asked for patience: for as long as `asked`, or, where it does not say, for longer each time.
    pub(super) fn refused(&mut self, asked: Option<TimeDelta>, now: DateTime<Utc>) {
        let is_waiting = self.until.is_some_and(|until| until > now);
        let doublings = self.refusals.min(DOUBLINGS_MAX);
        let pause = (PAUSE * (1_i32 << doublings)).min(PAUSE_MAX);
        // Requests that were on their way together are refused together: that is one refusal.
        if !is_waiting {
            self.refusals = self.refusals.saturating_add(1);
        }
        if asked.is_some() || !is_waiting {
            self.asked_for(asked.unwrap_or(pause), now);
        }
    }

    /// The carrier is left alone for `wait` from `now` on, or for longer where it asked for more before.
    pub(super) fn asked_for(&mut self, wait: TimeDelta, now: DateTime<Utc>) {
        let until = now + wait;
        self.until = Some(self.until.map_or(until, |known| known.max(until)));
    }
}
