//! How fast calls may begin: one limiter per campaign, one for the carrier's account, both shared out among the workers.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use carriers::CarrierKind;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{CampaignId, UserId};
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use moka::sync::Cache;
use parking_lot::Mutex;

use super::DialingConfig;
use crate::queue::CallJob;

/// The longest a job waits for its turn while it holds a worker's place; then the contact goes back instead.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// Calls outside campaigns that one owner may place at once, before one per second is the rule.
const SINGLE_CALLS_AT_ONCE_MAX: NonZeroU32 = NonZeroU32::new(5).unwrap();
/// Campaigns whose limiters are kept.
const CAMPAIGNS_MAX: u64 = 10_000;
/// A limiter that nobody used for this long is full again anyway.
const CAMPAIGN_IDLE: Duration = Duration::from_secs(600);
/// How long those rest after one that the carrier did not answer.
const LOOK_UP_REST: TimeDelta = TimeDelta::seconds(30);

/// The instants by which turns are measured: those by which sleepers wake, so that both move together where time is moved.
#[derive(Clone, Copy, Debug, Default)]
struct Steady;

impl governor::clock::Clock for Steady {
    type Instant = std::time::Instant;

    fn now(&self) -> Self::Instant {
        tokio::time::Instant::now().into_std()
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, Steady, NoOpMiddleware<std::time::Instant>>;
type OwnersLimiter =
    RateLimiter<UserId, DefaultKeyedStateStore<UserId>, Steady, NoOpMiddleware<std::time::Instant>>;

/// The turn did not come in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotYet {
    /// How long until it may.
    pub wait: Duration,
}

/// The limiters of one process.
pub struct Pace {
    starts_per_slot: f64,
    carriers: BTreeMap<CarrierKind, Account>,
    workers: AtomicU32,
    campaigns: Cache<CampaignId, Arc<Mutex<Tied>>>,
    owners: OwnersLimiter,
}

/// What the account at one carrier takes.
struct Account {
    calls_per_second: f64,
    look_ups_per_second: f64,
    limiter: Mutex<Arc<Limiter>>,
    look_ups: Mutex<Arc<Limiter>>,
    look_ups_rest_until: Mutex<Option<DateTime<Utc>>>,
}

impl Account {
    fn new(calls_per_second: f64, look_ups_per_second: f64) -> Self {
        Self {
            calls_per_second,
            look_ups_per_second,
            limiter: Mutex::new(Arc::new(carrier_limiter(calls_per_second))),
            look_ups: Mutex::new(Arc::new(look_up_limiter(look_ups_per_second))),
            look_ups_rest_until: Mutex::default(),
        }
    }

    fn share_among(&self, workers: f64) {
        let share = self.calls_per_second / workers;
        *self.limiter.lock() = Arc::new(carrier_limiter(share));
        *self.look_ups.lock() = Arc::new(look_up_limiter(self.look_ups_per_second / workers));
    }
}

/// A limiter, and the limit it is tied to.
struct Tied {
    limit: u32,
    as_of: DateTime<Utc>,
    workers: u32,
    limiter: Arc<Limiter>,
}

impl Pace {
    /// Limiters for a single worker; see [`Self::share_among`].
    #[must_use]
    pub fn new(config: &DialingConfig) -> Self {
        let campaigns = Cache::builder()
            .max_capacity(CAMPAIGNS_MAX)
            .time_to_idle(CAMPAIGN_IDLE)
            .build();
        Self {
            starts_per_slot: config.starts_per_slot,
            carriers: CarrierKind::ALL
                .iter()
                .map(|kind| {
                    let calls = config.calls_per_second(*kind);
                    (
                        *kind,
                        Account::new(calls, config.look_ups_per_second(*kind)),
                    )
                })
                .collect(),
            workers: AtomicU32::new(1),
            campaigns,
            owners: RateLimiter::new(
                Quota::per_second(NonZeroU32::MIN).allow_burst(SINGLE_CALLS_AT_ONCE_MAX),
                DefaultKeyedStateStore::default(),
                Steady,
            ),
        }
    }

    /// From now on this process takes its share as one of `workers`. The same number again changes nothing.
    pub fn share_among(&self, workers: u32) {
        let workers = workers.max(1);
        if self.workers.swap(workers, Ordering::Relaxed) != workers {
            for account in self.carriers.values() {
                account.share_among(f64::from(workers));
            }
        }
    }

    /// Waits for the turn of `job`: the campaign's limiter first, then that of the account at `carrier`. A turn that was
    /// granted is used up, whatever becomes of the call.
    ///
    /// # Errors
    /// [`NotYet`] where one of the two waits would be longer than two seconds.
    pub async fn turn(&self, job: &CallJob, carrier: CarrierKind) -> Result<(), NotYet> {
        let campaign = self.campaign(job);
        self.pass(&campaign).await?;
        self.pass_at(carrier).await
    }

    /// Waits for the turn of a call outside any campaign: one per second and owner, after a burst of five, and
    /// that of the account at `carrier`. A turn that was granted is used up, whatever becomes of the call.
    ///
    /// # Errors
    /// As [`Self::turn`].
    pub async fn turn_alone(&self, owner: UserId, carrier: CarrierKind) -> Result<(), NotYet> {
        // Whoever has not called for a while is not remembered: its burst is full again anyway.
        self.owners.retain_recent();
        if let Err(not_until) = self.owners.check_key(&owner) {
            let wait = not_until.wait_time_from(Steady.now());
            return Err(NotYet { wait });
        }
        self.pass_at(carrier).await
    }

    /// How many calls of `carrier` that are over may be looked up now, at most `most`: see
    /// [`DialingConfig::look_ups_per_second`]. They are used up, and take no turn from a call.
    pub fn look_ups(&self, carrier: CarrierKind, now: DateTime<Utc>, most: u32) -> u32 {
        let Some(account) = self.carriers.get(&carrier) else {
            return 0;
        };
        if self.look_ups_rest(carrier, now) {
            return 0;
        }
        let limiter = Arc::clone(&account.look_ups.lock());
        let turns = (0..most).take_while(|_| limiter.check().is_ok()).count();
        u32::try_from(turns).unwrap_or(most)
    }

    /// True where there are no look-ups at `carrier` just now: it did not answer one.
    pub fn look_ups_rest(&self, carrier: CarrierKind, now: DateTime<Utc>) -> bool {
        let account = self.carriers.get(&carrier);
        let until = account.and_then(|account| *account.look_ups_rest_until.lock());
        until.is_some_and(|until| now < until)
    }

    /// `carrier` did not answer a look-up: there are none for `asked`, or half a minute where it asked for nothing.
    pub fn rest_look_ups(&self, carrier: CarrierKind, now: DateTime<Utc>, asked: Option<Duration>) {
        let Some(account) = self.carriers.get(&carrier) else {
            return;
        };
        let asked = asked.and_then(|asked| TimeDelta::from_std(asked).ok());
        let until = now + asked.unwrap_or(LOOK_UP_REST);
        let mut rest = account.look_ups_rest_until.lock();
        *rest = (*rest).max(Some(until));
    }

    /// The campaign's limiter: a burst of its slots, then `starts_per_slot` times that per second, both shared out. Tied
    /// anew as soon as a job says that the limit changed; an older job never undoes that.
    fn campaign(&self, job: &CallJob) -> Arc<Limiter> {
        let workers = self.workers.load(Ordering::Relaxed);
        let fresh = || Arc::new(Mutex::new(self.tie(job, workers)));
        let entry = self.campaigns.get_with(job.campaign_id, fresh);
        let mut tied = entry.lock();
        let is_newer = job.limit != tied.limit && job.limit_as_of > tied.as_of;
        if is_newer || tied.workers != workers {
            let known = CallJob {
                limit: tied.limit,
                limit_as_of: tied.as_of,
                ..job.clone()
            };
            *tied = self.tie(if is_newer { job } else { &known }, workers);
        }
        Arc::clone(&tied.limiter)
    }

    fn tie(&self, job: &CallJob, workers: u32) -> Tied {
        let limit = job.limit.max(1);
        let rate = self.starts_per_slot * f64::from(limit) / f64::from(workers);
        let burst = limit.div_ceil(workers);
        Tied {
            limit: job.limit,
            as_of: job.limit_as_of,
            workers,
            limiter: Arc::new(limiter(rate, burst)),
        }
    }

    async fn pass_at(&self, carrier: CarrierKind) -> Result<(), NotYet> {
        let Some(account) = self.carriers.get(&carrier) else {
            return Ok(());
        };
        let limiter = Arc::clone(&account.limiter.lock());
        self.pass(&limiter).await
    }

    async fn pass(&self, limiter: &Limiter) -> Result<(), NotYet> {
        let mut waited = Duration::ZERO;
        while let Err(not_until) = limiter.check() {
            let wait = not_until.wait_time_from(Steady.now());
            waited += wait;
            if waited > WAIT_MAX {
                return Err(NotYet { wait });
            }
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }
}

/// The carrier's rate, a twentieth of a second's worth at once: one call at the usual one per second.
fn carrier_limiter(per_second: f64) -> Limiter {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates, which is meant"
    )]
    let burst = (per_second / 20.0) as u32;
    limiter(per_second, burst)
}

/// So many look-ups per second, a second's worth at once.
fn look_up_limiter(per_second: f64) -> Limiter {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates, which is meant"
    )]
    let burst = per_second.ceil() as u32;
    limiter(per_second, burst)
}

/// So many per second, so many at once.
fn limiter(per_second: f64, burst: u32) -> Limiter {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    let period = Duration::try_from_secs_f64(1.0 / per_second).unwrap_or(Duration::from_secs(1));
    let quota = Quota::with_period(period.max(Duration::from_nanos(1)))
        .unwrap_or_else(|| Quota::per_second(burst));
    RateLimiter::direct_with_clock(quota.allow_burst(burst), Steady)
}
