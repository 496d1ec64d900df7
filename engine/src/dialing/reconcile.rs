//! Repairs whatever a crash, a lost message or a silent carrier left behind.
//!
//! Takes no hint about what to look for: the rare path, after a crash, is the daily one. Every step is bounded, is safe
//! to run twice and at once in two processes, and one bad row does not stop the rest.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{CampaignId, ContactId};
use entity::{campaign, contact};

use super::topped_up::ToppedUp;
use super::{Dialing, Lines};
use crate::error::EngineError;
use crate::fail_point;
use crate::queue::{CallJob, PUSH_MAX};
use crate::store::counters::Ledger;
use crate::store::{self};

/// How long one process is the reconciler unless it says so again.
const LEASE: TimeDelta = TimeDelta::seconds(5);
const LEASE_NAME: &str = "reconcile";
/// How long a job that is pushed again is good for.
const JOB_LIFE: TimeDelta = TimeDelta::minutes(1);
/// Campaigns topped up in one run.
const CAMPAIGNS_MAX: u64 = 200;
/// Failed top-ups after which a run leaves the rest to the next.
const TOP_UP_FAILURES_MAX: usize = 3;
/// A worker that gave no sign for so long is gone.
const WORKER_SILENT_MAX: TimeDelta = TimeDelta::seconds(60);
/// How long receipts of webhooks are kept, and that a recording was listened to: far longer than anybody repeats one.
const RECEIPTS_KEPT: TimeDelta = TimeDelta::days(3);
/// Receipts forgotten in one run.
const RECEIPTS_MAX: u64 = 1_000;

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// False where another process is the reconciler: then nothing was done.
    pub is_holder: bool,
    /// Webhooks taken into the books that somebody had kept and not come to.
    pub webhooks: usize,
    /// Campaigns that were topped up, completed or swept.
    pub campaigns: usize,
    /// Jobs pushed again.
    pub requeued: usize,
    /// Campaigns whose counters were wrong and are right now.
    pub recounted: usize,
    /// Workers taken off the list.
    pub workers_gone: u64,
    /// Steps that failed and will be tried again.
    pub failed: usize,
}

impl Dialing {
    /// One run, if this process is, or can become, the reconciler.
    ///
    /// Safe to run twice and at once, as every step is. Dying in the middle costs the rest of the run: the next one, here or
    /// after five seconds elsewhere, finds the same things to do.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer the question who reconciles. What fails later is counted.
    pub async fn reconcile(&self) -> Result<Reconciled, EngineError> {
        let now = self.parts.clock.now();
        let lease = (LEASE_NAME, self.process.as_str());
        if !store::leases::acquire(self.parts.database.writer(), lease, now, now + LEASE).await? {
            return Ok(Reconciled::default());
        }
        fail_point!("reconcile.claimed");
        let mut done = Reconciled {
            is_holder: true,
            ..Reconciled::default()
        };
        done.requeued = self.count_failure(self.requeue(now).await, &mut done.failed);
        done.campaigns = self.count_failure(self.top_up_awake(now).await, &mut done.failed);
        done.recounted = self.count_failure(self.recount_one().await, &mut done.failed);
        done.workers_gone = self.count_failure(self.housekeeping(now).await, &mut done.failed);
        let left = self.count_failure(self.take_in_left_behind(now).await, &mut done.failed);
        done.webhooks = left.taken_in;
        done.failed += left.failed;
        for (kind, count) in [
            ("webhook_taken_in", done.webhooks as u64),
            ("job_pushed_again", done.requeued as u64),
            ("counters_corrected", done.recounted as u64),
            ("worker_gone", done.workers_gone),
            ("failed", done.failed as u64),
        ] {
            metrics::counter!("dialer_reconcile_repairs_total", "kind" => kind).increment(count);
        }
        Ok(done)
    }

    /// When the next campaign has something to do that it waits for: a contact falls due, a window opens. `None`: not
    /// before `until`. For whoever is the reconciler, between two runs.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn next_wake(
        &self,
        until: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, EngineError> {
        let (reader, now) = (self.parts.database.reader(), self.parts.clock.now());
        Ok(store::campaigns::next_wake(reader, now, until).await?)
    }

    /// Tops up the campaigns that have something to do by now, as a run does; how many were given jobs or completed.
    ///
    /// # Errors
    /// `Unavailable` where the database or the queue does not answer: the next run finds the same campaigns.
    pub async fn top_up_due(&self) -> Result<usize, EngineError> {
        self.top_up_awake(self.parts.clock.now()).await
    }

    /// Gives the role up, so that another process need not wait for the lease to run out.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn stop_reconciling(&self) -> Result<(), EngineError> {
        store::leases::release(self.parts.database.writer(), LEASE_NAME, &self.process).await?;
        Ok(())
    }

    fn count_failure<T: Default>(&self, result: Result<T, EngineError>, failed: &mut usize) -> T {
        result.unwrap_or_else(|error| {
            tracing::warn!(
                ?error,
                "a step of the reconciler failed and will be tried again"
            );
            *failed += 1;
            T::default()
        })
    }

    /// Contacts queued long ago: their jobs may be lost. The same ids again, so that what is not lost is not doubled.
    async fn requeue(&self, now: DateTime<Utc>) -> Result<usize, EngineError> {
        let since = now - TimeDelta::seconds(i64::from(self.parts.config.requeue_after_s));
        let reader = self.parts.database.reader();
        let overdue = store::contacts::queued_before(reader, since, PUSH_MAX as u64).await?;
        if overdue.is_empty() {
            return Ok(0);
        }
        let campaigns: BTreeSet<CampaignId> = overdue
            .iter()
            .map(|row| CampaignId::from_uuid(row.campaign_id))
            .collect();
        let txn = self.parts.database.begin().await?;
        Ledger::lock(&txn, campaigns.iter().copied()).await?;
        // Only now: a contact that a worker took meanwhile is left alone.
        let ids: Vec<i64> = overdue.iter().map(|row| row.id).collect();
        let queued = store::contacts::touch_queued(&txn, ids, now).await?;
        let rows = store::campaigns::find_all(&txn, campaigns).await?;
        txn.commit().await?;
        fail_point!("reconcile.requeued", !queued.is_empty());
        let numbers = rows.values().filter_map(|row| row.phone_number.as_deref());
        let lines = Lines::of(reader, &self.parts.carriers, numbers).await?;
        let jobs: Vec<CallJob> = queued
            .iter()
            .filter_map(|contact| {
                job_again(
                    contact,
                    rows.get(&CampaignId::from_uuid(contact.campaign_id))?,
                    &lines,
                    now,
                )
            })
            .collect();
        self.push(&jobs).await?;
        Ok(jobs.len())
    }

    /// Campaigns for which something may have to be done: a contact is due, a window opened, the end came.
    async fn top_up_awake(&self, now: DateTime<Utc>) -> Result<usize, EngineError> {
        let awake =
            store::campaigns::awake(self.parts.database.reader(), now, CAMPAIGNS_MAX).await?;
        if awake.is_empty() {
            return Ok(0);
        }
        // Asked once for all: a queue that is away would be waited for again and again.
        let mut depth = self.parts.queue.depth().await.ok();
        let (mut done, mut failures) = (0, 0);
        for campaign in awake {
            if depth.is_some() && self.is_overloaded().await {
                break;
            }
            match self.top_up_over(campaign, depth).await {
                Ok(ToppedUp::Queued(0) | ToppedUp::Idle) => {}
                Ok(topped_up) => {
                    done += 1;
                    if let ToppedUp::Queued(count) = topped_up {
                        depth = depth.map(|depth| {
                            depth.saturating_add(u32::try_from(count).unwrap_or(u32::MAX))
                        });
                    }
                }
                Err(error) => {
                    tracing::warn!(campaign.id = %campaign, ?error, "could not top up campaign {campaign}");
                    // One campaign's lock may be held; several mean that the database is away. What is wrong with one
                    // campaign itself says nothing about the others.
                    failures += usize::from(error.is_transient());
                    if failures >= TOP_UP_FAILURES_MAX {
                        return Err(error);
                    }
                }
            }
        }
        Ok(done)
    }

    async fn housekeeping(&self, now: DateTime<Utc>) -> Result<u64, EngineError> {
        let db = self.parts.database.writer();
        let gone = store::workers::remove_silent(db, now - WORKER_SILENT_MAX).await?;
        store::inbox::prune(db, now - RECEIPTS_KEPT, RECEIPTS_MAX).await?;
        store::transcriptions::prune(db, now - RECEIPTS_KEPT, RECEIPTS_MAX).await?;
        let reaped = self
            .parts
            .queue
            .reap()
            .await
            .map_err(EngineError::unavailable)?;
        tracing::trace!(reaped, "forgot finished jobs");
        Ok(gone)
    }

    /// The campaigns that would be topped up at `now`; for tests and for the curious.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn awake(&self, now: DateTime<Utc>) -> Result<BTreeSet<CampaignId>, EngineError> {
        let awake =
            store::campaigns::awake(self.parts.database.reader(), now, CAMPAIGNS_MAX).await?;
        Ok(awake.into_iter().collect())
    }
}

/// `begin` judges the window and everything else again; the short life only keeps the job from living for ever.
fn job_again(
    contact: &contact::Model,
    campaign: &campaign::Model,
    lines: &Lines,
    now: DateTime<Utc>,
) -> Option<CallJob> {
    let number = campaign.phone_number.as_deref().unwrap_or_default();
    Some(CallJob {
        campaign_id: CampaignId::from_uuid(contact.campaign_id),
        contact_id: ContactId::from_i64(contact.id),
        attempt: u32::try_from(contact.attempts + 1).ok()?,
        attempts_max: u32::try_from(campaign.call_attempts_per_contact).ok()?,
        ticket: contact.ticket,
        not_after: now + JOB_LIFE,
        limit: u32::try_from(campaign.max_concurrent_calls).ok()?,
        limit_as_of: campaign.updated_at,
        carrier: lines.carrier_of(number).to_string(),
    })
}
