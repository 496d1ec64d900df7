//! How conversations come about: register-call, calls that arrive over SIP, and Exotel's flows.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use quick_xml::escape::escape;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use tokio::time::sleep;

use super::auth::Authorized;
use super::conversation::{Conversation, Direction, Status};
use super::error::ApiError;
use super::opening::{self, blank, find_agent};
use super::platform::{Platform, SESSION_PARAMETER, STREAM_PATH};
use crate::exotel;
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
    let limit = network.config.concurrent_conversations;
    network.platform.admit(conversation, limit)?;
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
    opening::strike(network)
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
    let user_id = opening::client_data(client_data.as_deref())?.user_id;
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
        conversation.call_sid = Some(call.sid.to_string().into());
        let id = Arc::clone(&conversation.id);
        self.announce(conversation);
        Some(id)
    }

    /// A call's flow leads here. Returns the conversation with the agent of the account's flows, in progress, which
    /// carries the call's own field as `user_id` and as `call_id`; `None` where flows lead to nobody.
    pub fn take_flow(&self, network: &Network, call: &exotel::Call) -> Option<Arc<str>> {
        let agent = find_agent(network, network.config.exotel.agent_id.as_deref()?).ok()?;
        let mut conversation = blank(agent, "exotel", Direction::Outbound);
        conversation.agent_number = (*call.from).into();
        conversation.external_number = (*call.to).into();
        if let Some(field) = &call.settings.custom_field {
            conversation.user_id = Some((**field).into());
            let data = json!({"user_id": field, "dynamic_variables": {"call_id": field}});
            conversation.client_data = to_raw_value(&data).ok();
        }
        conversation.status = Status::InProgress;
        conversation.started_at = Some(conversation.announced_at);
        conversation.call_sid = Some(call.sid.simple().to_string().into());
        let id = Arc::clone(&conversation.id);
        self.announce(conversation);
        Some(id)
    }
}
