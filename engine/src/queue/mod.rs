//! The queue: it carries permission to dial now, and may be lost.
//!
//! The contract is here; [`redis`] and [`memory`] keep it, and one suite in `tests` holds both to it.

pub mod memory;
pub mod redis;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::{CampaignId, ContactId};
use serde::{Deserialize, Serialize};

/// Jobs the whole queue may hold. Asked before each push, so that several processes at once may go beyond it by a push each:
/// still far below the 8,000 jobs due at once at which the queue's fetch script fails for good.
pub const QUEUE_DEPTH_MAX: u32 = 2_000;
/// Jobs in one push.
pub const PUSH_MAX: usize = 500;

/// Permission to dial one contact now. Safe to run twice: `begin` in the database decides.
///
/// Every field but the ids has a default, so that a worker of another version can read it: a job that cannot be read
/// would stop every worker that meets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallJob {
    /// Which campaign.
    pub campaign_id: CampaignId,
    /// Which contact.
    pub contact_id: ContactId,
    /// 1 for the first try.
    #[serde(default)]
    pub attempt: u32,
    /// How many the policy grants.
    #[serde(default)]
    pub attempts_max: u32,
    /// How often the contact had been queued when this was written; an older one is stale.
    #[serde(default)]
    pub ticket: i32,
    /// The end of the window: past it the permission is void.
    #[serde(default)]
    pub not_after: DateTime<Utc>,
    /// The campaign's `maxConcurrentCalls` when this was written: what the limiter is tied to.
    #[serde(default)]
    pub limit: u32,
    /// When the campaign was last changed: a limit from before never replaces one from after.
    #[serde(default)]
    pub limit_as_of: DateTime<Utc>,
    /// Whose turn it waits for: who carried the campaign's calls when this was written. A word, so that a worker which
    /// does not know the carrier can read the job; empty or unknown: the one that is meant where nothing says.
    #[serde(default)]
    pub carrier: String,
}

impl CallJob {
    /// The job's name in the queue: a second push under it is a no-op while the first is held.
    ///
    /// The ticket is part of it, so that a contact that came back and is queued again for the same attempt is a new job
    /// even while the queue still remembers the old one as done.
    #[must_use]
    pub fn id(&self) -> String {
        format!(
            "{}:{}:{}:{}",
            self.campaign_id, self.contact_id, self.attempt, self.ticket
        )
    }
}

/// The queue does not answer.
#[derive(Debug, thiserror::Error)]
#[error("the queue does not answer")]
pub struct QueueError(#[source] pub anyhow::Error);

/// Carries permissions to dial from whoever tops a campaign up to whichever worker is free.
///
/// It may lose a job (the database knows what was queued) and may deliver one twice (`begin` decides who dials).
#[async_trait]
pub trait CallQueue: Send + Sync {
    /// Enqueues `jobs`, at most [`PUSH_MAX`], and wakes the workers; a job whose id is already held is skipped.
    async fn push(&self, jobs: &[CallJob]) -> Result<(), QueueError>;
    /// How many jobs wait or run.
    async fn depth(&self) -> Result<u32, QueueError>;
    /// Tells everybody that `process` cannot keep up with the calls that there are; true for them for `span` from now on.
    async fn note_overload(&self, process: &str, span: Duration) -> Result<(), QueueError>;
    /// Takes back what `process` told; nothing where it told nothing.
    async fn forget_overload(&self, process: &str) -> Result<(), QueueError>;
    /// Whether some process has said so, did not take it back, and its span is not over.
    async fn is_overloaded(&self) -> Result<bool, QueueError>;
    /// Asks the queue for a sign of life.
    async fn ping(&self) -> Result<(), QueueError>;
    /// Forgets what is done, so that it does not grow; at most a few thousand per call.
    async fn reap(&self) -> Result<u32, QueueError>;
}
