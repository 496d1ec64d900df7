//! How conversations come about: register-call, and calls that arrive over SIP.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use quick_xml::escape::escape;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::sleep;
use uuid::Uuid;

use super::auth::Authorized;
use super::conversation::{Conversation, Direction, Status};
use super::error::ApiError;
use super::platform::{Platform, SESSION_PARAMETER, STREAM_PATH};
use crate::config::PretendAgent;
use crate::faults::Fault;
use crate::network::Network;
use crate::signalwire::Call;

#[derive(Deserialize)]
struct RegisterCall {
    agent_id: Option<String>,
    from_number: Option<String>,
    to_number: Option<String>,
    direction: Option<Direction>,
    conversation_initiation_client_data: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct ClientData {
    user_id: Option<Arc<str>>,
}

/// `POST /v1/convai/twilio/register-call`: announces a conversation and answers with the document
/// that connects a call to it.
pub(crate) async fn register_call(
    State(network): State<Arc<Network>>,
    _: Authorized,
    body: Bytes,
) -> Result<Response, ApiError> {
    strike(&network).await?;
    let request: RegisterCall =
        serde_json::from_slice(&body).map_err(|e| ApiError::unprocessable("", &e.to_string()))?;
    let conversation = announce(&network, request)?;
    let xml = document(&network.authority, &conversation);
    network.platform.announce(conversation);
    Ok(([(CONTENT_TYPE, "application/xml")], xml).into_response())
}

async fn strike(network: &Network) -> Result<(), ApiError> {
    let faults = &network.faults;
    if faults.strikes(Fault::RegisterCallSlow) {
        sleep(Duration::from_millis(faults.timing().register_slow_ms)).await;
    }
    if faults.strikes(Fault::RegisterCallFailed) {
        return Err(ApiError::internal());
    }
    if faults.strikes(Fault::RegisterCallTooMany) {
        return Err(ApiError::too_many_conversations());
    }
    Ok(())
}

fn announce(network: &Network, request: RegisterCall) -> Result<Conversation, ApiError> {
    let required = |field: Option<String>, name: &str| {
        field.ok_or_else(|| ApiError::unprocessable(name, "Field required"))
    };
    let agent_id = required(request.agent_id, "agent_id")?;
    let from = required(request.from_number, "from_number")?;
    let to = required(request.to_number, "to_number")?;
    let agent = find_agent(network, &agent_id)?;
    let client_data = request.conversation_initiation_client_data;
    let user_id = match &client_data {
        None => None,
        Some(raw) => {
            let data: Option<ClientData> = serde_json::from_str(raw.get()).map_err(|e| {
                ApiError::unprocessable("conversation_initiation_client_data", &e.to_string())
            })?;
            data.and_then(|data| data.user_id)
        }
    };
    let direction = request.direction.unwrap_or(Direction::Inbound);
    let (agent_number, external_number) = match direction {
        Direction::Inbound => (to, from),
        Direction::Outbound => (from, to),
    };
    let mut conversation = blank(agent, "twilio", direction);
    conversation.agent_number = agent_number.into();
    conversation.external_number = external_number.into();
    conversation.user_id = user_id;
    conversation.client_data = client_data;
    Ok(conversation)
}

/// The agent `id`, which must exist.
pub(crate) fn find_agent<'a>(network: &'a Network, id: &str) -> Result<&'a PretendAgent, ApiError> {
    let agents = &network.config.agents;
    agents
        .iter()
        .find(|agent| agent.agent_id == id)
        .ok_or_else(|| ApiError::agent_not_found(id))
}

fn blank(agent: &PretendAgent, line: &'static str, direction: Direction) -> Conversation {
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
        status: Status::Initiated,
        announced_at: Utc::now(),
        started_at: None,
        call_sid: None,
        spoken: None,
    }
}

fn document(authority: &str, conversation: &Conversation) -> String {
    let direction = conversation.direction.as_str();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Connect>\
         <Stream url=\"wss://{authority}{STREAM_PATH}\">\
         <Parameter name=\"{SESSION_PARAMETER}\" value=\"{}\"/>\
         <Parameter name=\"direction\" value=\"{direction}\"/>\
         <Parameter name=\"agent\" value=\"{}\"/>\
         </Stream></Connect></Response>",
        conversation.id,
        escape(&*conversation.agent_id),
    )
}

impl Platform {
    /// A call arrives over SIP at `uri`, `sip:NUMBER@…`. Returns the conversation with the agent of
    /// that number, in progress; `None` where there is no such number or it has no agent.
    pub fn take_sip(&self, network: &Network, uri: &str, call: &Call) -> Option<Arc<str>> {
        let number = uri.strip_prefix("sip:")?.split_once('@')?.0;
        let owned = network
            .config
            .numbers
            .iter()
            .find(|n| n.phone_number == number)?;
        let agent = find_agent(network, owned.agent_id.as_deref()?).ok()?;
        let mut conversation = blank(agent, "sip_trunking", Direction::Inbound);
        conversation.agent_number = number.into();
        conversation.external_number = (*call.to).into();
        conversation.status = Status::InProgress;
        conversation.started_at = Some(conversation.announced_at);
        conversation.call_sid = Some(call.sid);
        let id = Arc::clone(&conversation.id);
        self.announce(conversation);
        Some(id)
    }
}
