//! Time comes in as an argument; this is where it comes from.

use std::sync::Arc;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use parking_lot::Mutex;

/// Tells the time, to the microsecond: what the databases keep, so that what was written is what is read.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        to_microsecond(Utc::now())
    }
}

/// A clock that stands still until it is moved; for tests of rules that take hours.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<DateTime<Utc>>>);

impl ManualClock {
    /// Stands at `now`.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(to_microsecond(now))))
    }

    /// Moves forward (or back, for a negative `by`).
    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock() += by;
    }

    /// Moves to `now`.
    pub fn set(&self, now: DateTime<Utc>) {
        *self.0.lock() = to_microsecond(now);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock()
    }
}

fn to_microsecond(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(at)
}
