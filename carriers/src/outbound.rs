//! Which platform calls people itself, so that no carrier of ours dials: the contract of its client.

use std::fmt;

use async_trait::async_trait;
use domain::{CallId, PhoneNumber};
use serde_json::{Map, Value, json};

use crate::agent::AgentError;

/// A platform whose agents call people over a line that the platform was told of.
///
/// No events come while it rings, nothing can hang up, and how it went stands in the conversation, or in the report that
/// there was none.
#[async_trait]
pub trait CallingAgents: Send + Sync {
    /// Asks the platform to call somebody. `Ok` means accepted, not answered.
    ///
    /// Not idempotent: no key would make it so. The request goes out at most once. Dropping the future before it is done
    /// leaves the same doubt as [`OutboundError::Ambiguous`].
    ///
    /// # Errors
    /// [`OutboundError`] says whether the call can exist and what to do about it.
    async fn place_call(&self, call: &AgentCall) -> Result<PlacedByAgent, OutboundError>;

    /// The platform's name for `number` on `line`; `None` where it was not told of it, or may not call with it.
    ///
    /// # Errors
    /// [`AgentError`]; [`AgentError::NotFound`] never.
    async fn number_id(
        &self,
        line: AgentLine,
        number: &PhoneNumber,
    ) -> Result<Option<String>, AgentError>;
}

/// How a platform reaches the telephone network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AgentLine {
    /// Over a SIP trunk, as SignalWire's numbers are attached.
    SipTrunk,
    /// By an Exotel account.
    Exotel,
}

/// A call that a platform is to make.
#[derive(Clone)]
pub struct AgentCall {
    /// How it reaches the telephone network.
    pub line: AgentLine,
    /// The platform's name of the agent.
    pub agent_id: String,
    /// The platform's name of the number shown.
    pub number_id: String,
    /// Whom to call.
    pub to: PhoneNumber,
    /// Our name of the call: comes back with the conversation, as in [`RegisterCall`](crate::RegisterCall).
    pub call_id: CallId,
    /// Seconds of ringing before the platform gives up.
    pub ring_timeout_s: u16,
    /// What the agent's prompt may refer to, as in [`RegisterCall`](crate::RegisterCall).
    pub dynamic_variables: Map<String, Value>,
    /// The platform's own object of settings that differ for this call, as [`AgentOverrides::to_value`] makes it.
    pub overrides: Option<Value>,
}

/// Without the variables' values: they hold names and whatever else an import brought.
impl fmt::Debug for AgentCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentCall")
            .field("line", &self.line)
            .field("agent_id", &self.agent_id)
            .field("number_id", &self.number_id)
            .field("to", &self.to)
            .field("call_id", &self.call_id)
            .field("ring_timeout_s", &self.ring_timeout_s)
            .field(
                "dynamic_variables",
                &self.dynamic_variables.keys().collect::<Vec<_>>(),
            )
            .field("has_overrides", &self.overrides.is_some())
            .finish()
    }
}

/// What differs from the agent's own settings for one call. Each must be permitted in the agent's security settings, else
/// the platform refuses the call or ignores the wish.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentOverrides {
    /// The language, for example `en` or `hi`.
    pub language: Option<String>,
    /// What the agent says first.
    pub first_message: Option<String>,
    /// What the agent is told to be and do.
    pub prompt: Option<String>,
    /// The platform's name of the voice.
    pub voice_id: Option<String>,
    /// Seconds after which the agent ends the conversation.
    pub max_duration_s: Option<u32>,
}

impl AgentOverrides {
    /// The platform's object, for [`AgentCall`] and [`RegisterCall`](crate::RegisterCall); `None` where nothing differs.
    ///
    /// Source: ElevenLabs, "Overrides".
    #[must_use]
    pub fn to_value(&self) -> Option<Value> {
        let mut agent = Map::new();
        let texts = [
            ("language", &self.language),
            ("first_message", &self.first_message),
        ];
        for (name, text) in texts {
            agent.extend(text.as_ref().map(|text| (name.to_owned(), json!(text))));
        }
        if let Some(prompt) = &self.prompt {
            agent.insert("prompt".to_owned(), json!({"prompt": prompt}));
        }
        let mut all = Map::new();
        if !agent.is_empty() {
            all.insert("agent".to_owned(), agent.into());
        }
        if let Some(voice_id) = &self.voice_id {
            all.insert("tts".to_owned(), json!({"voice_id": voice_id}));
        }
        if let Some(seconds) = self.max_duration_s {
            let longest = json!({"max_duration_seconds": seconds});
            all.insert("conversation".to_owned(), longest);
        }
        (!all.is_empty()).then_some(Value::Object(all))
    }
}

/// A call the platform took on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedByAgent {
    /// The platform's name of the conversation it is to become.
    pub conversation_id: String,
}

/// Why a platform did not call, or may not have: one variant per thing to do.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// Nobody was called, and the error says what to do about it.
    #[error("not placed")]
    NotPlaced(#[source] AgentError),
    /// The platform tried and could not, without saying whose fault it is: an attempt that failed. It counts, so that a
    /// call which never can be placed is not tried for ever.
    #[error("the voice agent platform could not place the call: {reason}")]
    Failed {
        /// The platform's sentence, numbers masked.
        reason: String,
    },
    /// The request may have reached the platform: it may be ringing. Look for the conversation, never redial on doubt.
    #[error("unknown whether it was placed")]
    Ambiguous(#[source] anyhow::Error),
}
