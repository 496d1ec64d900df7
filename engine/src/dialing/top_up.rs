//! Chooses due contacts for the free slots and enqueues their jobs.

use std::collections::BTreeSet;
use std::sync::Weak;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::lifecycle::{Command, Status, apply};
use domain::{CampaignId, ContactId, ContactStatus};
use entity::campaign_counters;
use sea_orm::DatabaseTransaction;
use tokio::sync::mpsc;

use super::Dialing;
use crate::campaigns::rules::Rules;
use crate::error::EngineError;
use crate::queue::{CallJob, PUSH_MAX, QUEUE_DEPTH_MAX};
use crate::store::contacts::Due;
use crate::store::counters::{Ledger, contacts_at, moved, open_contacts};
use crate::store::events::Event;
use crate::store::{self};

/// How many seconds of a campaign's rate may wait in the queue.
const RATE_HORIZON_S: f64 = 2.0;
/// The longest life of a job: older ones are refused and their contacts chosen anew.
const JOB_LIFE: TimeDelta = TimeDelta::minutes(10);
/// How soon to look again where the queue or the rate left no room.
const NO_ROOM_PAUSE: TimeDelta = TimeDelta::milliseconds(500);
/// How long a campaign that cannot be read is left alone.
const UNREADABLE_PAUSE: TimeDelta = TimeDelta::seconds(60);
/// Contacts of an ended campaign that are canceled in one transaction.
const SWEEP_MAX: u64 = 2_000;
/// Campaigns taken from the hints at once.
const WAKE_BATCH_MAX: usize = 256;

/// What a top-up did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToppedUp {
    /// So many contacts were queued; 0 where nobody is due or no slot is free.
    Queued(usize),
    /// The campaign has nobody left to call: it is completed now.
    Finished,
    /// The campaign had ended: so many of its contacts were canceled.
    Swept(u64),
    /// There is nothing to do for a campaign that stands like this.
    Idle,
}

/// Runs top-ups for the campaigns that are hinted at, until the engine is gone.
pub(super) async fn on_wakes(dialing: Weak<Dialing>, mut wakes: mpsc::Receiver<CampaignId>) {
    let mut hinted = Vec::with_capacity(WAKE_BATCH_MAX);
    while wakes.recv_many(&mut hinted, WAKE_BATCH_MAX).await > 0 {
        let campaigns: BTreeSet<CampaignId> = hinted.drain(..).collect();
        let Some(dialing) = dialing.upgrade() else {
            return;
        };
        for campaign in campaigns {
            if let Err(error) = dialing.top_up(campaign).await {
                tracing::warn!(campaign.id = %campaign, ?error, "could not top up campaign {campaign}");
            }
        }
    }
}

impl Dialing {
    /// Queues as many due contacts of `id` as there is room for; completes the campaign where nobody is left, and cancels
    /// the leftover contacts of one that ended.
    ///
    /// One short transaction under the lock of the campaign's counters, then one push. Safe to run twice and at once:
    /// the second finds the contacts queued. Dying between commit and push leaves them queued without a job, and the
    /// reconciler pushes it. Where the queue does not answer nothing is changed.
    ///
    /// # Errors
    /// `Unavailable` where the database or the queue does not answer.
    pub async fn top_up(&self, id: CampaignId) -> Result<ToppedUp, EngineError> {
        let depth = self
            .parts
            .queue
            .depth()
            .await
            .map_err(EngineError::unavailable)?;
        let txn = self.parts.database.begin().await?;
        let mut ledger = Ledger::lock(&txn, [id]).await?;
        let now = self.parts.clock.now();
        let Some(row) = store::campaigns::find(&txn, id).await? else {
            return Ok(ToppedUp::Idle);
        };
        let Some(counters) = ledger.edit(id) else {
            return Ok(ToppedUp::Idle);
        };
        let rules = match Rules::of(row, self.parts.config.minute) {
            Ok(rules) => rules,
            Err(error) => {
                counters.wake_at = Some(now + UNREADABLE_PAUSE);
                ledger.save(&txn).await?;
                txn.commit().await?;
                return Err(error);
            }
        };
        let mut jobs = Vec::new();
        let done = if rules.is_active() {
            self.choose(&txn, &rules, counters, (now, depth), &mut jobs)
                .await?
        } else {
            sweep(&txn, &rules, counters, now).await?
        };
        ledger.save(&txn).await?;
        txn.commit().await?;
        self.push(&jobs).await?;
        Ok(done)
    }

    async fn choose(
        &self,
        txn: &DatabaseTransaction,
        rules: &Rules,
        counters: &mut campaign_counters::Model,
        (now, depth): (DateTime<Utc>, u32),
        jobs: &mut Vec<CallJob>,
    ) -> Result<ToppedUp, EngineError> {
        let zones = Zones::of(txn, rules, now).await?;
        let is_over = counters.total > 0 && open_contacts(counters) == 0;
        if is_over {
            finish(txn, rules, "every contact is done", now).await?;
            counters.wake_at = None;
            return Ok(ToppedUp::Finished);
        }
        if zones.never_open_again() {
            finish(txn, rules, "the calendar does not open again", now).await?;
            counters.wake_at = Some(now);
            return Ok(ToppedUp::Finished);
        }
        let room = self.room(rules, counters, depth);
        let chosen = if room == 0 {
            Vec::new()
        } else {
            store::contacts::due(txn, rules.id, &zones.open_names(), now, room).await?
        };
        for due in &chosen {
            if let Ok(from) = due.status.parse() {
                moved(counters, from, ContactStatus::Queued);
            }
            jobs.push(job_for(rules, due, &zones, now));
        }
        store::contacts::mark_queued(txn, chosen.iter().map(|due| due.id).collect(), now).await?;
        let is_short = chosen.len() < room as usize;
        counters.wake_at = if is_short || room == 0 && counters.pending + counters.contacted == 0 {
            zones.next_chance(txn, rules, now).await?
        } else if counters.live + counters.queued >= max_concurrent(rules) {
            // Every slot is spoken for: the call that gives one back says so.
            rules.calendar.end_date()
        } else {
            Some(now + NO_ROOM_PAUSE)
        };
        Ok(ToppedUp::Queued(chosen.len()))
    }

    /// min(free slots, two seconds of the rate, what the queue may still hold).
    fn room(&self, rules: &Rules, counters: &campaign_counters::Model, depth: u32) -> u32 {
        let queued = u32::try_from(counters.queued).unwrap_or(0);
        let live = u32::try_from(counters.live).unwrap_or(0);
        let slots = rules.limit.saturating_sub(live).saturating_sub(queued);
        let campaign_rate = self.parts.config.starts_per_slot * f64::from(rules.limit);
        let rate = campaign_rate.min(self.parts.config.carrier_calls_per_second);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded below and above"
        )]
        let paced = (rate * RATE_HORIZON_S)
            .ceil()
            .clamp(1.0, f64::from(QUEUE_DEPTH_MAX)) as u32;
        let push_max = u32::try_from(PUSH_MAX).unwrap_or(u32::MAX);
        slots
            .min(paced.saturating_sub(queued))
            .min(QUEUE_DEPTH_MAX.saturating_sub(depth))
            .min(push_max)
    }

    /// Pushes `jobs` and says so in the metrics; nothing for none.
    pub(super) async fn push(&self, jobs: &[CallJob]) -> Result<(), EngineError> {
        if jobs.is_empty() {
            return Ok(());
        }
        metrics::counter!("dialer_jobs_pushed_total").increment(jobs.len() as u64);
        self.parts
            .queue
            .push(jobs)
            .await
            .map_err(EngineError::unavailable)
    }
}

fn max_concurrent(rules: &Rules) -> i32 {
    i32::try_from(rules.limit).unwrap_or(i32::MAX)
}

/// The zones of a campaign's contacts, and which of them may be called now.
struct Zones {
    open: Vec<(String, Tz)>,
    closed: Vec<(String, Option<DateTime<Utc>>)>,
}

impl Zones {
    async fn of(
        txn: &DatabaseTransaction,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<Self, EngineError> {
        let mut names = store::campaigns::zones(txn, rules.id).await?;
        if names.is_empty() {
            names.push(String::new());
        }
        let mut zones = Self {
            open: Vec::new(),
            closed: Vec::new(),
        };
        for name in names {
            let zone = rules.zone_of(&name)?;
            match rules.calendar.next_open(zone, now) {
                Some(at) if at <= now => zones.open.push((name, zone)),
                next => zones.closed.push((name, next)),
            }
        }
        Ok(zones)
    }

    fn never_open_again(&self) -> bool {
        self.open.is_empty() && self.closed.iter().all(|(_, next)| next.is_none())
    }

    fn open_names(&self) -> Vec<&str> {
        self.open.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn zone_of(&self, name: &str) -> Option<Tz> {
        self.open
            .iter()
            .find(|(open, _)| open == name)
            .map(|(_, zone)| *zone)
    }

    /// The earliest instant at which another look may find something: a contact falls due, a window opens, or the
    /// campaign ends. A call that ends, an import or a change says so itself.
    async fn next_chance(
        &self,
        txn: &DatabaseTransaction,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, EngineError> {
        let mut chances: Vec<DateTime<Utc>> =
            self.closed.iter().filter_map(|(_, next)| *next).collect();
        chances.extend(rules.calendar.end_date());
        let due = store::contacts::next_due(txn, rules.id, &self.open_names()).await?;
        chances.extend(due.map(|due| due.max(now)));
        Ok(chances.into_iter().min())
    }
}

fn job_for(rules: &Rules, due: &Due, zones: &Zones, now: DateTime<Utc>) -> CallJob {
    let closes_at = zones
        .zone_of(&due.timezone)
        .and_then(|zone| rules.calendar.closes_at(zone, now));
    let latest = now + JOB_LIFE;
    CallJob {
        campaign_id: rules.id,
        contact_id: ContactId::from_i64(due.id),
        attempt: u32::try_from(due.attempts + 1).unwrap_or(u32::MAX),
        attempts_max: u32::from(rules.policy.attempts_max),
        ticket: due.ticket + 1,
        not_after: closes_at.map_or(latest, |closes_at| closes_at.min(latest)),
        limit: rules.limit,
        limit_as_of: rules.row.updated_at,
    }
}

/// Completes the campaign in the name of the system.
async fn finish(
    txn: &DatabaseTransaction,
    rules: &Rules,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), EngineError> {
    let after = apply(rules.status, Command::Finish)?;
    let mut row = rules.row.clone();
    row.status = after.to_string();
    row.status_reason = Some(reason.to_owned());
    row.ended_at = Some(now);
    row.updated_at = now;
    store::campaigns::save(txn, row).await?;
    let event = Event {
        campaign: rules.id,
        kind: Command::Finish.as_str(),
        change: Some((rules.status, after)),
        reason: Some(reason.to_owned()),
        actor: None,
    };
    store::events::append(txn, event, now).await?;
    tracing::info!(campaign.id = %rules.id, reason, "completed campaign {}: {reason}", rules.id);
    Ok(())
}

/// Cancels what an ended campaign left waiting, a bounded number at a time. Contacts in a call, or waiting for a
/// verdict, are left to their calls.
async fn sweep(
    txn: &DatabaseTransaction,
    rules: &Rules,
    counters: &mut campaign_counters::Model,
    now: DateTime<Utc>,
) -> Result<ToppedUp, EngineError> {
    if !rules.is_over() {
        counters.wake_at = rules
            .calendar
            .end_date()
            .filter(|_| rules.status == Status::Paused);
        if counters.wake_at.is_some_and(|end| end <= now) {
            finish(txn, rules, "the end date has passed", now).await?;
            return Ok(ToppedUp::Finished);
        }
        return Ok(ToppedUp::Idle);
    }
    let mut swept = 0;
    for status in [
        ContactStatus::Pending,
        ContactStatus::Queued,
        ContactStatus::Contacted,
    ] {
        let canceled =
            store::contacts::cancel_waiting(txn, rules.id, status.as_str(), now, SWEEP_MAX - swept)
                .await?;
        let count = i32::try_from(canceled).unwrap_or(i32::MAX);
        *contacts_at(counters, status) -= count;
        counters.canceled += count;
        swept += canceled;
        if swept >= SWEEP_MAX {
            break;
        }
    }
    counters.wake_at = (swept >= SWEEP_MAX).then_some(now);
    Ok(ToppedUp::Swept(swept))
}
