//! An agents' platform that knows what it is told.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use carriers::{
    AgentCall, AgentError, AgentLine, CallingAgents, ConversationQuery, ConversationReport,
    ConversationStatus, OutboundError, PlacedByAgent, PlatformAgent, PlatformNumber, RegisterCall,
    VoiceAgents,
};
use domain::{CallId, PhoneNumber};
use entity::call;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// An agents' platform that knows what it is told.
#[derive(Default)]
pub struct ToldAgents {
    /// What it says of conversations it is asked for by call; nothing: there is none.
    pub found: Mutex<VecDeque<ConversationReport>>,
    /// Refuses to announce calls with this, once each.
    pub refusals: Mutex<VecDeque<AgentError>>,
    pub registered: Mutex<Vec<RegisterCall>>,
    /// What it says to calls that it is to make itself; nothing: it takes them on.
    pub outbound: Mutex<VecDeque<Result<PlacedByAgent, OutboundError>>>,
    pub called: Mutex<Vec<AgentCall>>,
    /// Numbers that it was not told of.
    pub unknown_numbers: Mutex<Vec<String>>,
    /// How often it was asked for the name of a number.
    pub numbers_asked: Mutex<usize>,
    /// Holds its answers to that back until told otherwise.
    pub number_silence: Mutex<Option<Arc<Notify>>>,
    /// True: no conversation is in its list, though it knows each by its name.
    pub is_unlisted: Mutex<bool>,
    /// What it says to every question for a conversation, or for a number, instead of an answer.
    pub trouble: Mutex<Option<fn() -> AgentError>>,
}

#[async_trait]
impl CallingAgents for ToldAgents {
    async fn place_call(&self, call: &AgentCall) -> Result<PlacedByAgent, OutboundError> {
        self.called.lock().push(call.clone());
        let told = self.outbound.lock().pop_front();
        told.unwrap_or_else(|| {
            Ok(PlacedByAgent {
                conversation_id: format!("conv-{}", call.call_id),
            })
        })
    }

    async fn number_id(
        &self,
        _: AgentLine,
        number: &PhoneNumber,
    ) -> Result<Option<String>, AgentError> {
        *self.numbers_asked.lock() += 1;
        let silence = self.number_silence.lock().clone();
        if let Some(silence) = silence {
            silence.notified().await;
        }
        if let Some(trouble) = *self.trouble.lock() {
            return Err(trouble());
        }
        let is_unknown = self
            .unknown_numbers
            .lock()
            .contains(&number.expose().to_owned());
        Ok((!is_unknown).then(|| "phnum_1".to_owned()))
    }
}

#[async_trait]
impl VoiceAgents for ToldAgents {
    async fn register_call(&self, call: &RegisterCall) -> Result<String, AgentError> {
        self.registered.lock().push(call.clone());
        match self.refusals.lock().pop_front() {
            Some(refusal) => Err(refusal),
            None => Ok("<Response/>".to_owned()),
        }
    }

    async fn conversation(&self, _: &str) -> Result<ConversationReport, AgentError> {
        if let Some(trouble) = *self.trouble.lock() {
            return Err(trouble());
        }
        self.found.lock().pop_front().ok_or(AgentError::NotFound)
    }

    async fn find_conversation(&self, _: &ConversationQuery) -> Result<Option<String>, AgentError> {
        if let Some(trouble) = *self.trouble.lock() {
            return Err(trouble());
        }
        if *self.is_unlisted.lock() {
            return Ok(None);
        }
        Ok(self
            .found
            .lock()
            .front()
            .map(|report| report.conversation_id.clone()))
    }

    async fn list_agents(&self) -> Result<Vec<PlatformAgent>, AgentError> {
        Ok(Vec::new())
    }

    async fn list_numbers(&self) -> Result<Vec<PlatformNumber>, AgentError> {
        Ok(Vec::new())
    }
}

/// A conversation's report in which nothing happened yet.
pub fn conversation(call: &call::Model, status: ConversationStatus) -> ConversationReport {
    ConversationReport {
        conversation_id: format!("conv-{}", call.id),
        call_id: Some(CallId::from_uuid(call.id)),
        agent_id: "agent_demo".to_owned(),
        status,
        transcript: Vec::new(),
        summary: None,
        started_at: None,
        duration_s: Some(30),
        cost_credits: Some(12),
        cost: None,
        successful: None,
        is_voicemail: false,
        was_transferred: false,
        call_result: None,
        wish: carriers::ConversationWish::default(),
        end_reason: None,
        error: None,
        raw: serde_json::json!({}),
    }
}
