//! Chooses due contacts for the free slots and enqueues their jobs.

use std::mem::replace;
use std::sync::Weak;

use carriers::CarrierKind;
use chrono::{DateTime, TimeDelta, Utc};
use domain::breaker::Admission;
use domain::{CallRoute, CampaignId, ContactId, ContactStatus};
use entity::campaign_counters;
use sea_orm::DatabaseTransaction;
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant, sleep, sleep_until};

use super::desk::{LACKING_PAUSE, UNREADABLE_PAUSE};
use super::ending::{finish, sweep};
use super::topped_up::ToppedUp;
use super::turns::Turns;
use super::zones::Zones;
use super::{Dialing, Lines, overload};
use crate::campaigns::rules::Rules;
use crate::error::EngineError;
use crate::fail_point;
use crate::queue::{CallJob, PUSH_MAX, QUEUE_DEPTH_MAX};
use crate::store::contacts::Due;
use crate::store::counters::{Ledger, moved, open_contacts};
use crate::store::{self};

/// How many seconds of a campaign's rate may wait in the queue.
const RATE_HORIZON_S: f64 = 2.0;
/// The longest life of a job: older ones are refused and their contacts chosen anew.
const JOB_LIFE: TimeDelta = TimeDelta::minutes(10);
/// How soon to look again where the queue or the rate left no room.
const NO_ROOM_PAUSE: TimeDelta = TimeDelta::milliseconds(500);
/// How often a campaign is tried that is being changed.
const TRIES_MAX: u32 = 3;
/// Top-ups of one round.
const ROUND_MAX: usize = 256;
/// Campaigns put in line at once that nobody hinted at.
const UNHINTED_MAX: u64 = 1_000;

/// Runs top-ups for the campaigns that are hinted at, in turn, in rounds, until the engine is gone; while somebody cannot keep
/// up they wait. A round begins no sooner than a moment after the one before it began: most hints come from calls that end,
/// and one top-up for several of them costs no more than one for a single one.
pub(super) async fn on_wakes(dialing: Weak<Dialing>, mut wakes: mpsc::Receiver<CampaignId>) {
    let mut turns = Turns::default();
    let mut has_rested = false;
    while turns.hear(&mut wakes).await {
        let begun = Instant::now();
        let mut pause = Duration::ZERO;
        let mut left = turns.len().min(ROUND_MAX);
        while left > 0 {
            let Some(dialing) = dialing.upgrade() else {
                return;
            };
            pause = Duration::from_millis(dialing.parts.config.gather_ms);
            // A queue that is away is not waited for a second time: it takes no jobs, whoever keeps up.
            let depth = dialing.parts.queue.depth().await.ok();
            if depth.is_some() && dialing.is_overloaded().await {
                has_rested = true;
                drop(dialing);
                sleep(overload::PAUSE).await;
                continue;
            }
            if replace(&mut has_rested, false) {
                dialing.line_up_unhinted(&mut turns).await;
            }
            let Some(campaign) = turns.next() else {
                break;
            };
            left -= 1;
            if let Err(error) = dialing.top_up_over(campaign, depth).await {
                tracing::warn!(campaign.id = %campaign, ?error, "could not top up campaign {campaign}");
            }
        }
        sleep_until(begun + pause).await;
    }
}

/// What a top-up decides by.
struct Look<'a> {
    txn: &'a DatabaseTransaction,
    rules: &'a Rules,
    /// Those that occur among its contacts.
    zones: &'a [String],
    now: DateTime<Utc>,
    /// Jobs in the queue; `None`: it does not answer, and nothing is queued.
    depth: Option<u32>,
    /// Who carries its calls.
    carrier: CarrierKind,
    /// Whether the carrier may be asked for calls.
    admission: Admission,
}

impl Dialing {
    /// Puts campaigns in line that have something to do though no call of theirs ended: their window opened, a retry fell due.
    /// The reconciler, which looks after them otherwise, leaves off while somebody cannot keep up; who has calls already would
    /// be topped up again and again before those got their first.
    async fn line_up_unhinted(&self, turns: &mut Turns) {
        let (reader, now) = (self.parts.database.reader(), self.parts.clock.now());
        match store::campaigns::awake(reader, now, UNHINTED_MAX).await {
            Ok(awake) => awake.into_iter().for_each(|campaign| turns.ask(campaign)),
            Err(error) => tracing::debug!(%error, "could not look who else has something to do"),
        }
    }

    /// Queues as many due contacts of `id` as there is room for; completes the campaign where nobody is left, and cancels
    /// the leftover contacts of one that ended.
    ///
    /// One short transaction, the last part of it under the lock of the campaign's counters, then one push. Safe to run twice and at once:
    /// the second finds the contacts queued. Dying between commit and push leaves them queued without a job, and the
    /// reconciler pushes it. Where the queue does not answer nobody is queued; campaigns still end.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer, or the queue did not take the jobs.
    pub async fn top_up(&self, id: CampaignId) -> Result<ToppedUp, EngineError> {
        let depth = self.parts.queue.depth().await;
        self.top_up_over(id, depth.ok()).await
    }

    /// [`Self::top_up`] over a queue that is known to hold `depth` jobs.
    pub(super) async fn top_up_over(
        &self,
        id: CampaignId,
        depth: Option<u32>,
    ) -> Result<ToppedUp, EngineError> {
        for _ in 0..TRIES_MAX {
            if let Some((done, jobs)) = self.top_up_once(id, depth).await? {
                if done.is_change() {
                    self.announce(id);
                }
                self.push(&jobs).await?;
                fail_point!("top_up.pushed", !jobs.is_empty());
                if jobs.len() >= PUSH_MAX {
                    // There was room for more than is pushed at once.
                    self.wake(id);
                }
                return Ok(done);
            }
        }
        let busy = anyhow::anyhow!("campaign {id} changes all the time");
        Err(EngineError::unavailable(busy))
    }

    /// `None` where the campaign was changed while it was read: nothing is done.
    async fn top_up_once(
        &self,
        id: CampaignId,
        depth: Option<u32>,
    ) -> Result<Option<(ToppedUp, Vec<CallJob>)>, EngineError> {
        let txn = self.parts.database.begin_unsynced().await?;
        let Some(row) = store::campaigns::find(&txn, id).await? else {
            return Ok(Some((ToppedUp::Idle, Vec::new())));
        };
        let version = row.updated_at;
        let rules = Rules::of(row, self.parts.config.minute);
        let carrier = match &rules {
            Ok(rules) if rules.is_active() => Some(self.admission_of(&txn, rules).await?),
            _ => None,
        };
        let mut ledger = Ledger::lock(&txn, [id]).await?;
        let standing = store::campaigns::standing(&txn, id).await?;
        let Some(standing) = standing.filter(|it| it.updated_at == version) else {
            return Ok(None);
        };
        let now = self.parts.clock.now();
        let Some(counters) = ledger.edit(id) else {
            return Ok(Some((ToppedUp::Idle, Vec::new())));
        };
        let rules = match rules {
            Ok(rules) => rules,
            Err(error) => {
                counters.wake_at = Some(now + UNREADABLE_PAUSE);
                ledger.save(&txn).await?;
                txn.commit().await?;
                return Err(error);
            }
        };
        let (done, jobs) = match carrier {
            Some((carrier, admission)) => {
                let admission = match admission {
                    // It has come while the lock was waited for. Whether somebody tries already is seen at the decision.
                    Admission::Wait(until) if until <= now => Admission::Probe,
                    admission => admission,
                };
                let look = Look {
                    txn: &txn,
                    rules: &rules,
                    zones: &standing.zones,
                    now,
                    depth,
                    carrier,
                    admission,
                };
                self.choose(&look, counters).await?
            }
            None => (sweep(&txn, &rules, counters, now).await?, Vec::new()),
        };
        ledger.save(&txn).await?;
        fail_point!("top_up.chosen", !jobs.is_empty());
        txn.commit().await?;
        fail_point!("top_up.committed", !jobs.is_empty());
        Ok(Some((done, jobs)))
    }

    /// Who carries the campaign's calls, and whether they may be asked for some.
    async fn admission_of(
        &self,
        txn: &DatabaseTransaction,
        rules: &Rules,
    ) -> Result<(CarrierKind, Admission), EngineError> {
        let (id, now) = (rules.id, self.parts.clock.now());
        let number = rules.row.phone_number.as_deref().unwrap_or_default();
        let lines = Lines::of(txn, &self.parts.carriers, [number]).await?;
        let carrier = lines.carrier_of(number);
        let admission = match rules.agent.route.unwrap_or(self.parts.config.route) {
            // Nothing is asked of the carrier.
            CallRoute::Agent => Admission::Go,
            // Another process may work with it.
            _ if !lines.is_configured(carrier) => {
                tracing::error!(campaign.id = %id, "campaign {id} waits: its number is from {carrier}, which is not configured here");
                Admission::Wait(now + LACKING_PAUSE)
            }
            CallRoute::Stream | CallRoute::Sip => {
                store::breakers::find(txn, carrier).await?.admits(now)
            }
        };
        Ok((carrier, admission))
    }

    async fn choose(
        &self,
        look: &Look<'_>,
        counters: &mut campaign_counters::Model,
    ) -> Result<(ToppedUp, Vec<CallJob>), EngineError> {
        let Look {
            txn, rules, now, ..
        } = *look;
        if counters.total > 0 && open_contacts(counters) == 0 {
            finish(txn, rules, "every contact is done", now).await?;
            counters.wake_at = None;
            return Ok((ToppedUp::Finished, Vec::new()));
        }
        let zones = Zones::of(look.zones, rules, now);
        if zones.never_open_again() {
            finish(txn, rules, "the calendar does not open again", now).await?;
            counters.wake_at = Some(now);
            return Ok((ToppedUp::Finished, Vec::new()));
        }
        let room = self.room(look, counters);
        let chosen = match room {
            0 => Vec::new(),
            room => store::contacts::due(txn, rules.id, &zones.open_names(), now, room).await?,
        };
        store::contacts::mark_queued(txn, chosen.iter().map(|due| due.id).collect(), now).await?;
        for due in &chosen {
            moved(
                counters,
                due.status.parse().map_err(EngineError::internal)?,
                ContactStatus::Queued,
            );
        }
        let is_short = chosen.len() < room as usize;
        counters.wake_at = if let Admission::Wait(until) = look.admission {
            // Nobody is due before the carrier is, but the end may come.
            let end = rules.calendar.end_date();
            Some(end.map_or(until, |end| end.min(until)))
        } else if is_short || counters.pending + counters.contacted == 0 {
            zones.next_chance(txn, rules, now).await?
        } else if counters.live + counters.queued >= rules.row.max_concurrent_calls {
            // Every slot is spoken for: the call that gives one back says so.
            rules.calendar.end_date()
        } else {
            Some(now + NO_ROOM_PAUSE)
        };
        let jobs = chosen
            .iter()
            .map(|due| job_for(look, due, &zones))
            .collect();
        Ok((ToppedUp::Queued(chosen.len()), jobs))
    }

    /// min(free slots, two seconds of the rate, what the queue may still hold); nothing while the carrier is left alone,
    /// and one where somebody is to try it.
    fn room(&self, look: &Look<'_>, counters: &campaign_counters::Model) -> u32 {
        let limit = look.rules.limit;
        let queued = u32::try_from(counters.queued).unwrap_or(0);
        let live = u32::try_from(counters.live).unwrap_or(0);
        let slots = limit.saturating_sub(live).saturating_sub(queued);
        let campaign_rate = self.parts.config.starts_per_slot * f64::from(limit);
        let rate = campaign_rate.min(self.parts.config.calls_per_second(look.carrier));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded below and above"
        )]
        let paced = (rate * RATE_HORIZON_S)
            .ceil()
            .clamp(1.0, f64::from(QUEUE_DEPTH_MAX)) as u32;
        let admitted = match look.admission {
            Admission::Go => u32::MAX,
            Admission::Probe => 1_u32.saturating_sub(queued),
            Admission::Wait(_) => 0,
        };
        let depth = look.depth.unwrap_or(QUEUE_DEPTH_MAX);
        let push_max = u32::try_from(PUSH_MAX).unwrap_or(u32::MAX);
        slots
            .min(admitted)
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

fn job_for(look: &Look<'_>, due: &Due, zones: &Zones) -> CallJob {
    let Look { rules, now, .. } = *look;
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
        carrier: look.carrier.to_string(),
    }
}
