//! The queue inside one process: a channel, and the ids it holds.

use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::Stream;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use parking_lot::Mutex;

use super::{CallJob, CallQueue, QueueError};

/// What the queue delivers: a job, held until this is dropped.
#[derive(Debug)]
pub struct Held {
    /// The job.
    pub job: CallJob,
    ids: Arc<Mutex<HashSet<String>>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.ids.lock().remove(&self.job.id());
    }
}

/// A [`CallQueue`] in memory. What it holds is gone with the process; the reconciler pushes it again.
///
/// The channel needs no bound of its own: whoever pushes asks for the depth first.
#[derive(Clone, Debug)]
pub struct MemoryCallQueue {
    sender: UnboundedSender<Held>,
    ids: Arc<Mutex<HashSet<String>>>,
    /// Until when a process is believed that it cannot keep up.
    overloads: Arc<Mutex<HashMap<String, Instant>>>,
}

impl MemoryCallQueue {
    /// The queue, and the end at which its jobs come out.
    #[must_use]
    pub fn new() -> (Self, UnboundedReceiver<Held>) {
        let (sender, receiver) = unbounded();
        (
            Self {
                sender,
                ids: Arc::default(),
                overloads: Arc::default(),
            },
            receiver,
        )
    }
}

/// The end at which jobs come out, boxed as a worker wants it.
pub type HeldStream = Pin<Box<dyn Stream<Item = Held> + Send>>;

#[async_trait]
impl CallQueue for MemoryCallQueue {
    async fn push(&self, jobs: &[CallJob]) -> Result<(), QueueError> {
        for job in jobs {
            if self.ids.lock().insert(job.id()) {
                let held = Held {
                    job: job.clone(),
                    ids: Arc::clone(&self.ids),
                };
                self.sender
                    .unbounded_send(held)
                    .map_err(|gone| QueueError(gone.into_send_error().into()))?;
            }
        }
        Ok(())
    }

    async fn depth(&self) -> Result<u32, QueueError> {
        Ok(u32::try_from(self.ids.lock().len()).unwrap_or(u32::MAX))
    }

    async fn note_overload(&self, process: &str, span: Duration) -> Result<(), QueueError> {
        let until = Instant::now() + span;
        self.overloads.lock().insert(process.to_owned(), until);
        Ok(())
    }

    async fn forget_overload(&self, process: &str) -> Result<(), QueueError> {
        self.overloads.lock().remove(process);
        Ok(())
    }

    async fn is_overloaded(&self) -> Result<bool, QueueError> {
        let now = Instant::now();
        Ok(self.overloads.lock().values().any(|until| now < *until))
    }

    async fn ping(&self) -> Result<(), QueueError> {
        Ok(())
    }

    async fn reap(&self) -> Result<u32, QueueError> {
        Ok(0)
    }
}
