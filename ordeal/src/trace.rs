//! What happened, in order: a hash of all of it, and its last lines.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};

/// Lines that are kept.
const LINES_MAX: usize = 60;

/// The trace of a run.
#[derive(Debug, Default)]
pub struct Trace {
    lines: VecDeque<String>,
    hasher: DefaultHasher,
    is_printed: bool,
}

impl Trace {
    /// A trace that is written to the standard output as it grows, too.
    #[must_use]
    pub fn printed(is_printed: bool) -> Self {
        Self {
            is_printed,
            ..Self::default()
        }
    }

    /// Notes that `what` happened at `at`.
    pub fn note(&mut self, at: DateTime<Utc>, what: &str) {
        let line = format!("{} {what}", at.format("%Y-%m-%d %H:%M:%S%.3f"));
        line.hash(&mut self.hasher);
        if self.is_printed {
            println!("{line}");
        }
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// Of two runs with the same number everything happened alike, in the same order.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hasher.finish()
    }

    /// The last lines, oldest first.
    #[must_use]
    pub fn last(&self) -> Vec<String> {
        self.lines.iter().cloned().collect()
    }
}
