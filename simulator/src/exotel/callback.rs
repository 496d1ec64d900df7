//! Exotel's callbacks on their way to the dialer: unsigned, in JSON or as a form in parts, three attempts.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::call::Call;
use super::view;
use crate::faults::Fault;
use crate::network::Network;
use crate::recorder::{CallbackKind, Delivery, RecordedCallback};

/// A callback is sent this often at most.
const ATTEMPTS_MAX: u8 = 3;

/// The pause between two attempts, in simulated milliseconds.
const RETRY_PAUSE_MS: u64 = 1_000;

/// The longest a create's answer waits for callbacks.
const HOLD_MAX: Duration = Duration::from_secs(10);

/// What stands between the parts of a form.
const BOUNDARY: &str = "----exotel-simulator-7MA4YWxkTrZu0gW";

/// One callback, ready to be sent as often as it takes.
struct Callback {
    kind: CallbackKind,
    url: Box<str>,
    content_type: String,
    body: String,
}

/// The callbacks of one call, which go out one after the other unless a fault says otherwise.
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
}

impl Outbox {
    pub fn new(recorded: u32) -> Self {
        Self {
            recorded,
            queue: Mutex::default(),
            settled: watch::Sender::new(0),
        }
    }

    /// Sends what `kind` is about, as the call is now, if the dialer wants callbacks.
    pub fn push(self: &Arc<Self>, network: &Arc<Network>, call: &Call, kind: CallbackKind) {
        let Some(url) = call.settings.status_callback.clone() else {
            return;
        };
        let event = match kind {
            CallbackKind::Answered => "answered",
            _ => "terminal",
        };
        let faults = &network.faults;
        let is_short = !call.settings.has_events || faults.strikes(Fault::ExotelCallbackShort);
        let is_form = !call.settings.wants_json || faults.strikes(Fault::ExotelCallbackForm);
        let object = view::callback(network, call, event, is_short);
        let (content_type, body) = if is_form {
            (
                format!("multipart/form-data; boundary={BOUNDARY}"),
                form(&object),
            )
        } else {
            ("application/json".to_owned(), object.to_string())
        };
        let callback = Callback {
            kind,
            url,
            content_type,
            body,
        };
        let mut queue = self.queue.lock();
        queue.pushed += 1;
        queue.waiting.push_back(callback);
        if std::mem::replace(&mut queue.is_pumping, true) {
            return;
        }
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

    /// No more will be pushed.
    pub fn close(&self) {
        self.queue.lock().is_closed = true;
        self.settled.send_modify(|_| {}); // Somebody may wait for callbacks that will never be.
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
            return self.settle(network, callback.kind, 0, Delivery::Dropped);
        }
        let copies = 1 + u8::from(faults.strikes(Fault::CallbackDoubled));
        if faults.strikes(Fault::CallbackReordered) {
            let delay = faults.draw(faults.timing().callback_reorder_ms);
            let (outbox, shared) = (Arc::clone(self), Arc::clone(network));
            return network.spawn(async move {
                sleep(delay).await;
                outbox.send(&shared, &callback, copies).await;
            });
        }
        if faults.strikes(Fault::CallbackDelayed) {
            sleep(faults.draw(faults.timing().callback_delay_ms)).await;
        }
        self.send(network, &callback, copies).await;
    }

    async fn send(&self, network: &Network, callback: &Callback, copies: u8) {
        for _ in 0..copies {
            let mut attempts = 0;
            let delivery = loop {
                attempts += 1;
                let reply = network
                    .courier
                    .send_body(&callback.url, &callback.content_type, callback.body.clone())
                    .await;
                let delivery = reply.map_or_else(|e| e, |reply| Delivery::Answered(reply.status));
                if delivery == Delivery::Answered(200) || attempts == ATTEMPTS_MAX {
                    break delivery;
                }
                sleep(network.pace.real(RETRY_PAUSE_MS)).await;
            };
            self.settle(network, callback.kind, attempts, delivery);
        }
    }

    fn settle(&self, network: &Network, kind: CallbackKind, attempts: u8, delivery: Delivery) {
        let recorded = RecordedCallback {
            kind,
            sequence: None,
            attempts,
            settled_at: Utc::now(),
            delivery,
        };
        network.recorder.callback(self.recorded, recorded);
        self.settled.send_modify(|settled| *settled += 1);
    }
}

/// A form in parts, with the legs flattened.
fn form(object: &Value) -> String {
    let mut pairs: Vec<(String, String)> = Vec::new();
    flatten(&mut pairs, String::new(), object);
    let mut body = String::new();
    for (name, value) in pairs {
        body.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body + &format!("--{BOUNDARY}--\r\n")
}

fn flatten(pairs: &mut Vec<(String, String)>, name: String, value: &Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let name = match name.as_str() {
                    "" => key.clone(),
                    name => format!("{name}[{key}]"),
                };
                flatten(pairs, name, value);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                flatten(pairs, format!("{name}[{index}]"), value);
            }
        }
        Value::Null => pairs.push((name, String::new())),
        Value::String(text) => pairs.push((name, text.clone())),
        other => pairs.push((name, other.to_string())),
    }
}
