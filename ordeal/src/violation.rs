//! A promise that was broken.

use std::fmt;

/// Which promise, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// `P1` to `P6`; `error` where the engine says that something is wrong in itself.
    pub promise: &'static str,
    /// What happened, in a sentence.
    pub how: String,
}

impl Violation {
    /// The promise `promise` was broken.
    pub fn of(promise: &'static str, how: impl Into<String>) -> Self {
        Self {
            promise,
            how: how.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise, self.how)
    }
}

impl std::error::Error for Violation {}
