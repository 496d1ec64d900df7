//! The agents and numbers ElevenLabs knows.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::Authorized;
use super::error::ApiError;
use super::opening::find_agent;
use crate::config::{NumberProvider, OwnedNumber, PretendAgent};
use crate::faults::Fault;
use crate::network::Network;

const CREATED_UNIX: i64 = 1_712_255_440;

/// Everybody's voice.
const VOICE_ID: &str = "voice_demo";

#[derive(Deserialize)]
pub(crate) struct AgentsQuery {
    page_size: Option<usize>,
    cursor: Option<usize>,
    search: Option<String>,
}

/// `GET /v1/convai/agents`.
pub(crate) async fn agents(
    State(network): State<Arc<Network>>,
    _: Authorized,
    Query(query): Query<AgentsQuery>,
) -> Result<Json<Value>, ApiError> {
    if network.faults.strikes(Fault::CatalogueUnavailable) {
        return Err(ApiError::internal());
    }
    let search = query.search.unwrap_or_default().to_lowercase();
    let start = query.cursor.unwrap_or(0);
    let size = query.page_size.unwrap_or(30).clamp(1, 100);
    let matches = |agent: &&PretendAgent| agent.name.to_lowercase().contains(&search);
    let mut found = network.config.agents.iter().filter(matches).skip(start);
    let page: Vec<Value> = found
        .by_ref()
        .take(size)
        .map(|agent| {
            json!({
                "agent_id": agent.agent_id,
                "name": agent.name,
                "voice_id": VOICE_ID,
                "tags": [],
                "created_at_unix_secs": CREATED_UNIX,
                "updated_at_unix_secs": CREATED_UNIX,
                "access_info": access(),
                "last_call_time_unix_secs": null,
                "archived": false,
            })
        })
        .collect();
    let next = found.next().map(|_| (start + size).to_string());
    Ok(Json(
        json!({"agents": page, "has_more": next.is_some(), "next_cursor": next}),
    ))
}

/// `GET /v1/convai/agents/{id}`.
pub(crate) async fn agent(
    State(network): State<Arc<Network>>,
    _: Authorized,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let agent = find_agent(&network, &id)?;
    Ok(Json(json!({
        "agent_id": agent.agent_id,
        "name": agent.name,
        "conversation_config": {
            "agent": {"first_message": "Hello, this is the demo agent.", "language": "en"},
            "asr": {"user_input_audio_format": "ulaw_8000"},
            "tts": {"agent_output_audio_format": "ulaw_8000", "voice_id": VOICE_ID},
        },
        "metadata": {
            "created_at_unix_secs": CREATED_UNIX, "updated_at_unix_secs": CREATED_UNIX,
        },
        "platform_settings": {},
        "phone_numbers": [],
        "workflow": {"nodes": {}, "edges": {}, "prevent_subagent_loops": false},
        "access_info": access(),
        "tags": [],
    })))
}

fn access() -> Value {
    json!({
        "is_creator": true, "creator_name": "Simulator", "creator_email": "simulator@example.com",
        "role": "admin",
    })
}

#[derive(Deserialize)]
pub(crate) struct NumbersQuery {
    provider: Option<String>,
    agent_id: Option<String>,
}

/// `GET /v1/convai/phone-numbers`: a bare array.
pub(crate) async fn phone_numbers(
    State(network): State<Arc<Network>>,
    _: Authorized,
    Query(query): Query<NumbersQuery>,
) -> Result<Json<Value>, ApiError> {
    if network.faults.strikes(Fault::CatalogueUnavailable) {
        return Err(ApiError::internal());
    }
    let matches = |number: &&OwnedNumber| {
        query
            .provider
            .as_deref()
            .is_none_or(|provider| provider == number.provider.as_str())
            && (query.agent_id.is_none() || query.agent_id == number.agent_id)
    };
    let numbers = network.config.numbers.iter().filter(matches);
    Ok(Json(
        numbers
            .map(|number| phone_number(&network, number))
            .collect(),
    ))
}

fn phone_number(network: &Network, number: &OwnedNumber) -> Value {
    let agent = number
        .agent_id
        .as_deref()
        .and_then(|id| find_agent(network, id).ok());
    let mut object = json!({
        "provider": number.provider.as_str(),
        "phone_number": number.phone_number,
        "label": number.friendly_name,
        "phone_number_id": number.phone_number_id,
        "assigned_agent":
            agent.map(|agent| json!({"agent_id": agent.agent_id, "agent_name": agent.name})),
        "supports_inbound": true,
        "supports_outbound": true,
    });
    if number.provider == NumberProvider::SipTrunk {
        object["outbound_trunk"] = json!({
            "address": "simulator.sip.signalwire.com", "transport": "tls",
            "media_encryption": "allowed", "has_auth_credentials": true, "username": "dialer",
            "headers": {},
        });
        object["inbound_trunk"] = Value::Null;
        object["livekit_stack"] = "standard".into();
    }
    object
}
