//! Holds the database's thread back until whoever asked it waits for it: then it does not matter how fast the thread is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// The brake of one connection.
#[derive(Clone, Debug, Default)]
pub struct Brake(Arc<Held>);

#[derive(Debug, Default)]
struct Held {
    is_on: AtomicBool,
    lock: Mutex<()>,
    released: Condvar,
}

impl Brake {
    /// From now on nothing is answered.
    pub fn put_on(&self) {
        self.0.is_on.store(true, Ordering::Release);
    }

    /// From now on everything is.
    pub fn release(&self) {
        let _lock = self.0.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.is_on.store(false, Ordering::Release);
        self.0.released.notify_all();
    }

    /// Waits while the brake is on.
    pub fn wait(&self) {
        if !self.0.is_on.load(Ordering::Acquire) {
            return;
        }
        let mut lock = self.0.lock.lock().unwrap_or_else(PoisonError::into_inner);
        while self.0.is_on.load(Ordering::Acquire) {
            lock = self
                .0
                .released
                .wait(lock)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}
