//! Which AI voice speaks: the contract every voice agent platform's client fulfils.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::{CallId, PhoneNumber};
use serde_json::{Map, Value};

use crate::carrier::{CampaignFault, Price};

/// A platform whose agents speak with the people a [`Carrier`](crate::Carrier) reaches.
#[async_trait]
pub trait VoiceAgents: Send + Sync {
    /// Announces an answered call and returns the answer document that connects it with the agent: XML, verbatim, to be
    /// handed to the carrier as it is.
    ///
    /// The person is already listening, so the answer comes, or fails, within the client's `register_timeout` (3 s).
    /// Harmless to repeat: a conversation begins only when the document is played.
    ///
    /// # Errors
    /// [`AgentError`]; [`AgentError::NotFound`] never.
    async fn register_call(&self, call: &RegisterCall) -> Result<String, AgentError>;

    /// What is known about a conversation, finished or not.
    ///
    /// # Errors
    /// [`AgentError`]; [`AgentError::NotFound`] where the platform does not know it.
    async fn conversation(&self, conversation_id: &str) -> Result<ConversationReport, AgentError>;

    /// The platform's name of the conversation that belongs to a call, where there is one. Of several the finished one
    /// counts more than an open one, and a later one more than an earlier one.
    ///
    /// The platform does the search; compare [`ConversationReport::call_id`] before believing it.
    ///
    /// # Errors
    /// [`AgentError`]; [`AgentError::NotFound`] never.
    async fn find_conversation(
        &self,
        query: &ConversationQuery,
    ) -> Result<Option<String>, AgentError>;

    /// The agents of the account, in the platform's order; follows the platform's pages up to a bound.
    ///
    /// # Errors
    /// [`AgentError`]; [`AgentError::NotFound`] never.
    async fn list_agents(&self) -> Result<Vec<PlatformAgent>, AgentError>;

    /// The numbers that the account was told of, in the platform's order, up to a bound.
    ///
    /// # Errors
    /// [`AgentError`]; [`AgentError::NotFound`] never.
    async fn list_numbers(&self) -> Result<Vec<PlatformNumber>, AgentError>;
}

/// An agent of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformAgent {
    /// The platform's name for it.
    pub agent_id: String,
    /// What the account's owner calls it.
    pub name: String,
}

/// A number that the platform knows; whoever carries its calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformNumber {
    /// The platform's name for it.
    pub number_id: String,
    /// The number.
    pub number: PhoneNumber,
    /// What the account's owner calls it.
    pub label: Option<String>,
    /// False where the platform says that nobody can be called with it.
    pub is_outbound: bool,
}

/// A call for which an agent is wanted.
#[derive(Clone)]
pub struct RegisterCall {
    /// The platform's name of the agent.
    pub agent_id: String,
    /// The number that was shown.
    pub from: PhoneNumber,
    /// The person called.
    pub to: PhoneNumber,
    /// Sent as `user_id` and as the dynamic variable `call_id`: both come back with the conversation.
    pub call_id: CallId,
    /// What the agent's prompt may refer to: texts, numbers, booleans or null. Names that the platform reserves
    /// (`system__…`), values of other kinds and `call_id` are left out when sending.
    pub dynamic_variables: Map<String, Value>,
    /// The platform's own object of settings that differ for this call. The agent must permit them.
    pub overrides: Option<Value>,
}

/// Without the variables' values: they hold names and whatever else an import brought.
impl fmt::Debug for RegisterCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisterCall")
            .field("agent_id", &self.agent_id)
            .field("from", &self.from)
            .field("to", &self.to)
            .field("call_id", &self.call_id)
            .field(
                "dynamic_variables",
                &self.dynamic_variables.keys().collect::<Vec<_>>(),
            )
            .field("has_overrides", &self.overrides.is_some())
            .finish()
    }
}

/// Which conversation is looked for.
#[derive(Clone, Debug)]
pub struct ConversationQuery {
    /// The call, as sent with [`RegisterCall::call_id`].
    pub call_id: CallId,
    /// The platform's name of the agent.
    pub agent_id: String,
    /// When the call was begun, by the wall clock; conversations that started more than a minute before do not count.
    pub since: DateTime<Utc>,
}

/// What a platform says about a conversation.
#[derive(Clone, PartialEq)]
pub struct ConversationReport {
    /// The platform's name of it.
    pub conversation_id: String,
    /// The call it belongs to, as far as the platform returned it.
    pub call_id: Option<CallId>,
    /// The platform's name of the agent.
    pub agent_id: String,
    /// Whether more is to come.
    pub status: ConversationStatus,
    /// What was said, in order; turns without words are left out.
    pub transcript: Vec<Turn>,
    /// A summary, once the conversation was analysed.
    pub summary: Option<String>,
    /// When it began, to the second.
    pub started_at: Option<DateTime<Utc>>,
    /// Seconds.
    pub duration_s: Option<u32>,
    /// In the platform's credits.
    pub cost_credits: Option<u64>,
    /// In money, where the platform says so.
    pub cost: Option<Price>,
    /// Whether it reached the agent's goal; `None` where that is unknown or not judged yet.
    pub successful: Option<bool>,
    /// True where a machine, not a person, listened.
    pub is_voicemail: bool,
    /// True where the person was handed on to somebody else.
    pub was_transferred: bool,
    /// The platform's word for how the telephone call went, where it carried that call too: `answered`, `voicemail`,
    /// `busy`, `no_answer`, `failed`, or one yet unknown.
    pub call_result: Option<String>,
    /// What the person asked for.
    pub wish: ConversationWish,
    /// Why it ended, in the platform's words, numbers masked.
    pub end_reason: Option<String>,
    /// What failed, in the platform's words, numbers masked.
    pub error: Option<String>,
    /// The whole of what the platform said. Holds whole phone numbers: for the database, not for logs.
    pub raw: Value,
}

/// Without what was said and without the raw report: they are personal.
impl fmt::Debug for ConversationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversationReport")
            .field("conversation_id", &self.conversation_id)
            .field("call_id", &self.call_id)
            .field("agent_id", &self.agent_id)
            .field("status", &self.status)
            .field("turns", &self.transcript.len())
            .field("started_at", &self.started_at)
            .field("duration_s", &self.duration_s)
            .field("successful", &self.successful)
            .field("is_voicemail", &self.is_voicemail)
            .field("was_transferred", &self.was_transferred)
            .field("call_result", &self.call_result)
            .field("wish", &self.wish)
            .field("end_reason", &self.end_reason)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// Whether a conversation is over and analysed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConversationStatus {
    /// Announced; nobody has joined it.
    Announced,
    /// Not yet, or in a state we do not know: ask again until the call's deadline.
    Open,
    /// Over and analysed.
    Done,
    /// It did not take place, or broke off.
    Failed,
}

/// One thing said.
#[derive(Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who said it.
    pub speaker: Speaker,
    /// The words.
    pub text: String,
    /// Seconds since the conversation began.
    pub at_s: u32,
}

/// Without the words: they are personal.
impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn")
            .field("speaker", &self.speaker)
            .field("at_s", &self.at_s)
            .finish_non_exhaustive()
    }
}

/// Who speaks in a [`Turn`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The AI voice.
    Agent,
    /// The person called.
    Person,
    /// A role the platform added since; its word.
    Other(String),
}

/// What a person asked for in a conversation, as the agent's data collection noted it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConversationWish {
    /// To be called again: said so, or named a time.
    pub callback_requested: bool,
    /// When, where the agent noted an instant.
    pub callback_at: Option<DateTime<Utc>>,
    /// When, where the agent noted a time of day without a zone: by the clock of the person called.
    pub callback_at_local: Option<NaiveDateTime>,
    /// Not to be called again.
    pub do_not_call: bool,
}

/// Why a platform did not do what it was asked: one variant per thing to do.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// A later try may work: unreachable, too slow, busy, or failing.
    #[error("no answer from the voice agent platform, a later try may work")]
    Retryable {
        /// How long the platform asked us to wait; at most an hour.
        not_before: Option<Duration>,
        /// What happened.
        #[source]
        source: anyhow::Error,
    },
    /// Every conversation the account may hold at once is taken: wait until one ends, do not hammer.
    #[error("the voice agent platform has no capacity left: {reason}")]
    NoCapacity {
        /// The platform's sentence.
        reason: String,
    },
    /// Nothing of the campaign can work until this is repaired: pause it and show the reason.
    #[error("refused by the voice agent platform ({fault}): {reason}")]
    Fault {
        /// What has to be repaired.
        fault: CampaignFault,
        /// The platform's sentence, numbers masked.
        reason: String,
    },
    /// This one request is refused for good, others may not be.
    #[error("the voice agent platform does not accept the request: {reason}")]
    Rejected {
        /// The platform's sentence, numbers masked.
        reason: String,
    },
    /// The platform does not know the conversation.
    #[error("the voice agent platform does not know it")]
    NotFound,
    /// The platform answered something we cannot read.
    #[error("unreadable answer from the voice agent platform")]
    Unreadable(#[source] anyhow::Error),
}
