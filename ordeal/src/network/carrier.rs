//! The carrier, as the dialer asks it.

use async_trait::async_trait;
use carriers::{
    CallKey, Carrier, CarrierError, CarrierKind, CarrierNumber, KeptRecording, LookedUp, PlaceCall,
    PlaceError, Placed, Sound,
};
use chrono::TimeDelta;
use domain::progress::End;
use tokio::sync::oneshot;
use url::Url;

use super::door::Door;
use super::{Network, Shared};
use crate::clock::millis;
use crate::gate::Gate;

/// How far before our request a call may have been taken on and still be ours.
const CANDIDATES_SINCE: TimeDelta = TimeDelta::seconds(60);

/// The carrier.
pub struct VirtualCarrier {
    door: Door,
}

impl VirtualCarrier {
    /// The carrier of `network`; whoever asks passes `gate` before the question is heard.
    #[must_use]
    pub fn new(network: &Shared, gate: &Gate) -> Self {
        Self {
            door: Door::new(network, gate),
        }
    }
}

#[async_trait]
impl Carrier for VirtualCarrier {
    fn kind(&self) -> CarrierKind {
        CarrierKind::SignalWire
    }

    async fn place(&self, call: &PlaceCall) -> Result<Placed, PlaceError> {
        let answered = self.door.outside().place(call);
        let gone = |_| {
            Err(PlaceError::Ambiguous(anyhow::anyhow!(
                "the carrier is gone"
            )))
        };
        answered.await.unwrap_or_else(gone)
    }

    async fn look_up(&self, key: &CallKey) -> Result<LookedUp, CarrierError> {
        let answered = self.door.outside().look_up(key.clone());
        answered.await.unwrap_or_else(|_| Err(no_answer()))
    }

    async fn hang_up(&self, carrier_call_id: &str) -> Result<(), CarrierError> {
        let answered = self.door.outside().hang_up(carrier_call_id.to_owned());
        answered.await.unwrap_or_else(|_| Err(no_answer()))
    }

    async fn redirect(&self, _: &str, _: &Url) -> Result<bool, CarrierError> {
        Ok(false)
    }

    async fn open_recording(&self, _: &KeptRecording) -> Result<Option<Sound>, CarrierError> {
        Ok(None)
    }

    async fn list_numbers(&self) -> Result<Vec<CarrierNumber>, CarrierError> {
        Ok(Vec::new())
    }
}

impl Network {
    fn look_up(&mut self, key: CallKey) -> oneshot::Receiver<Result<LookedUp, CarrierError>> {
        let (answer, answered) = oneshot::channel();
        let wait = millis(self.chance.between(10, 900));
        let is_lost = self.is_down(self.carrier_down_until)
            || self.chance.happens(self.faults.look_ups_unanswered);
        if is_lost {
            self.after(wait, move |_| drop(answer.send(Err(no_answer()))));
            return answered;
        }
        let age = if self.chance.happens(self.faults.look_ups_stale) {
            millis(self.chance.between(100, 8_000))
        } else {
            TimeDelta::zero()
        };
        self.after(wait, move |network| {
            let found = network.find(&key, age);
            drop(answer.send(Ok(found)));
        });
        answered
    }

    /// What the carrier's directory says; it is `age` old.
    fn find(&self, key: &CallKey, age: TimeDelta) -> LookedUp {
        let at = self.now() - age;
        let since = key.begun_at - CANDIDATES_SINCE;
        let is_meant = |call: &&super::Call| match &key.carrier_call_id {
            Some(name) => call.name == *name,
            None => {
                call.to == key.to.expose()
                    && call.from == key.from.expose()
                    && call.created_at >= since
            }
        };
        let calls = self.calls.iter().filter(is_meant);
        let found: Vec<_> = calls.filter_map(|call| call.found(at)).collect();
        if found.is_empty() {
            LookedUp::NotFound
        } else {
            LookedUp::Found(found)
        }
    }

    fn hang_up(&mut self, name: String) -> oneshot::Receiver<Result<(), CarrierError>> {
        let (answer, answered) = oneshot::channel();
        let wait = millis(self.chance.between(10, 900));
        let is_lost = self.is_down(self.carrier_down_until);
        self.after(wait, move |network| {
            if is_lost {
                drop(answer.send(Err(no_answer())));
                return;
            }
            let index = network.calls.iter().position(|call| call.name == name);
            if let Some(index) = index {
                let end = match network.calls[index].answered_at {
                    Some(_) => End::Completed,
                    None => End::Canceled,
                };
                network.end(index, end);
            }
            drop(answer.send(Ok(())));
        });
        answered
    }
}

fn no_answer() -> CarrierError {
    CarrierError::Retryable {
        not_before: None,
        source: anyhow::anyhow!("no answer"),
    }
}
