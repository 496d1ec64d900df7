//! What happens every two seconds, whatever else does: figures are told, and rights are asked for again.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};

use super::figures::Picture;
use super::notice::Notice;
use super::update::Update;
use super::watcher::Ended;
use super::{Desk, Latest};
use crate::error::EngineError;

/// How often figures are told.
pub const BEAT: Duration = Duration::from_secs(2);
/// How often rights are asked for again. With the time that it takes, a token that is taken back ends its connections
/// within ten seconds.
const CHECK: Duration = Duration::from_secs(4);

/// Tells everybody the figures of what it may see, as long as there is a desk.
pub(super) async fn tell_figures(desk: Weak<Desk>) {
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let Some(desk) = desk.upgrade() else { return };
        if let Err(error) = desk.tell_figures().await {
            tracing::debug!(?error, "no live figures this time");
        }
    }
}

/// Tells other processes how many watch here, as long as there is a desk. Apart from the figures: Redis may be slow.
pub(super) async fn tell_presence(desk: Weak<Desk>) {
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let Some(desk) = desk.upgrade() else { return };
        let clients = u32::try_from(desk.audience.count()).unwrap_or(u32::MAX);
        metrics::gauge!("dialer_live_clients").set(f64::from(clients));
        if let Err(error) = desk.notices.publish(&Notice::Present(clients)).await {
            tracing::debug!(?error, "other processes do not hear of our clients");
        }
    }
}

/// Ends the connections of those who may not watch any more, as long as there is a desk.
pub(super) async fn check_passes(desk: Weak<Desk>) {
    let mut beat = interval(CHECK);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let Some(desk) = desk.upgrade() else { return };
        if let Err(error) = desk.check_passes().await {
            tracing::debug!(?error, "rights to watch could not be checked this time");
        }
    }
}

impl Desk {
    async fn tell_figures(&self) -> Result<(), EngineError> {
        let scopes = self.audience.scopes();
        if scopes.is_empty() {
            return Ok(());
        }
        let picture = self.look(&mut *self.latest.lock().await).await?;
        let total = self.total_connections();
        let updates: Vec<Arc<Update>> = scopes
            .into_iter()
            .map(|scope| Update::stats(picture.stats(scope, total, self.uptime_s()), scope))
            .collect();
        self.audience.tell(&updates);
        Ok(())
    }

    /// Reads the figures of everybody and keeps them as the `latest`.
    async fn look(&self, latest: &mut Option<Latest>) -> Result<Arc<Picture>, EngineError> {
        let picture = Picture::read(&self.database, self.clock.as_ref(), None).await?;
        let picture = Arc::new(picture);
        *latest = Some((Instant::now(), Arc::clone(&picture)));
        Ok(picture)
    }

    /// The figures of everybody as they were within the last beat: a thousand clients that come at once cost one look.
    pub(super) async fn glance(&self) -> Result<Arc<Picture>, EngineError> {
        let mut latest = self.latest.lock().await;
        if let Some((at, picture)) = latest.as_ref()
            && at.elapsed() < BEAT
        {
            return Ok(Arc::clone(picture));
        }
        self.look(&mut latest).await
    }

    async fn check_passes(&self) -> Result<(), EngineError> {
        let (seats, passes): (Vec<u64>, Vec<_>) = self.audience.passes().into_iter().unzip();
        if passes.is_empty() {
            return Ok(());
        }
        let holds = self.access.still_hold(&passes).await?;
        for (seat, holds) in seats.into_iter().zip(holds) {
            if !holds {
                self.audience.end(seat, Ended::Revoked);
            }
        }
        Ok(())
    }
}
