//! A process of the dialer: its own runtime on its own thread, so that it can be stopped, frozen and killed anywhere. Of all
//! threads one runs at a time, and it says when it is done.

use std::future::{Future, poll_fn};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Poll, Waker};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{DateTime, Utc};
use engine::Dialing;
use engine::dialing::Parts;
use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::brake::Brake;
use crate::gate::{Gate, Stops};
use crate::store::Store;

/// How long one may run, by the machine's clock, before something is wrong: a transaction that waits for the outside
/// world, most likely.
const RUN_MAX: Duration = Duration::from_secs(60);
/// The runtime looks at what other threads sent when it has nothing else to do, and at whoever drives it after every task:
/// so the order of its tasks does not depend on how fast the driver's threads are.
const NEVER: u32 = u32::MAX / 2;

/// How far a process got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// Nothing of it can go on before something happens outside.
    Idle,
    /// It was stopped in the middle.
    Stopped,
}

/// What a process is told.
enum Told {
    /// Go on; its timers are so far ahead.
    Run(Duration),
    /// End, wherever you are.
    Die,
}

/// One process.
pub struct Process {
    /// Unique per start.
    pub name: String,
    /// Its engine.
    pub dialing: Arc<Dialing>,
    seat: Arc<Seat>,
    handle: Handle,
    tell: Sender<Told>,
    hear: Receiver<Ran>,
    thread: Option<JoinHandle<()>>,
    clock_at: DateTime<Utc>,
    is_stopped: bool,
}

/// Where the thread of a process meets whoever drives it.
struct Seat {
    told: Mutex<Receiver<Told>>,
    ran: Sender<Ran>,
    is_quiet: Box<dyn Fn() -> bool + Send + Sync>,
    brake: Brake,
    is_blocked: AtomicBool,
    is_idle: AtomicBool,
    is_dead: AtomicBool,
    driver: Mutex<Option<Waker>>,
}

impl Process {
    /// Starts one at `now`.
    ///
    /// # Errors
    /// Where the machine has no thread to spare.
    pub fn start(
        parts: Parts,
        name: String,
        now: DateTime<Utc>,
        store: &Store,
    ) -> std::io::Result<Self> {
        let (tell, told) = channel();
        let (ran, hear) = channel();
        let seat = Arc::new(Seat {
            told: Mutex::new(told),
            ran,
            is_quiet: Box::new(store.quiet()),
            brake: store.brake.clone(),
            is_blocked: AtomicBool::new(false),
            is_idle: AtomicBool::new(false),
            is_dead: AtomicBool::new(false),
            driver: Mutex::new(None),
        });
        let (parked, unparked) = (Arc::clone(&seat), Arc::clone(&seat));
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .event_interval(1)
            .global_queue_interval(NEVER)
            .on_thread_park(move || parked.park())
            .on_thread_unpark(move || unparked.brake.put_on())
            .build()?;
        let handle = runtime.handle().clone();
        let dialing = {
            let _inside = runtime.enter();
            Dialing::start(parts, name.clone())
        };
        let driven = Arc::clone(&seat);
        let thread = std::thread::Builder::new().spawn(move || driven.live(runtime))?;
        Ok(Self {
            name,
            dialing,
            seat,
            handle,
            tell,
            hear,
            thread: Some(thread),
            clock_at: now,
            is_stopped: false,
        })
    }

    /// Lets `work` begin; it goes on whenever the process runs.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(work);
    }

    /// True where it was stopped in the middle, or something that happened outside waits to be noticed.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.is_stopped || self.handle.metrics().global_queue_depth() > 0
    }

    /// Runs until nothing can go on, or until it has passed `gate` `more` times. Its timers are at `now`. Where `is_blocked`,
    /// somebody who was stopped has the connection.
    ///
    /// # Panics
    /// Where it runs and runs: a transaction waits for something other than the database.
    pub fn run(
        &mut self,
        now: DateTime<Utc>,
        is_blocked: bool,
        (gate, more): (&Gate, Option<u64>),
    ) -> Ran {
        let ahead = (now - self.clock_at).to_std().unwrap_or_default();
        if !self.is_stopped {
            self.clock_at = now;
        }
        self.seat.is_blocked.store(is_blocked, Ordering::Release);
        gate.open(Arc::clone(&self.seat) as Arc<dyn Stops>, more);
        let ran = self
            .tell
            .send(Told::Run(ahead))
            .ok()
            .and_then(|()| self.hear.recv_timeout(RUN_MAX).ok());
        gate.close();
        let ran = ran
            .unwrap_or_else(|| panic!("a transaction waits for something other than the database"));
        self.is_stopped = ran == Ran::Stopped;
        ran
    }
}

impl Drop for Process {
    /// Ends it wherever it is: what it did not commit did not happen.
    fn drop(&mut self) {
        let _ = self.tell.send(Told::Die);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Seat {
    /// The life of the thread.
    fn live(&self, runtime: Runtime) {
        let (awake, asleep) = channel::<()>();
        // While something blocks, tokio does not move its clock by itself.
        runtime.spawn_blocking(move || {
            let _ = asleep.recv();
        });
        loop {
            let told = self.told.lock().recv();
            let Ok(Told::Run(ahead)) = told else {
                break;
            };
            self.is_idle.store(false, Ordering::Release);
            self.brake.put_on();
            runtime.block_on(async {
                if !ahead.is_zero() {
                    tokio::time::advance(ahead).await;
                }
                self.idle_or_dead().await;
            });
            self.brake.release();
            if self.is_dead.load(Ordering::Acquire) {
                break;
            }
            let _ = self.ran.send(Ran::Idle);
        }
        drop(awake);
        drop(runtime);
    }

    async fn idle_or_dead(&self) {
        poll_fn(|context| {
            *self.driver.lock() = Some(context.waker().clone());
            if self.is_idle.load(Ordering::Acquire) || self.is_dead.load(Ordering::Acquire) {
                return Poll::Ready(());
            }
            Poll::Pending
        })
        .await;
    }

    /// The runtime has nothing to do. It waits while the database works for it, and is done otherwise.
    fn park(&self) {
        if self.is_blocked.load(Ordering::Acquire) || (self.is_quiet)() {
            self.is_idle.store(true, Ordering::Release);
            self.wake();
        } else if !self.brake.wake_last() {
            self.brake.release();
        }
    }

    fn wake(&self) {
        if let Some(driver) = self.driver.lock().take() {
            driver.wake();
        }
    }
}

impl Stops for Seat {
    fn stop(&self) {
        self.brake.release();
        let _ = self.ran.send(Ran::Stopped);
        let told = self.told.lock().recv();
        if let Ok(Told::Run(_)) = told {
            self.brake.put_on();
            return;
        }
        self.is_dead.store(true, Ordering::Release);
        self.wake();
        // Nothing after this happens: the task ends here, and the others with the runtime.
        resume_unwind(Box::new("killed"));
    }
}
