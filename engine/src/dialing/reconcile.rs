//! Repairs whatever a crash, a lost message or a silent carrier left behind.
//!
//! Takes no hint about what to look for: the rare path, after a crash, is the daily one. Every step is bounded, is safe
//! to run twice and at once in two processes, and one bad row does not stop the rest.

use std::collections::BTreeSet;

use carriers::{
    AgentError, CallKey, CarrierError, ConversationQuery, ConversationReport, FoundCall, LookedUp,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::progress::{End, News};
use domain::{CallId, CampaignId, PhoneNumber};
use entity::call;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};

use super::Dialing;
use super::report::{CallReport, CarrierSays, Learned};
use super::top_up::ToppedUp;
use crate::campaigns::rules::Rules;
use crate::error::EngineError;
use crate::queue::{CallJob, PUSH_MAX};
use crate::store::{self};

/// How long one process is the reconciler unless it says so again.
const LEASE: TimeDelta = TimeDelta::seconds(5);
const LEASE_NAME: &str = "reconcile";
/// Calls looked at in one run.
const CHECKS_MAX: u64 = 500;
/// Look-ups under way at once.
const LOOKUPS_AT_ONCE_MAX: usize = 16;
/// Campaigns topped up in one run.
const CAMPAIGNS_MAX: u64 = 200;
/// A worker that gave no sign for so long is gone.
const WORKER_SILENT_MAX: TimeDelta = TimeDelta::seconds(60);
/// How long receipts of webhooks are kept: far longer than anybody repeats one.
const RECEIPTS_KEPT: TimeDelta = TimeDelta::days(3);
/// Receipts forgotten in one run.
const RECEIPTS_MAX: u64 = 1_000;

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// False where another process is the reconciler: then nothing was done.
    pub is_holder: bool,
    /// Campaigns that were topped up, completed or swept.
    pub campaigns: usize,
    /// Jobs pushed again.
    pub requeued: usize,
    /// Calls and conversations asked about.
    pub checked: usize,
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
    /// # Errors
    /// `Unavailable` where the database does not answer the question who reconciles. What fails later is counted.
    pub async fn reconcile(&self) -> Result<Reconciled, EngineError> {
        let now = self.parts.clock.now();
        let lease = (LEASE_NAME, self.process.as_str());
        if !store::leases::acquire(self.parts.database.writer(), lease, now, now + LEASE).await? {
            return Ok(Reconciled::default());
        }
        let mut done = Reconciled {
            is_holder: true,
            ..Reconciled::default()
        };
        done.requeued = self.count_failure(self.requeue(now).await, &mut done.failed);
        done.checked = self.count_failure(self.check_calls(now).await, &mut done.failed);
        done.campaigns = self.count_failure(self.top_up_awake(now).await, &mut done.failed);
        done.recounted = self.count_failure(self.recount_one().await, &mut done.failed);
        done.workers_gone = self.count_failure(self.housekeeping(now).await, &mut done.failed);
        for (kind, count) in [
            ("job_pushed_again", done.requeued as u64),
            ("call_asked_about", done.checked as u64),
            ("counters_corrected", done.recounted as u64),
            ("worker_gone", done.workers_gone),
            ("failed", done.failed as u64),
        ] {
            metrics::counter!("dialer_reconcile_repairs_total", "kind" => kind).increment(count);
        }
        Ok(done)
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
        let db = self.parts.database.reader();
        let since = now - TimeDelta::seconds(i64::from(self.parts.config.requeue_after_s));
        let contacts = store::contacts::queued_before(db, since, PUSH_MAX as u64).await?;
        let campaigns = contacts
            .iter()
            .map(|row| CampaignId::from_uuid(row.campaign_id));
        let rows = store::campaigns::find_all(db, campaigns).await?;
        let mut jobs = Vec::new();
        for contact in &contacts {
            let Some(row) = rows.get(&CampaignId::from_uuid(contact.campaign_id)) else {
                continue;
            };
            let rules = Rules::of(row.clone(), self.parts.config.minute)?;
            jobs.push(CallJob {
                campaign_id: rules.id,
                contact_id: domain::ContactId::from_i64(contact.id),
                attempt: u32::try_from(contact.attempts + 1).unwrap_or(u32::MAX),
                attempts_max: u32::from(rules.policy.attempts_max),
                ticket: contact.ticket,
                // `begin` judges the window again; this only keeps the job from living for ever.
                not_after: now + TimeDelta::minutes(1),
                limit: rules.limit,
                limit_as_of: rules.row.updated_at,
            });
        }
        self.push(&jobs).await?;
        let ids: Vec<i64> = contacts.iter().map(|row| row.id).collect();
        if !ids.is_empty() {
            store::contacts::touch_queued(self.parts.database.writer(), ids, now).await?;
        }
        Ok(jobs.len())
    }

    /// Campaigns for which something may have to be done: a contact is due, a window opened, the end came.
    async fn top_up_awake(&self, now: DateTime<Utc>) -> Result<usize, EngineError> {
        let awake =
            store::campaigns::awake(self.parts.database.reader(), now, CAMPAIGNS_MAX).await?;
        let mut done = 0;
        for campaign in awake {
            match self.top_up(campaign).await {
                Ok(ToppedUp::Queued(0) | ToppedUp::Idle) => {}
                Ok(_) => done += 1,
                Err(error) => {
                    tracing::warn!(campaign.id = %campaign, ?error, "could not top up campaign {campaign}");
                }
            }
        }
        Ok(done)
    }

    /// Calls without news past their deadline, and conversations not yet fetched.
    async fn check_calls(&self, now: DateTime<Utc>) -> Result<usize, EngineError> {
        let due = store::calls::to_check(self.parts.database.reader(), now, CHECKS_MAX).await?;
        let checks: Vec<BoxFuture<'_, CallReport>> = due
            .iter()
            .map(|call| self.check(call, now).boxed())
            .collect();
        let reports: Vec<CallReport> = stream::iter(checks)
            .buffer_unordered(LOOKUPS_AT_ONCE_MAX)
            .collect()
            .await;
        let learned =
            futures::future::join_all(reports.into_iter().map(|report| self.learn(report))).await;
        learned.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(due.len())
    }

    async fn check(&self, call: &call::Model, now: DateTime<Utc>) -> CallReport {
        let id = CallId::from_uuid(call.id);
        let learned = if call.settled_at.is_some() {
            self.fetch_conversation(id, call).await
        } else {
            self.ask_about(id, call, now).await
        };
        CallReport {
            call: id,
            receipt: None,
            learned: learned.unwrap_or(Learned::NothingNew),
        }
    }

    /// Asks the carrier what became of the call; `None` where it does not say.
    async fn ask_about(
        &self,
        id: CallId,
        call: &call::Model,
        now: DateTime<Utc>,
    ) -> Option<Learned> {
        self.end_if_too_long(call, now).await;
        let key = CallKey {
            carrier_call_id: call.carrier_call_id.clone(),
            to: PhoneNumber::from_stored(call.to_number.clone()),
            from: PhoneNumber::from_stored(call.from_number.clone()),
            begun_at: call.begun_at,
        };
        match self.parts.carrier.look_up(&key).await {
            Ok(LookedUp::Found(found)) => match self.ours_among(call, found).await {
                Some(found) => Some(Learned::Carrier(CarrierSays {
                    news: found.news,
                    status: Some(found.status),
                    price: found.price,
                    ..CarrierSays::default()
                })),
                None => self.give_up(call, now),
            },
            Ok(LookedUp::NotFound) => self.give_up(call, now),
            Err(error) => {
                log_carrier_silence(id, &error);
                None
            }
        }
    }

    /// By name there is one. By numbers there may be several: those that are known as other calls are not ours, and of
    /// the rest the oldest is.
    async fn ours_among(&self, call: &call::Model, found: Vec<FoundCall>) -> Option<FoundCall> {
        if call.carrier_call_id.is_some() {
            return found.into_iter().next();
        }
        let names: Vec<String> = found
            .iter()
            .map(|found| found.carrier_call_id.clone())
            .collect();
        let known = store::calls::known_names(self.parts.database.reader(), names)
            .await
            .ok()?;
        // The carrier's clock tells whole seconds.
        let earliest = call.begun_at - TimeDelta::seconds(2);
        found.into_iter().find(|found| {
            !known.contains(&found.carrier_call_id)
                && found.created_at.is_none_or(|at| at >= earliest)
        })
    }

    /// The carrier does not know the call. Before the grace is over it may still hear of it.
    fn give_up(&self, call: &call::Model, now: DateTime<Utc>) -> Option<Learned> {
        let grace = TimeDelta::seconds(i64::from(self.parts.config.lost_after_s));
        if now < call.begun_at + grace {
            return None;
        }
        // A call that the carrier had taken on may have rung: it is paid for with an attempt.
        let end = if call.carrier_call_id.is_some() {
            End::Failed
        } else {
            End::Lost
        };
        let news = vec![News::Ended {
            end,
            duration_s: None,
        }];
        let error = Some("the carrier does not know the call".to_owned());
        Some(Learned::Carrier(CarrierSays {
            news,
            error,
            ..CarrierSays::default()
        }))
    }

    async fn end_if_too_long(&self, call: &call::Model, now: DateTime<Utc>) {
        let talk_max = TimeDelta::seconds(i64::from(self.parts.config.talk_s_max));
        let is_too_long = call.answered_at.is_some_and(|at| now > at + talk_max);
        let Some(name) = call.carrier_call_id.as_ref().filter(|_| is_too_long) else {
            return;
        };
        if let Err(error) = self.parts.carrier.hang_up(name).await {
            tracing::warn!(call.id = %call.id, ?error, "could not end call {} after its longest talk", call.id);
        }
    }

    async fn fetch_conversation(&self, id: CallId, call: &call::Model) -> Option<Learned> {
        match self.conversation_of(id, call).await {
            Ok(report) => report.map(|report| Learned::Conversation(Box::new(report))),
            Err(AgentError::NotFound) => None,
            Err(error) => {
                tracing::debug!(call.id = %id, ?error, "no conversation of call {id} yet");
                None
            }
        }
    }

    async fn conversation_of(
        &self,
        id: CallId,
        call: &call::Model,
    ) -> Result<Option<ConversationReport>, AgentError> {
        let Some(agent_id) = call.agent_id.clone() else {
            return Ok(None);
        };
        let query = ConversationQuery {
            call_id: id,
            agent_id,
            since: call.begun_at,
        };
        let name = match &call.conversation_id {
            Some(name) => Some(name.clone()),
            None => self.parts.agents.find_conversation(&query).await?,
        };
        let Some(name) = name else { return Ok(None) };
        let report = self.parts.agents.conversation(&name).await?;
        Ok(Some(report).filter(|report| report.call_id.is_none_or(|named| named == id)))
    }

    async fn housekeeping(&self, now: DateTime<Utc>) -> Result<u64, EngineError> {
        let db = self.parts.database.writer();
        let gone = store::workers::remove_silent(db, now - WORKER_SILENT_MAX).await?;
        store::inbox::prune(db, now - RECEIPTS_KEPT, RECEIPTS_MAX).await?;
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

fn log_carrier_silence(id: CallId, error: &CarrierError) {
    tracing::warn!(call.id = %id, ?error, "the carrier does not say what became of call {id}");
}
