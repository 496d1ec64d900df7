//! Where a process can be stopped: after every statement that was answered, and before every request to the world outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

/// Whoever runs, as far as stopping it goes.
pub trait Stops: Send + Sync {
    /// Waits until it may go on. Does not come back where it is killed.
    fn stop(&self);
}

/// Counts what passes, and stops whoever passes at the wrong moment. One per run.
#[derive(Clone, Default)]
pub struct Gate {
    passed: Arc<AtomicU64>,
    stop_at: Arc<AtomicU64>,
    runs: Arc<Mutex<Option<Arc<dyn Stops>>>>,
}

impl Gate {
    /// How much has passed so far.
    #[must_use]
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// `runs` from now on, and is stopped after so many more; `None`: it is not.
    pub fn open(&self, runs: Arc<dyn Stops>, more: Option<u64>) {
        let stop_at = more.map_or(u64::MAX, |more| self.passed() + more.max(1));
        self.stop_at.store(stop_at, Ordering::Relaxed);
        *self.runs.lock() = Some(runs);
    }

    /// Nobody runs any more.
    pub fn close(&self) {
        *self.runs.lock() = None;
    }

    /// Passes. May take a while by the clock of the run, or for ever.
    pub fn pass(&self) {
        let passed = self.passed.fetch_add(1, Ordering::Relaxed) + 1;
        if passed == self.stop_at.load(Ordering::Relaxed) {
            let runs = self.runs.lock().clone();
            if let Some(runs) = runs {
                runs.stop();
            }
        }
    }
}
