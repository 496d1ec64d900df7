//! What calls come to in a stretch of time.

use chrono::{DateTime, Utc};

/// Sums of the calls begun in one quarter of an hour, or in an hour. The names are those of `call_rollups`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketSums {
    /// Its begin.
    pub bucket: DateTime<Utc>,
    /// Calls placed.
    pub calls: i64,
    /// Answered and ended.
    pub completed: i64,
    /// Could not be carried.
    pub failed: i64,
    /// Busy.
    pub busy: i64,
    /// Rang out.
    pub no_answer: i64,
    /// Answered by a machine.
    pub voicemail: i64,
    /// Reached their goal.
    pub successful: i64,
    /// Calls in which a callback was asked for.
    pub callbacks: i64,
    /// Calls that led to a callback.
    pub callbacks_scheduled: i64,
    /// Handed on, whether or not anybody took it.
    pub transfers: i64,
    /// Handed on to somebody who took it.
    pub transfers_completed: i64,
    /// Seconds of talk.
    pub talk_s: i64,
    /// Calls that `wait_ms` sums over.
    pub waits: i64,
    /// Milliseconds from begun to answered.
    pub wait_ms: i64,
    /// Agent provider's credits.
    pub credits: i64,
}
