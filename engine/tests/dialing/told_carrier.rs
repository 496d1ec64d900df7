//! A carrier that does as it is told.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use carriers::{
    CallKey, Carrier, CarrierError, CarrierKind, CarrierNumber, KeptRecording, ListedCall,
    LookedUp, PlaceCall, PlaceError, Placed, Sound,
};
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use tokio::sync::Notify;
use url::Url;

/// A carrier that does as it is told, and takes every call on where it is told nothing.
#[derive(Default)]
pub struct ToldCarrier {
    pub is_exotel: bool,
    /// True: it has no way to end a call.
    pub lets_calls_run: Mutex<bool>,
    pub answers: Mutex<VecDeque<Result<Placed, PlaceError>>>,
    pub placed: Mutex<Vec<PlaceCall>>,
    pub look_ups: Mutex<VecDeque<LookedUp>>,
    /// The calls that were looked up by its own names for them.
    pub asked_about: Mutex<Vec<String>>,
    /// True: it answers no look-up.
    pub is_silent: Mutex<bool>,
    pub hung_up: Mutex<Vec<String>>,
    /// The calls of its list, whenever they were made.
    pub listed: Mutex<Vec<ListedCall>>,
    /// Holds its answers to requests for calls back until told otherwise.
    pub silence: Mutex<Option<Arc<Notify>>>,
    /// What it says to new documents for its calls; nothing: it takes them.
    pub redirects: Mutex<VecDeque<Result<bool, CarrierError>>>,
    pub redirected: Mutex<Vec<(String, String)>>,
}

#[async_trait]
impl Carrier for ToldCarrier {
    fn kind(&self) -> CarrierKind {
        if self.is_exotel {
            CarrierKind::Exotel
        } else {
            CarrierKind::SignalWire
        }
    }

    async fn place(&self, call: &PlaceCall) -> Result<Placed, PlaceError> {
        self.placed.lock().push(call.clone());
        let silence = self.silence.lock().clone();
        if let Some(silence) = silence {
            silence.notified().await;
        }
        let told = self.answers.lock().pop_front();
        told.unwrap_or_else(|| {
            Ok(Placed {
                carrier_call_id: format!("sid-{}", call.call_id),
            })
        })
    }

    async fn calls_since(&self, _: DateTime<Utc>) -> Result<Vec<ListedCall>, CarrierError> {
        Ok(self.listed.lock().clone())
    }

    async fn look_up(&self, key: &CallKey) -> Result<LookedUp, CarrierError> {
        self.asked_about.lock().extend(key.carrier_call_id.clone());
        if *self.is_silent.lock() {
            let source = anyhow::anyhow!("no answer");
            return Err(CarrierError::Retryable {
                not_before: None,
                source,
            });
        }
        Ok(self
            .look_ups
            .lock()
            .pop_front()
            .unwrap_or(LookedUp::NotFound))
    }

    fn can_hang_up(&self) -> bool {
        !*self.lets_calls_run.lock()
    }

    async fn hang_up(&self, carrier_call_id: &str) -> Result<(), CarrierError> {
        self.hung_up.lock().push(carrier_call_id.to_owned());
        Ok(())
    }

    async fn redirect(&self, carrier_call_id: &str, document: &Url) -> Result<bool, CarrierError> {
        let asked = (carrier_call_id.to_owned(), document.to_string());
        self.redirected.lock().push(asked);
        self.redirects.lock().pop_front().unwrap_or(Ok(true))
    }

    async fn open_recording(&self, _: &KeptRecording) -> Result<Option<Sound>, CarrierError> {
        Ok(None)
    }

    async fn list_numbers(&self) -> Result<Vec<CarrierNumber>, CarrierError> {
        Ok(Vec::new())
    }
}
