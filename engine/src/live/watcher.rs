//! One client's end: what it is told, and that it is told no more.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};

use super::audience::Audience;
use super::update::Update;
use super::wanted::{Wanted, Which};
use crate::error::EngineError;

/// Updates that are told together, in order.
pub type Batch = Arc<[Arc<Update>]>;

/// Why somebody is told no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// More waited for it than is kept.
    TooSlow,
    /// Its token was taken back, is over, or means something else now.
    Revoked,
    /// The process stops.
    Stopping,
}

/// Somebody who watches. Dropping it makes room for another.
pub struct Watcher {
    pub(super) seat: u64,
    pub(super) audience: Arc<Audience>,
    pub(super) waiting: mpsc::Receiver<Batch>,
    pub(super) ended: watch::Receiver<Option<Ended>>,
    pub(super) _permit: OwnedSemaphorePermit,
}

impl Watcher {
    /// The next updates, or that there will be none. May be dropped and called again.
    ///
    /// # Errors
    /// Why nothing more is told. Whatever waited is forgotten then.
    pub async fn next(&mut self) -> Result<Batch, Ended> {
        tokio::select! {
            biased;
            ended = ended(&mut self.ended) => Err(ended),
            batch = self.waiting.recv() => match batch {
                Some(batch) => Ok(batch),
                None => Err(ended(&mut self.ended).await),
            },
        }
    }

    /// Waits until nothing more will be told, taking no update. May be dropped and called again.
    pub fn end(&self) -> impl Future<Output = Ended> + Send + use<> {
        let mut told = self.ended.clone();
        async move { ended(&mut told).await }
    }

    /// What is told beside the figures.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        self.audience.wanted(self.seat)
    }

    /// Hears of `which` no more; what is told from now on.
    ///
    /// # Errors
    /// `Invalid` where more would be left out than is remembered: nothing is changed then.
    pub fn unsubscribe(&self, which: &Which) -> Result<Wanted, EngineError> {
        let wanted = self.wanted().without(which)?;
        self.want(wanted.clone());
        Ok(wanted)
    }

    /// Is told no more, and counts as a client no more; its room is kept until this is dropped.
    pub fn leave(&self) {
        self.audience.leave(self.seat);
    }

    /// From now on `wanted` is told.
    pub(super) fn want(&self, wanted: Wanted) {
        self.audience.want(self.seat, wanted);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.audience.leave(self.seat);
    }
}

async fn ended(told: &mut watch::Receiver<Option<Ended>>) -> Ended {
    match told.wait_for(Option::is_some).await {
        Ok(reason) => reason.unwrap_or(Ended::Stopping),
        // Nobody is left who could tell anything.
        Err(_) => Ended::Stopping,
    }
}
