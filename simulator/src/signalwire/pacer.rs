//! The carrier's queue: so many new calls per second, the rest waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::pace::Pace;

/// How many calls may wait; one more is refused with 429/21611.
const BACKLOG_MAX: usize = 10_000;

/// Lets calls leave the queue one by one, in the order in which they joined it.
pub(crate) struct Pacer {
    gap: Option<Duration>,
    next: Mutex<Instant>,
    waiting: Arc<AtomicUsize>,
}

/// A place in the queue.
pub(crate) struct Ticket {
    at: Option<Instant>,
    waiting: Arc<AtomicUsize>,
}

impl Pacer {
    /// `calls_per_second` is simulated; `None`: nobody waits.
    pub fn new(calls_per_second: Option<f64>, pace: Pace) -> Self {
        let gap = calls_per_second.map(|rate| pace.real(1_000).div_f64(rate));
        Self {
            gap,
            next: Mutex::new(Instant::now()),
            waiting: Arc::default(),
        }
    }

    pub fn is_full(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) >= BACKLOG_MAX
    }

    /// Takes the next place.
    pub fn join(&self) -> Ticket {
        let at = self.gap.map(|gap| {
            let mut next = self.next.lock();
            let at = (*next).max(Instant::now());
            *next = at + gap;
            at
        });
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Ticket {
            at,
            waiting: Arc::clone(&self.waiting),
        }
    }
}

impl Ticket {
    /// Waits for the turn. A call that is canceled meanwhile drops the ticket; its turn passes
    /// unused.
    pub async fn turn(self) {
        if let Some(at) = self.at {
            sleep_until(at).await;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
