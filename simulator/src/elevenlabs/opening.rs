//! What all ways to begin a conversation have in common.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::Utc;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::conversation::{Conversation, Direction, Status};
use super::error::ApiError;
use crate::config::PretendAgent;
use crate::faults::Fault;
use crate::network::Network;

/// What is read of `conversation_initiation_client_data`.
#[derive(Default, Deserialize)]
pub(crate) struct ClientData {
    pub user_id: Option<Arc<str>>,
    pub dynamic_variables: Option<HashMap<String, Value>>,
    pub conversation_config_override: Option<Value>,
}

impl ClientData {
    /// How long the conversation may last, in simulated milliseconds, where the dialer said so.
    pub fn longest_ms(&self) -> Option<u64> {
        let overrides = self.conversation_config_override.as_ref()?;
        let seconds = overrides.pointer("/conversation/max_duration_seconds")?;
        Some(seconds.as_u64()?.saturating_mul(1_000))
    }
}

/// Reads the client data, which may be absent or null.
pub(crate) fn client_data(raw: Option<&RawValue>) -> Result<ClientData, ApiError> {
    let read: Option<ClientData> = raw
        .map_or(Ok(None), |raw| serde_json::from_str(raw.get()))
        .map_err(|e| {
            ApiError::unprocessable("conversation_initiation_client_data", &e.to_string())
        })?;
    Ok(read.unwrap_or_default())
}

/// The faults that prevent any conversation.
pub(crate) fn strike(network: &Network) -> Result<(), ApiError> {
    let strikes = |fault| network.faults.strikes(fault);
    if strikes(Fault::QuotaExceeded) {
        return Err(ApiError::quota_exceeded());
    }
    if strikes(Fault::RateLimitExceeded) {
        return Err(ApiError::rate_limit_exceeded());
    }
    if strikes(Fault::TooManyConcurrentRequests) {
        return Err(ApiError::too_many_concurrent_requests());
    }
    Ok(())
}

/// The agent `id`, which must exist.
pub(crate) fn find_agent<'a>(network: &'a Network, id: &str) -> Result<&'a PretendAgent, ApiError> {
    let agents = &network.config.agents;
    agents
        .iter()
        .find(|agent| agent.agent_id == id)
        .ok_or_else(|| ApiError::agent_not_found(id))
}

/// A conversation that nobody takes part in yet.
pub(crate) fn blank(
    agent: &PretendAgent,
    line: &'static str,
    direction: Direction,
) -> Conversation {
    Conversation {
        id: format!("conv_{}", Uuid::new_v4().simple()).into(),
        agent_id: agent.agent_id.as_str().into(),
        agent_name: agent.name.as_str().into(),
        user_id: None,
        direction,
        agent_number: Box::default(),
        external_number: Box::default(),
        client_data: None,
        line,
        phone_number_id: None,
        status: Status::Initiated,
        announced_at: Utc::now(),
        started_at: None,
        call_sid: None,
        spoken: None,
        failure: None,
    }
}
