//! How many clients watch at other processes, as far as those have said so lately.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// A process that said nothing for so long is gone, and its clients with it.
const SILENT_MAX: Duration = Duration::from_secs(7);
/// Processes remembered at most.
const PROCESSES_MAX: usize = 1_000;

/// What other processes said of themselves.
#[derive(Debug, Default)]
pub(super) struct Others {
    known: Mutex<HashMap<Arc<str>, (u32, Instant)>>,
}

impl Others {
    /// `process` says that it has `clients` now.
    pub(super) fn hear(&self, process: Arc<str>, clients: u32) {
        let mut known = self.known.lock();
        if known.len() < PROCESSES_MAX || known.contains_key(&process) {
            known.insert(process, (clients, Instant::now()));
        }
    }

    /// All their clients.
    pub(super) fn clients(&self) -> u64 {
        let mut known = self.known.lock();
        known.retain(|_, (_, heard)| heard.elapsed() < SILENT_MAX);
        known.values().map(|(clients, _)| u64::from(*clients)).sum()
    }
}
