//! What every dialing process does once a second: say that it is alive, share the rates out, reconcile.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use engine::contacts::make_searchable;
use engine::store::workers;
use engine::transcribing::PoolFigures;
use engine::{Clock, Database, Dialing, EngineError, Transcribing};
use entity::worker;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often.
const TICK: Duration = Duration::from_secs(1);
/// Instants between two ticks at which campaigns are topped up: those beyond wait for the tick.
const WAKES_PER_TICK_MAX: usize = 10;
/// A worker that gave no sign for so long does not take part in sharing the rates.
const SILENT_MAX: TimeDelta = TimeDelta::seconds(10);
/// How long a process that is to stop waits for what the recordings say that it has listened to: they are paid for.
const LISTEN_OUT_MAX: Duration = Duration::from_secs(15);

/// Who ticks.
#[derive(Clone)]
pub struct Ticker {
    /// The truth.
    pub database: Database,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The engine.
    pub dialing: Arc<Dialing>,
    /// Its part in listening to recordings, where there is somebody to ask.
    pub transcribing: Option<Arc<Transcribing>>,
    /// Calls that this process places at once.
    pub concurrency: usize,
    /// Since when this process ticks.
    pub started_at: DateTime<Utc>,
}

impl Ticker {
    /// Ticks until `stop`, then takes this process off the list of workers.
    ///
    /// The heartbeat has a beat of its own: a process that waits for a slow provider must not look dead,
    /// and what does not depend on providers must not wait for them.
    pub async fn run(self, stop: CancellationToken) {
        tokio::join!(
            every_tick(stop.clone(), || self.heartbeat().boxed()),
            every_tick(stop.clone(), || self.repair().boxed()),
            every_tick(stop.clone(), || self.check_all().boxed()),
            every_tick(stop.clone(), || self.ask_prices().boxed()),
            every_tick(stop.clone(), || self.make_searchable().boxed()),
            every_tick(stop, || self.transcribe().boxed()),
        );
        self.leave().await;
    }

    async fn heartbeat(&self) -> Result<(), EngineError> {
        let now = self.clock.now();
        let pool = self.pool().await;
        let count = |figure: u32| i32::try_from(figure).unwrap_or(i32::MAX);
        let me = worker::Model {
            id: self.dialing.process().to_owned(),
            host: host(),
            pid: i32::try_from(std::process::id()).unwrap_or(i32::MAX),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            concurrency: i32::try_from(self.concurrency).unwrap_or(i32::MAX),
            started_at: self.started_at,
            heartbeat_at: now,
            transcribing: pool.map(|pool| count(pool.in_use)),
            transcribing_max: pool.map(|pool| count(pool.at_once_max)),
            transcriber_status: pool.map(|pool| pool.status.as_str().to_owned()),
        };
        workers::heartbeat(self.database.writer(), me).await?;
        let alive = workers::count_alive(self.database.reader(), now - SILENT_MAX).await?;
        self.dialing
            .pace()
            .share_among(u32::try_from(alive).unwrap_or(u32::MAX));
        self.measure().await;
        self.dialing.watch_carrier().await
    }

    /// Reconciles; then, until the next tick, what falls due is topped up at its instant and not at the tick after it.
    async fn repair(&self) -> Result<(), EngineError> {
        let until = self.clock.now() + TimeDelta::from_std(TICK).unwrap_or_default();
        if !self.dialing.reconcile().await?.is_holder {
            return Ok(());
        }
        for _ in 0..WAKES_PER_TICK_MAX {
            let Some(at) = self.dialing.next_wake(until).await? else {
                break;
            };
            let ahead = at - self.clock.now();
            tokio::time::sleep(ahead.to_std().unwrap_or_default()).await;
            self.dialing.top_up_due().await?;
        }
        Ok(())
    }

    async fn check_all(&self) -> Result<(), EngineError> {
        self.dialing.check_all().await.map(drop)
    }

    async fn ask_prices(&self) -> Result<(), EngineError> {
        self.dialing.ask_prices().await.map(drop)
    }

    async fn make_searchable(&self) -> Result<(), EngineError> {
        let is_busy = self.dialing.is_overloaded();
        make_searchable(&self.database, is_busy).await.map(drop)
    }

    async fn transcribe(&self) -> Result<(), EngineError> {
        match &self.transcribing {
            Some(transcribing) => transcribing.transcribe().await.map(drop),
            None => Ok(()),
        }
    }

    /// How far the room for listening is used. A sign of life does not fail for it.
    async fn pool(&self) -> Option<PoolFigures> {
        let pool = self.transcribing.as_ref()?.figures().await.ok()?;
        metrics::gauge!("dialer_transcriptions_under_way").set(pool.in_use);
        Some(pool)
    }

    async fn measure(&self) {
        if let Ok(depth) = self.dialing.queue().depth().await {
            metrics::gauge!("dialer_queue_depth").set(f64::from(depth));
        }
        if let Ok(live) = engine::store::calls::count_live(self.database.reader()).await {
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            metrics::gauge!("dialer_live_calls").set(live as f64);
        }
    }

    async fn leave(&self) {
        // First what others wait for: calls that somebody has to look after.
        let released = self.dialing.stop_reconciling().await;
        let left = workers::remove(self.database.writer(), self.dialing.process()).await;
        if left.is_err() || released.is_err() {
            tracing::debug!("could not say goodbye; the others will notice");
        }
        if let Some(transcribing) = &self.transcribing {
            // What is not heard by then is asked for again by somebody else, once the claim has run out.
            let _ = tokio::time::timeout(LISTEN_OUT_MAX, transcribing.finish()).await;
        }
    }
}

/// Does `step` once a second until `stop`, which also ends a step in the middle: each may be cut off anywhere.
async fn every_tick<'a>(
    stop: CancellationToken,
    step: impl Fn() -> BoxFuture<'a, Result<(), EngineError>>,
) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let ticking = async {
        loop {
            ticks.tick().await;
            if let Err(error) = step().await {
                tracing::warn!(?error, "a tick failed");
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = ticking => {}
    }
}

fn host() -> String {
    std::env::var("HOSTNAME")
        .or_else(|_| std::fs::read_to_string("/etc/hostname"))
        .map_or_else(|_| "unknown".to_owned(), |name| name.trim().to_owned())
}
