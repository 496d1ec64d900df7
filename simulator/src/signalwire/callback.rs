//! Callbacks on their way to the dialer: in order per call, three attempts, unless a fault says
//! otherwise.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::signature::scheme_b;
use crate::courier::Target;
use crate::faults::Fault;
use crate::network::Network;
use crate::recorder::{CallbackKind, Delivery, RecordedCallback};

/// A callback is sent this often at most.
const ATTEMPTS_MAX: u8 = 3;

/// The pause between two attempts, in simulated milliseconds.
const RETRY_PAUSE_MS: u64 = 1_000;

/// The longest a create's answer waits for callbacks.
const HOLD_MAX: Duration = Duration::from_secs(10);

/// One callback, ready to be sent as often as it takes.
pub(crate) struct Callback {
    pub kind: CallbackKind,
    pub sequence: Option<u32>,
    pub target: Target,
    pub form: Vec<(&'static str, String)>,
}

/// The callbacks of one call.
pub(crate) struct Outbox {
    /// The place of the call in the record.
    recorded: u32,
    queue: Mutex<Queue>,
    /// How many callbacks were sent, or given up.
    settled: watch::Sender<u32>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Callback>,
    is_pumping: bool,
    is_closed: bool,
    pushed: u32,
    sequence_next: u32,
}

impl Outbox {
    pub fn new(recorded: u32) -> Self {
        Self {
            recorded,
            queue: Mutex::default(),
            settled: watch::Sender::new(0),
        }
    }

    /// Adds a status callback; `make` gets its sequence number.
    pub fn push(&self, make: impl FnOnce(u32) -> Callback) {
        let mut queue = self.queue.lock();
        let sequence = queue.sequence_next;
        queue.sequence_next += 1;
        queue.pushed += 1;
        queue.waiting.push_back(make(sequence));
    }

    /// Adds a callback that has no sequence number.
    pub fn push_unnumbered(&self, callback: Callback) {
        let mut queue = self.queue.lock();
        queue.pushed += 1;
        queue.waiting.push_back(callback);
    }

    /// No more will be pushed.
    pub fn close(&self) {
        self.queue.lock().is_closed = true;
        self.settled.send_modify(|_| {}); // Somebody may wait for callbacks that will never be.
    }

    /// Sees to it that somebody sends what waits.
    pub fn pump(self: &Arc<Self>, network: &Arc<Network>) {
        let mut queue = self.queue.lock();
        if queue.is_pumping || queue.waiting.is_empty() {
            return;
        }
        queue.is_pumping = true;
        drop(queue);
        let (outbox, shared) = (Arc::clone(self), Arc::clone(network));
        network.spawn(async move {
            while let Some(callback) = outbox.next() {
                outbox.dispatch(&shared, callback).await;
            }
        });
    }

    fn next(&self) -> Option<Callback> {
        let mut queue = self.queue.lock();
        let next = queue.waiting.pop_front();
        queue.is_pumping = next.is_some();
        next
    }

    /// Returns when `count` callbacks are settled, or all there will ever be, or after 10 s.
    pub async fn wait_for(&self, count: u32) {
        let mut settled = self.settled.subscribe();
        let enough = settled.wait_for(|settled| {
            let queue = self.queue.lock();
            *settled >= count || (queue.is_closed && *settled >= queue.pushed)
        });
        // Neither time-out nor a closed channel matters: the answer goes out then.
        let _ = timeout(HOLD_MAX, enough).await;
    }

    /// Lets the faults have their way with `callback`, then sends it.
    async fn dispatch(self: &Arc<Self>, network: &Arc<Network>, callback: Callback) {
        let faults = &network.faults;
        if faults.strikes(Fault::CallbackDropped) {
            return self.settle(network, &callback, 0, Delivery::Dropped);
        }
        let callback = Arc::new(callback);
        if faults.strikes(Fault::CallbackDoubled) {
            self.send_apart(network, &callback, Duration::ZERO);
        }
        if faults.strikes(Fault::CallbackReordered) {
            let delay = faults.draw(faults.timing().callback_reorder_ms);
            return self.send_apart(network, &callback, delay);
        }
        if faults.strikes(Fault::CallbackDelayed) {
            sleep(faults.draw(faults.timing().callback_delay_ms)).await;
        }
        self.send(network, &callback).await;
    }

    fn send_apart(
        self: &Arc<Self>,
        network: &Arc<Network>,
        callback: &Arc<Callback>,
        delay: Duration,
    ) {
        let (outbox, shared) = (Arc::clone(self), Arc::clone(network));
        let callback = Arc::clone(callback);
        network.spawn(async move {
            sleep(delay).await;
            outbox.send(&shared, &callback).await;
        });
    }

    async fn send(&self, network: &Network, callback: &Callback) {
        let sign =
            |url: &str, form: &[(&str, String)]| scheme_b(&network.config.signing_key, url, form);
        let mut attempts = 0;
        let delivery = loop {
            attempts += 1;
            let reply = network
                .courier
                .send_form(&callback.target, &callback.form, sign)
                .await;
            let delivery = reply.map_or_else(|e| e, |reply| Delivery::Answered(reply.status));
            if delivery.is_success() || attempts == ATTEMPTS_MAX {
                break delivery;
            }
            sleep(network.pace.real(RETRY_PAUSE_MS)).await;
        };
        self.settle(network, callback, attempts, delivery);
    }

    fn settle(&self, network: &Network, callback: &Callback, attempts: u8, delivery: Delivery) {
        let recorded = RecordedCallback {
            kind: callback.kind,
            sequence: callback.sequence,
            attempts,
            settled_at: Utc::now(),
            delivery,
        };
        network.recorder.callback(self.recorded, recorded);
        self.settled.send_modify(|settled| *settled += 1);
    }
}
