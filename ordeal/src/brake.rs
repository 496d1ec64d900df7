//! Holds the database's thread back until whoever asked it waits for it: then it does not matter how fast the thread is.

use std::future::poll_fn;
use std::mem::replace;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// The brake of one connection.
#[derive(Clone, Debug, Default)]
pub struct Brake(Arc<Held>);

#[derive(Debug, Default)]
struct Held {
    is_on: AtomicBool,
    lock: Mutex<()>,
    released: Condvar,
    last: Mutex<Option<Waker>>,
}

/// Somebody waits for the process to have nothing else to do; nobody does any more once this is dropped, as it is where the
/// process is killed.
struct Waits<'a>(&'a Brake);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.last().take();
    }
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

    /// Comes back once nothing else can run in the process that runs; at once where nobody is held back.
    pub async fn nothing_else_runs(&self) {
        let mut has_waited = !self.0.is_on.load(Ordering::Acquire);
        let _waits = Waits(self);
        poll_fn(|context| {
            if replace(&mut has_waited, true) {
                return Poll::Ready(());
            }
            *self.last() = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Nothing can run: lets whoever waits for that go on. False where nobody does.
    pub fn wake_last(&self) -> bool {
        let waker = self.last().take();
        let is_awaited = waker.is_some();
        waker.into_iter().for_each(Waker::wake);
        is_awaited
    }

    fn last(&self) -> MutexGuard<'_, Option<Waker>> {
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
