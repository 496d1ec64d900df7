//! Time comes in as an argument; this is where it comes from.

use std::sync::Arc;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use parking_lot::Mutex;
use uuid::Uuid;

/// Tells the time, to the microsecond: what the databases keep, so that what was written is what is read.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> DateTime<Utc>;

    /// An id that nobody else has and that sorts by when it was made. Time and chance are in it, so it comes from where
    /// time comes from: whoever plays a run again hands out the same ones.
    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
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
pub struct ManualClock(Arc<Mutex<Standing>>);

#[derive(Debug)]
struct Standing {
    now: DateTime<Utc>,
    /// Readings until the clock jumps, and how far.
    jump: Option<(u32, TimeDelta)>,
}

impl ManualClock {
    /// Stands at `now`.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        let standing = Standing {
            now: to_microsecond(now),
            jump: None,
        };
        Self(Arc::new(Mutex::new(standing)))
    }

    /// Moves forward (or back, for a negative `by`).
    pub fn advance(&self, by: TimeDelta) {
        self.0.lock().now += by;
    }

    /// Moves to `now`.
    pub fn set(&self, now: DateTime<Utc>) {
        self.0.lock().now = to_microsecond(now);
    }

    /// Moves by `by` just before it is read for the `reading`th time from now on, the first being 1: a process that was
    /// frozen in between.
    pub fn jump_at_reading(&self, reading: u32, by: TimeDelta) {
        self.0.lock().jump = Some((reading, by));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        let mut standing = self.0.lock();
        match standing.jump {
            Some((1, by)) => {
                standing.now += by;
                standing.jump = None;
            }
            Some((readings, by)) => standing.jump = Some((readings - 1, by)),
            None => {}
        }
        standing.now
    }
}

fn to_microsecond(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(at)
}
