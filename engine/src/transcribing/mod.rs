//! Listening to recordings of calls in which nobody wrote down what was said.
//!
//! What is to be listened to stands in the table `transcriptions` (dialing notes it when a call is over, see
//! `dialing::transcribed`), and nothing of the life of a call waits for it. Every process that dials claims what is due, as
//! far as there is room for all of them together; a claim of whoever died runs out. So no recording is ever listened to
//! by two at once, and none is forgotten.

mod config;
mod listen;
pub mod pool;

use std::sync::Arc;

use carriers::Transcriber;
use parking_lot::Mutex;
use tokio_util::task::TaskTracker;

pub use config::TranscribingConfig;
pub use pool::PoolStatus;

use crate::clock::Clock;
use crate::database::Database;
use crate::dialing::Dialing;
use crate::error::EngineError;
use crate::store::transcriptions;
use pool::Pool;

/// What may come of asking for a recording, as the metrics have it: words; none; three ways of trying again (a service
/// without capacity, one that fails, one that refuses the account); a recording that is refused; and no more tries.
pub const ANSWERS: [&str; 7] = [
    "told",
    "silence",
    "no_capacity",
    "failed",
    "fault",
    "rejected",
    "given_up",
];

/// The part of one process in listening to recordings.
pub struct Transcribing {
    database: Database,
    clock: Arc<dyn Clock>,
    dialing: Arc<Dialing>,
    transcriber: Arc<dyn Transcriber>,
    config: TranscribingConfig,
    pool: Mutex<Pool>,
    under_way: TaskTracker,
}

/// How far the room is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolFigures {
    /// Recordings that this process has listened to just now.
    pub in_use: u32,
    /// How many all processes together may at once.
    pub at_once_max: u32,
    /// How the service is, as far as this process has seen.
    pub status: PoolStatus,
}

impl Transcribing {
    /// Has recordings listened to by `transcriber`, for the process that `dialing` is the dialing engine of.
    #[must_use]
    pub fn new(
        (database, clock): (Database, Arc<dyn Clock>),
        dialing: Arc<Dialing>,
        transcriber: Arc<dyn Transcriber>,
        config: TranscribingConfig,
    ) -> Arc<Self> {
        Arc::new(Self {
            database,
            clock,
            dialing,
            transcriber,
            pool: Mutex::new(Pool::new(&config)),
            config,
            under_way: TaskTracker::new(),
        })
    }

    /// Begins to have recordings listened to that are due, as far as there is room; how many. Does not wait for what they
    /// say. Must be called within a tokio runtime.
    ///
    /// Takes no hint, may run in every process at once. Dying in the middle costs the time of a claim.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn transcribe(self: &Arc<Self>) -> Result<usize, EngineError> {
        let now = self.clock.now();
        let room = self.pool.lock().room(now);
        if room == 0 || !transcriptions::is_any_due(self.database.reader(), now).await? {
            return Ok(0);
        }
        let times = (now, now + self.config.claim());
        let txn = self.database.begin().await?;
        let claimed = transcriptions::claim(&txn, times, room, self.config.at_once_max).await?;
        txn.commit().await?;
        let count = claimed.len();
        for row in claimed {
            let seat = Seat::take(Arc::clone(self));
            self.under_way
                .spawn(async move { seat.0.listen(row).await });
        }
        Ok(count)
    }

    /// Waits until everything is answered that was begun.
    pub async fn finish(&self) {
        self.under_way.close();
        self.under_way.wait().await;
    }

    /// How far the room is used now.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn figures(&self) -> Result<PoolFigures, EngineError> {
        let now = self.clock.now();
        let claimed = transcriptions::count_claimed(self.database.reader(), now).await?;
        Ok(self.pool.lock().figures(claimed, now))
    }
}

/// The part of `at_once_max` that is in use, from 0 to 1; 0 where there is no room at all.
#[must_use]
pub fn utilization(in_use: u64, at_once_max: u32) -> f64 {
    if at_once_max == 0 {
        return 0.0;
    }
    let in_use = u32::try_from(in_use).unwrap_or(u32::MAX).min(at_once_max);
    f64::from(in_use) / f64::from(at_once_max)
}

/// A place in the room; given back when dropped.
struct Seat(Arc<Transcribing>);

impl Seat {
    fn take(transcribing: Arc<Transcribing>) -> Self {
        transcribing.pool.lock().take_seat();
        Self(transcribing)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.pool.lock().leave_seat();
    }
}
