//! The queue: delivers what it is given at least once, unless it loses it.

use std::time::Duration;

use async_trait::async_trait;
use engine::queue::{CallJob, CallQueue, QueueError};

use super::door::Door;
use super::{Network, Shared};
use crate::clock::millis;
use crate::gate::Gate;

/// The queue.
pub struct VirtualQueue {
    door: Door,
}

impl VirtualQueue {
    /// The queue of `network`; whoever asks passes `gate` before the question is heard.
    #[must_use]
    pub fn new(network: &Shared, gate: &Gate) -> Self {
        Self {
            door: Door::new(network, gate),
        }
    }
}

#[async_trait]
impl CallQueue for VirtualQueue {
    async fn push(&self, jobs: &[CallJob]) -> Result<(), QueueError> {
        self.door.outside().push(jobs)
    }

    async fn depth(&self) -> Result<u32, QueueError> {
        let mut network = self.door.outside();
        network.answer()?;
        Ok(u32::try_from(network.held.len()).unwrap_or(u32::MAX))
    }

    async fn note_overload(&self, _: &str, _: Duration) -> Result<(), QueueError> {
        self.door.outside().answer()
    }

    async fn forget_overload(&self, _: &str) -> Result<(), QueueError> {
        self.door.outside().answer()
    }

    /// Nobody is here: no report waits for another.
    async fn is_overloaded(&self) -> Result<bool, QueueError> {
        self.door.outside().answer().map(|()| false)
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.door.outside().answer()
    }

    async fn reap(&self) -> Result<u32, QueueError> {
        self.door.outside().answer().map(|()| 0)
    }
}

impl Network {
    fn answer(&mut self) -> Result<(), QueueError> {
        if self.is_down(self.queue_down_until) || self.chance.happens(self.faults.queue_fails) {
            return Err(QueueError(anyhow::anyhow!("the queue is away")));
        }
        Ok(())
    }

    fn push(&mut self, jobs: &[CallJob]) -> Result<(), QueueError> {
        self.answer()?;
        for job in jobs {
            if self.held.contains_key(&job.id()) || self.chance.happens(self.faults.jobs_lost) {
                continue;
            }
            self.held.insert(job.id(), job.clone());
            let copies = 1 + usize::from(self.chance.happens(self.faults.jobs_doubled));
            for _ in 0..copies {
                let most = if self.chance.happens(self.faults.jobs_late) {
                    90_000
                } else {
                    200
                };
                let wait = self.chance.between(1, most);
                self.deliver(job.id(), wait);
            }
        }
        Ok(())
    }

    fn deliver(&mut self, id: String, wait: i64) {
        self.after(millis(wait), move |network| {
            // Nobody delivers what was acknowledged or lost.
            network.jobs.extend(network.held.get(&id).cloned());
        });
    }

    /// A worker is done with `job`.
    pub fn acknowledge(&mut self, job: &CallJob) {
        self.held.remove(&job.id());
    }

    /// The worker that had `job` is gone: somebody else gets it, once its silence is noticed.
    pub fn deliver_again(&mut self, job: &CallJob) {
        let wait = self.chance.between(15_000, 30_000);
        self.deliver(job.id(), wait);
    }

    /// The queue forgets everything it holds.
    pub fn empty_queue(&mut self) {
        self.held.clear();
        self.jobs.clear();
    }

    /// True where the queue holds nothing.
    #[must_use]
    pub fn is_queue_empty(&self) -> bool {
        self.held.is_empty()
    }
}
