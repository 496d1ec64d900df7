//! outbound-call: ElevenLabs itself calls somebody, over one of three kinds of numbers.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use chrono::Utc;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::timeout;
use uuid::Uuid;

use super::auth::Authorized;
use super::conversation::{Conversation, Direction, Status};
use super::error::ApiError;
use super::opening::{self, ClientData, blank, find_agent};
use super::placed::Placed;
use crate::config::{NumberProvider, OwnedNumber};
use crate::faults::Fault;
use crate::network::Network;
use crate::recorder::{Arrival, CreateAnswer, CreateVerdict};

/// How long a call may ring if the request does not say.
const RINGING_TIMEOUT_S: u64 = 60;

/// The longest an answer waits for the webhook.
const HOLD_MAX: Duration = Duration::from_secs(10);

#[derive(Default, Deserialize)]
struct OutboundCall {
    agent_id: Option<String>,
    agent_phone_number_id: Option<String>,
    to_number: Option<String>,
    conversation_initiation_client_data: Option<Box<RawValue>>,
    telephony_call_config: Option<TelephonyCallConfig>,
}

#[derive(Default, Deserialize)]
struct TelephonyCallConfig {
    ringing_timeout_secs: Option<u64>,
}

/// Why nobody is called.
enum Refusal {
    Error(ApiError),
    /// `success: false`, and yet HTTP 200.
    Unsuccessful,
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self::Error(error)
    }
}

/// `POST …/outbound-call` for numbers of `provider`. Whatever happens is recorded.
pub(crate) fn route(provider: NumberProvider) -> MethodRouter<Arc<Network>> {
    post(
        move |State(network): State<Arc<Network>>,
              authorized: Result<Authorized, ApiError>,
              body: Bytes| async move {
            outbound_call(&network, provider, authorized, &body).await
        },
    )
}

async fn outbound_call(
    network: &Arc<Network>,
    provider: NumberProvider,
    authorized: Result<Authorized, ApiError>,
    body: &[u8],
) -> Response {
    let at = Utc::now();
    let read: Result<OutboundCall, _> = serde_json::from_slice(body);
    let (request, unreadable) = match read {
        Ok(request) => (request, None),
        Err(e) => (
            OutboundCall::default(),
            Some(ApiError::unprocessable("", &e.to_string())),
        ),
    };
    let client_data = opening::client_data(request.conversation_initiation_client_data.as_deref());
    let number = request
        .agent_phone_number_id
        .as_deref()
        .and_then(|id| find_number(network, id));
    let arrival = Arrival {
        to: request.to_number.as_deref().unwrap_or_default(),
        from: number.map_or("", |number| &number.phone_number),
        call_id: client_data.as_ref().ok().and_then(call_id),
        at,
    };
    let longest_ms = client_data.as_ref().ok().and_then(ClientData::longest_ms);
    let sid = Uuid::new_v4();
    let admitted = authorized
        .and_then(|_| unreadable.map_or(Ok(()), Err))
        .and(client_data)
        .map_err(Refusal::from)
        .and_then(|client_data| judge(network, provider, &request, client_data))
        .and_then(|conversation| admit(network, conversation, &wire_id(provider, sid)));
    match admitted {
        Ok(conversation_id) => {
            let ringing_s = request
                .telephony_call_config
                .and_then(|config| config.ringing_timeout_secs);
            let placed = Placed {
                // Nothing the call does may precede its acceptance in the record.
                recorded: network.recorder.accepted(&arrival, sid),
                person: network.people.next_call(arrival.to),
                ringing_ms: ringing_s.unwrap_or(RINGING_TIMEOUT_S).saturating_mul(1_000),
                conversation_id,
                longest_ms,
            };
            place(network, placed, provider, sid).await
        }
        Err(refusal) => refuse(network, &arrival, provider, refusal),
    }
}

/// The dialer's own id of the call.
fn call_id(client_data: &ClientData) -> Option<Uuid> {
    let variables = client_data.dynamic_variables.as_ref()?;
    ["call_id", "attempt_id"]
        .iter()
        .find_map(|name| variables.get(*name)?.as_str()?.parse().ok())
}

fn find_number<'a>(network: &'a Network, id: &str) -> Option<&'a OwnedNumber> {
    let mut numbers = network.config.numbers.iter();
    numbers.find(|number| number.phone_number_id == id)
}

/// The conversation that `request` asks for.
fn judge(
    network: &Network,
    provider: NumberProvider,
    request: &OutboundCall,
    client_data: ClientData,
) -> Result<Conversation, Refusal> {
    opening::strike(network)?;
    let required = |field: &Option<String>, name: &str| {
        let missing = || ApiError::unprocessable(name, "Field required");
        field.clone().ok_or_else(missing)
    };
    let agent_id = required(&request.agent_id, "agent_id")?;
    let number_id = required(&request.agent_phone_number_id, "agent_phone_number_id")?;
    let to = required(&request.to_number, "to_number")?;
    let agent = find_agent(network, &agent_id)?;
    let number =
        find_number(network, &number_id).ok_or_else(|| ApiError::number_not_found(&number_id))?;
    if number.provider != provider {
        return Err(ApiError::wrong_provider(&number_id, provider.as_str()).into());
    }
    if !is_e164(&to) {
        return Err(ApiError::unprocessable("to_number", "Invalid phone number").into());
    }
    if network.faults.strikes(Fault::OutboundRefused) {
        return Err(Refusal::Unsuccessful);
    }
    let line = match provider {
        NumberProvider::SipTrunk => "sip_trunking",
        NumberProvider::Twilio | NumberProvider::Exotel => provider.as_str(),
    };
    let mut conversation = blank(agent, line, Direction::Outbound);
    conversation.status = Status::Dialling;
    conversation.phone_number_id = Some(number_id.into());
    conversation.agent_number = number.phone_number.as_str().into();
    conversation.external_number = to.into();
    conversation.user_id = client_data.user_id;
    conversation.client_data = request.conversation_initiation_client_data.clone();
    Ok(conversation)
}

fn is_e164(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or_default();
    (8..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
}

/// Files the conversation, if there is room for it, and returns its id.
fn admit(
    network: &Network,
    mut conversation: Conversation,
    call_sid: &str,
) -> Result<Arc<str>, Refusal> {
    conversation.call_sid = Some(call_sid.into());
    let id = Arc::clone(&conversation.id);
    let limit = network.config.concurrent_conversations;
    network.platform.admit(conversation, limit)?;
    Ok(id)
}

/// Lets the call live, and answers.
async fn place(
    network: &Arc<Network>,
    placed: Placed,
    provider: NumberProvider,
    sid: Uuid,
) -> Response {
    let (recorded, conversation_id) = (placed.recorded, Arc::clone(&placed.conversation_id));
    // Dropped with the task, however that ends.
    let (alive, reported) = oneshot::channel::<()>();
    let shared = Arc::clone(network);
    network.spawn(async move {
        placed.live(&shared).await;
        drop(alive);
    });
    if network.faults.strikes(Fault::OutboundAfterWebhook) {
        let _ = timeout(HOLD_MAX, reported).await;
    }
    network
        .recorder
        .answered(recorded, CreateAnswer::Status(200));
    let mut body = json!({
        "success": true,
        "message": "Outbound call initiated successfully.",
        "conversation_id": conversation_id,
    });
    body[id_field(provider)] = wire_id(provider, sid).into();
    Json(body).into_response()
}

fn refuse(
    network: &Network,
    arrival: &Arrival<'_>,
    provider: NumberProvider,
    refusal: Refusal,
) -> Response {
    let (status, why, response) = match refusal {
        Refusal::Error(error) => (error.status().as_u16(), error.why(), error.into_response()),
        Refusal::Unsuccessful => {
            let why = "The call could not be placed.";
            let mut body = json!({"success": false, "message": why, "conversation_id": null});
            body[id_field(provider)] = Value::Null;
            (200, why.to_owned(), Json(body).into_response())
        }
    };
    let why = why.into();
    let verdict = CreateVerdict::Rejected {
        status,
        code: None,
        why,
    };
    let recorded = network.recorder.rejected(arrival, verdict);
    let answer = CreateAnswer::Status(status);
    network.recorder.answered(recorded, answer);
    response
}

/// The name of the call's id in the answer.
fn id_field(provider: NumberProvider) -> &'static str {
    match provider {
        NumberProvider::SipTrunk => "sip_call_id",
        NumberProvider::Twilio | NumberProvider::Exotel => "callSid",
    }
}

/// The call's id as each provider writes its ids.
fn wire_id(provider: NumberProvider, sid: Uuid) -> String {
    let digits = sid.simple();
    match provider {
        NumberProvider::SipTrunk => format!("SCL_{digits}"),
        NumberProvider::Twilio => format!("CA{digits}"),
        NumberProvider::Exotel => digits.to_string(),
    }
}
