//! A process of the dialer: its own runtime, so that it can be stopped, frozen and killed anywhere.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use engine::Dialing;
use engine::dialing::Parts;
use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};

use crate::store::Store;

/// How long a statement may take, by the machine's clock, before something is wrong: a transaction that waits for the
/// outside world, most likely.
const STATEMENT_MAX: Duration = Duration::from_secs(20);

/// How far a process got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// Nothing of it can go on before something happens outside.
    Idle,
    /// It was stopped in the middle: a statement was answered, and it does not know yet.
    Stopped,
}

/// One process.
pub struct Process {
    /// Unique per start.
    pub name: String,
    /// Its engine.
    pub dialing: Arc<Dialing>,
    /// Dropped before the runtime, which waits for it: ends the task that keeps tokio from moving its clock by itself.
    _awake: mpsc::Sender<()>,
    runtime: Runtime,
    signal: Arc<Signal>,
    clock_at: DateTime<Utc>,
}

/// How the runtime tells whoever drives it that it has nothing to do.
#[derive(Debug, Default)]
struct Signal {
    is_idle: AtomicBool,
    may_park: AtomicBool,
    driver: Mutex<Option<Waker>>,
}

impl Process {
    /// Starts one at `now`.
    ///
    /// # Errors
    /// Where the machine has no thread to spare.
    pub fn start(parts: Parts, name: String, now: DateTime<Utc>) -> std::io::Result<Self> {
        let signal = Arc::new(Signal::default());
        let told = Arc::clone(&signal);
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .on_thread_park(move || told.idle())
            .build()?;
        let (awake, asleep) = mpsc::channel::<()>();
        // While something blocks, tokio's clock stands still.
        runtime.spawn_blocking(move || {
            let _ = asleep.recv();
        });
        let dialing = {
            let _inside = runtime.enter();
            Dialing::start(parts, name.clone())
        };
        Ok(Self {
            name,
            dialing,
            runtime,
            signal,
            clock_at: now,
            _awake: awake,
        })
    }

    /// Lets `work` begin; it goes on whenever the process runs.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    /// True where something that happened outside waits to be noticed.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.runtime.metrics().global_queue_depth() > 0
    }

    /// Runs until nothing can go on, or until the statements that `store` allows are used up. Its timers are at `now`.
    /// Where `is_blocked`, somebody who was stopped has the connection.
    ///
    /// # Panics
    /// Where a transaction waits for something other than the database.
    pub fn run(&mut self, store: &Store, now: DateTime<Utc>, is_blocked: bool) -> Ran {
        let ahead = (now - self.clock_at).to_std().unwrap_or_default();
        self.clock_at = now;
        let (signal, metrics) = (&self.signal, self.runtime.metrics());
        let drive = poll_fn(|context| {
            *signal.driver.lock() = Some(context.waker().clone());
            if !signal.is_idle.swap(false, Ordering::AcqRel) {
                return Poll::Pending;
            }
            if is_blocked || store.is_quiet() {
                return Poll::Ready(Ran::Idle);
            }
            if store.is_used_up() {
                // The answer must be there: what becomes of a process must not depend on when a thread of the driver ran.
                await_answer(|| metrics.global_queue_depth() > 0);
                return Poll::Ready(Ran::Stopped);
            }
            signal.may_park.store(true, Ordering::Release);
            Poll::Pending
        });
        self.signal.is_idle.store(false, Ordering::Release);
        self.runtime.block_on(async {
            if !ahead.is_zero() {
                tokio::time::advance(ahead).await;
            }
            drive.await
        })
    }
}

impl Signal {
    /// The runtime has nothing to do: whoever drives it decides whether it may wait.
    fn idle(&self) {
        if self.may_park.swap(false, Ordering::AcqRel) {
            return;
        }
        self.is_idle.store(true, Ordering::Release);
        if let Some(driver) = self.driver.lock().take() {
            driver.wake();
        }
    }
}

fn await_answer(is_there: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_there() {
        assert!(
            begun.elapsed() < STATEMENT_MAX,
            "a transaction waits for something other than the database"
        );
        std::thread::sleep(Duration::from_micros(5));
    }
}
