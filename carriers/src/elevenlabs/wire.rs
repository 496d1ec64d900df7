//! ElevenLabs' JSON, as it travels.

use anyhow::bail;
use domain::CallId;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::agent::RegisterCall;
use crate::outbound::AgentCall;

/// The dynamic variable that carries our name of the call, there and back.
pub(super) const CALL_ID: &str = "call_id";

/// Dynamic variables with this prefix belong to ElevenLabs.
const RESERVED_PREFIX: &str = "system__";

/// Announces a call.
///
/// Source: ElevenLabs, "Register Twilio call". Our carrier speaks Twilio's language, hence the path.
#[derive(Serialize)]
pub(super) struct RegisterCallBody<'a> {
    agent_id: &'a str,
    from_number: &'a str,
    to_number: &'a str,
    direction: &'static str,
    conversation_initiation_client_data: ClientData<'a>,
}

#[derive(Serialize)]
struct ClientData<'a> {
    user_id: String,
    dynamic_variables: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_config_override: Option<&'a Value>,
}

impl<'a> ClientData<'a> {
    /// What comes back with the conversation, and what differs in it.
    fn new(call_id: CallId, variables: &Map<String, Value>, overrides: Option<&'a Value>) -> Self {
        let mut dynamic_variables: Map<String, Value> = variables
            .iter()
            .filter(|(name, value)| {
                !name.starts_with(RESERVED_PREFIX) && !value.is_array() && !value.is_object()
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        dynamic_variables.insert(CALL_ID.to_owned(), call_id.to_string().into());
        Self {
            user_id: call_id.to_string(),
            dynamic_variables,
            conversation_config_override: overrides,
        }
    }
}

impl<'a> From<&'a RegisterCall> for RegisterCallBody<'a> {
    fn from(call: &'a RegisterCall) -> Self {
        Self {
            agent_id: &call.agent_id,
            from_number: call.from.expose(),
            to_number: call.to.expose(),
            direction: "outbound",
            conversation_initiation_client_data: ClientData::new(
                call.call_id,
                &call.dynamic_variables,
                call.overrides.as_ref(),
            ),
        }
    }
}

/// Asks ElevenLabs to call somebody itself.
///
/// Source: ElevenLabs, "Outbound call via SIP trunk", "Handle an outbound call via Exotel": one body for both.
#[derive(Serialize)]
pub(super) struct OutboundCallBody<'a> {
    agent_id: &'a str,
    agent_phone_number_id: &'a str,
    to_number: &'a str,
    conversation_initiation_client_data: ClientData<'a>,
    telephony_call_config: TelephonyCallConfig,
}

#[derive(Serialize)]
struct TelephonyCallConfig {
    ringing_timeout_secs: u16,
}

impl<'a> From<&'a AgentCall> for OutboundCallBody<'a> {
    fn from(call: &'a AgentCall) -> Self {
        Self {
            agent_id: &call.agent_id,
            agent_phone_number_id: &call.number_id,
            to_number: call.to.expose(),
            conversation_initiation_client_data: ClientData::new(
                call.call_id,
                &call.dynamic_variables,
                call.overrides.as_ref(),
            ),
            telephony_call_config: TelephonyCallConfig {
                ringing_timeout_secs: call.ring_timeout_s,
            },
        }
    }
}

/// What became of it. HTTP 200 alone says nothing.
#[derive(Debug, Deserialize)]
pub(super) struct OutboundCallAnswer {
    #[serde(default)]
    pub success: bool,
    pub message: Option<String>,
    pub conversation_id: Option<String>,
}

/// Checks that `body` is a document a carrier can play, and passes it on as it is.
///
/// A carrier that gets something else ends the call with an error in its own log; better that we know.
pub(super) fn answer_document(body: Vec<u8>) -> Result<String, anyhow::Error> {
    let text = String::from_utf8(body)?;
    if !text.trim_start().starts_with('<') || !text.trim_end().ends_with('>') {
        bail!("the answer document is not XML");
    }
    let mut reader = Reader::from_str(&text);
    let mut root: Option<String> = None;
    let mut open = 0_usize;
    loop {
        match reader.read_event()? {
            Event::Start(element) => {
                open += 1;
                root.get_or_insert_with(|| element.name().as_ref().to_owned());
            }
            Event::Empty(element) => {
                root.get_or_insert_with(|| element.name().as_ref().to_owned());
            }
            Event::End(_) => open = open.saturating_sub(1),
            Event::Eof => break,
            _ => {}
        }
    }
    match root.as_deref() {
        Some("Response") if open == 0 => Ok(text),
        Some("Response") => bail!("the answer document is cut off"),
        _ => bail!("the answer document's root is not <Response>"),
    }
}

/// One page of a list of conversations.
#[derive(Debug, Deserialize)]
pub(super) struct ConversationPage {
    conversations: Vec<ConversationItem>,
}

#[derive(Debug, Deserialize)]
struct ConversationItem {
    conversation_id: Option<String>,
    user_id: Option<String>,
    status: Option<String>,
    start_time_unix_secs: Option<i64>,
}

impl ConversationPage {
    /// The conversation to believe in: one that names our call before one that names none, finished before open, late
    /// before early; never one that names another call.
    pub fn best_for(self, call_id: &str) -> Option<String> {
        self.conversations
            .into_iter()
            .filter(|item| {
                item.user_id
                    .as_deref()
                    .is_none_or(|user_id| user_id == call_id)
            })
            .max_by_key(|item| {
                (
                    item.user_id.is_some(),
                    item.status.as_deref() == Some("done"),
                    item.start_time_unix_secs,
                )
            })?
            .conversation_id
            .filter(|id| !id.is_empty())
    }
}

/// One page of a list of agents.
#[derive(Debug, Deserialize)]
pub(super) struct AgentPage {
    pub agents: Vec<Value>,
    pub next_cursor: Option<String>,
    #[serde(default)]
    pub has_more: bool,
}

/// An agent of the workspace.
#[derive(Debug, Deserialize)]
pub(super) struct Agent {
    pub agent_id: Option<String>,
    pub name: Option<String>,
}

/// A number of the workspace.
#[derive(Debug, Deserialize)]
pub(super) struct Number {
    pub phone_number_id: Option<String>,
    pub phone_number: Option<String>,
    pub label: Option<String>,
    pub supports_outbound: Option<bool>,
    pub provider: Option<String>,
}
