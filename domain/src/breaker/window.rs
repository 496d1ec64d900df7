//! Faults and good answers of late, counted in halves of the window.

use chrono::{DateTime, TimeDelta, Utc};

use super::BreakerRules;

/// What was counted in the half of the window that runs, and in the one before.
///
/// Halves begin at whole multiples of their length, so that what several processes counted can be added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Which half runs: how many of them went by since 1970.
    pub half: i64,
    /// In it.
    pub current: Count,
    /// In the one before.
    pub previous: Count,
}

/// How many answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// That were well.
    pub well: u32,
    /// Faults.
    pub faults: u32,
}

impl Window {
    /// Counts an answer that was well. `length` is that of the whole window.
    pub fn well(&mut self, now: DateTime<Utc>, length: TimeDelta) {
        self.roll(now, length);
        self.current.well = self.current.well.saturating_add(1);
    }

    /// All that is counted.
    #[must_use]
    pub fn answers(&self) -> u32 {
        let count = |count: Count| count.well.saturating_add(count.faults);
        count(self.current).saturating_add(count(self.previous))
    }

    /// Faults that are counted.
    #[must_use]
    pub const fn faults(&self) -> u32 {
        self.current.faults.saturating_add(self.previous.faults)
    }

    pub(super) fn fault(&mut self, now: DateTime<Utc>, length: TimeDelta) {
        self.roll(now, length);
        self.current.faults = self.current.faults.saturating_add(1);
    }

    /// Adds what `other` counted in the halves that still count at `now`.
    pub(super) fn absorb(&mut self, other: &Self, now: DateTime<Utc>, length: TimeDelta) {
        let mut other = *other;
        other.roll(now, length);
        self.roll(now, length);
        self.current.add(other.current);
        self.previous.add(other.previous);
    }

    pub(super) fn is_burst(&self, rules: &BreakerRules) -> bool {
        let faults = self.faults();
        faults >= rules.faults_min
            && f64::from(faults) >= rules.fault_share * f64::from(self.answers())
    }

    /// Lets go of what is too long ago. A clock that runs behind counts into the half that runs.
    fn roll(&mut self, now: DateTime<Utc>, length: TimeDelta) {
        let half_ms = (length.num_milliseconds() / 2).max(1);
        let half = now.timestamp_millis().div_euclid(half_ms);
        match half - self.half {
            ..=0 => return,
            1 => self.previous = self.current,
            _ => self.previous = Count::default(),
        }
        self.current = Count::default();
        self.half = half;
    }
}

impl Count {
    const fn add(&mut self, other: Self) {
        self.well = self.well.saturating_add(other.well);
        self.faults = self.faults.saturating_add(other.faults);
    }
}
