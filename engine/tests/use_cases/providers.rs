//! A carrier that carries nothing, and agents that say nothing; they say what they have to offer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use carriers::{
    AgentCall, AgentError, AgentLine, CallKey, CallingAgents, Carrier, CarrierError, CarrierKind,
    CarrierNumber, ConversationQuery, ConversationReport, KeptRecording, LookedUp, OutboundError,
    PlaceCall, PlaceError, Placed, PlacedByAgent, PlatformAgent, PlatformNumber, RegisterCall,
    Sound, VoiceAgents,
};
use domain::PhoneNumber;
use parking_lot::Mutex;

/// Both providers, and how often they were asked for a list. Clones are the same ones.
#[derive(Clone)]
pub struct Providers {
    /// `None`: the carrier does not answer.
    pub numbers: Arc<Mutex<Option<Vec<CarrierNumber>>>>,
    /// `None`: the platform does not answer.
    pub agents: Arc<Mutex<Option<Vec<PlatformAgent>>>>,
    /// `None`: the platform does not answer.
    pub platform_numbers: Arc<Mutex<Option<Vec<PlatformNumber>>>>,
    asked: Arc<AtomicUsize>,
    hangs: Arc<AtomicBool>,
}

impl Default for Providers {
    fn default() -> Self {
        Self {
            numbers: Arc::new(Mutex::new(Some(vec![number("pn_1", "+12025550199")]))),
            agents: Arc::new(Mutex::new(Some(vec![agent("agent_1", "Amy")]))),
            platform_numbers: Arc::new(Mutex::new(Some(Vec::new()))),
            asked: Arc::default(),
            hangs: Arc::default(),
        }
    }
}

impl Providers {
    /// How many lists they were asked for so far.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// From now on neither answers.
    pub fn fall_silent(&self) {
        *self.numbers.lock() = None;
        *self.agents.lock() = None;
        *self.platform_numbers.lock() = None;
    }

    /// From now on whoever asks waits for ever.
    pub fn hang(&self) {
        self.hangs.store(true, Ordering::Relaxed);
    }

    async fn told<T: Clone>(&self, list: &Mutex<Option<Vec<T>>>) -> Option<Vec<T>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.hangs.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        list.lock().clone()
    }
}

pub fn number(id: &str, number: &str) -> CarrierNumber {
    CarrierNumber {
        carrier_number_id: id.to_owned(),
        number: PhoneNumber::parse(number, None).expect("a number"),
        label: None,
        has_voice: true,
    }
}

pub fn agent(id: &str, name: &str) -> PlatformAgent {
    PlatformAgent {
        agent_id: id.to_owned(),
        name: name.to_owned(),
    }
}

fn silence() -> anyhow::Error {
    anyhow::anyhow!("mute")
}

fn no_answer() -> AgentError {
    AgentError::Retryable {
        not_before: None,
        source: silence(),
    }
}

#[async_trait]
impl Carrier for Providers {
    fn kind(&self) -> CarrierKind {
        CarrierKind::SignalWire
    }

    async fn place(&self, _: &PlaceCall) -> Result<Placed, PlaceError> {
        Err(PlaceError::Retryable {
            not_before: None,
            source: silence(),
        })
    }

    async fn look_up(&self, _: &CallKey) -> Result<LookedUp, CarrierError> {
        Ok(LookedUp::NotFound)
    }

    async fn hang_up(&self, _: &str) -> Result<(), CarrierError> {
        Ok(())
    }

    async fn redirect(&self, _: &str, _: &url::Url) -> Result<bool, CarrierError> {
        Ok(true)
    }

    async fn open_recording(&self, _: &KeptRecording) -> Result<Option<Sound>, CarrierError> {
        Ok(None)
    }

    async fn list_numbers(&self) -> Result<Vec<CarrierNumber>, CarrierError> {
        let told = self.told(&self.numbers).await;
        told.ok_or(CarrierError::Retryable {
            not_before: None,
            source: silence(),
        })
    }
}

#[async_trait]
impl CallingAgents for Providers {
    async fn place_call(&self, _: &AgentCall) -> Result<PlacedByAgent, OutboundError> {
        Err(OutboundError::NotPlaced(no_answer()))
    }

    async fn number_id(&self, _: AgentLine, _: &PhoneNumber) -> Result<Option<String>, AgentError> {
        Err(no_answer())
    }
}

#[async_trait]
impl VoiceAgents for Providers {
    async fn register_call(&self, _: &RegisterCall) -> Result<String, AgentError> {
        Err(AgentError::NotFound)
    }

    async fn conversation(&self, _: &str) -> Result<ConversationReport, AgentError> {
        Err(AgentError::NotFound)
    }

    async fn find_conversation(&self, _: &ConversationQuery) -> Result<Option<String>, AgentError> {
        Ok(None)
    }

    async fn list_agents(&self) -> Result<Vec<PlatformAgent>, AgentError> {
        self.told(&self.agents).await.ok_or_else(no_answer)
    }

    async fn list_numbers(&self) -> Result<Vec<PlatformNumber>, AgentError> {
        self.told(&self.platform_numbers)
            .await
            .ok_or_else(no_answer)
    }
}
