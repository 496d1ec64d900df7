//! One clock for everybody, which stands still until it is moved, and hands out ids in their order.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use uuid::{Builder, Uuid};

/// The clock of a run.
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<Mutex<Standing>>);

#[derive(Debug)]
struct Standing {
    now: DateTime<Utc>,
    made: HashMap<Uuid, u64>,
}

impl VirtualClock {
    /// Stands at `now`.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        let made = HashMap::new();
        Self(Arc::new(Mutex::new(Standing { now, made })))
    }

    /// Moves to `now`, never back.
    pub fn move_to(&self, now: DateTime<Utc>) {
        let mut standing = self.0.lock();
        standing.now = standing.now.max(now);
    }

    /// How many ids were handed out so far. Whoever is given one later gets a higher number: what was decided before this
    /// instant and what was decided after it can be told apart by it.
    #[must_use]
    pub fn ids_made(&self) -> u64 {
        self.0.lock().made.len() as u64
    }

    /// Which id it was, from 1 on; `None`: not one of ours.
    #[must_use]
    pub fn number_of(&self, id: Uuid) -> Option<u64> {
        self.0.lock().made.get(&id).copied()
    }
}

impl engine::Clock for VirtualClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.lock().now
    }

    fn new_id(&self) -> Uuid {
        let mut standing = self.0.lock();
        let number = standing.made.len() as u64 + 1;
        let mut rest = [0_u8; 10];
        rest[2..].copy_from_slice(&number.to_be_bytes());
        let millis = u64::try_from(standing.now.timestamp_millis()).unwrap_or(0);
        let id = Builder::from_unix_timestamp_millis(millis, &rest).into_uuid();
        standing.made.insert(id, number);
        id
    }
}

/// So many milliseconds.
#[must_use]
pub fn millis(count: i64) -> TimeDelta {
    TimeDelta::milliseconds(count)
}
