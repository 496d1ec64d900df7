//! How a conversation looks.

use chrono::{DateTime, TimeDelta, Utc};
use engine::conversations::{ConversationDetail, ConversationGist, Gist, Turn};
use entity::call;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::CallOutcome;

/// Whether a conversation took place.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum ConversationStatus {
    /// It did.
    Done,
    /// It broke off, or never began.
    Failed,
}

/// Who wrote down what was said.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum TranscriptSource {
    /// The agents' platform, which tells who spoke.
    Elevenlabs,
    /// Whoever listened to the recording, as the agents' platform told no word: speakers are numbered, not named.
    Deepgram,
}

/// A conversation: what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationView {
    /// The agent provider's name for it
    #[schema(example = "conv_01k4f2")]
    id: String,
    call_id: Uuid,
    campaign_id: Option<Uuid>,
    /// `null` where the contact was taken off the campaign
    contact_id: Option<i64>,
    #[schema(example = "John Doe")]
    contact_name: Option<String>,
    /// Who was called
    #[schema(example = "+18005551234")]
    phone_number: String,
    #[schema(example = "agent-456")]
    agent_id: Option<String>,
    #[schema(value_type = ConversationStatus, example = "done")]
    status: String,
    /// In a few sentences
    #[schema(example = "The person wants to be called back tomorrow.")]
    summary: Option<String>,
    /// What came of the call
    #[schema(value_type = Option<CallOutcome>, example = "answered")]
    outcome: Option<String>,
    /// Whether it reached its goal; `null` where nobody judged
    successful: Option<bool>,
    /// A machine listened
    is_voicemail: bool,
    /// The person asked to be called back
    callback_requested: bool,
    /// When, if they said
    callback_at: Option<DateTime<Utc>>,
    /// The person asked not to be called again
    do_not_call: bool,
    /// Seconds
    duration: Option<i32>,
    /// What the agent's provider charges
    credits: Option<i64>,
    /// Why it ended
    #[schema(example = "Client disconnected")]
    end_reason: Option<String>,
    /// When it began
    started_at: Option<DateTime<Utc>>,
    /// Who wrote down what was said
    #[schema(value_type = TranscriptSource, example = "elevenlabs")]
    transcript_source: String,
    /// When its call was begun
    call_started_at: DateTime<Utc>,
    /// When it was learned of
    created_at: DateTime<Utc>,
}

/// A conversation, word for word.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationDetailView {
    #[serde(flatten)]
    gist: ConversationView,
    /// Turn by turn, in the order in which they were spoken
    transcript: Vec<TurnView>,
    /// What the provider made of it, as it was sent
    #[schema(value_type = Option<Object>)]
    analysis: Option<Value>,
}

/// One turn of a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TurnView {
    /// `agent`, `user` (the person), or the provider's own word, such as `speaker 0`
    #[schema(example = "agent")]
    speaker: String,
    #[schema(example = "Hello, this is Ada.")]
    text: String,
    /// Seconds from the begin of the conversation
    #[schema(example = 4)]
    at: u32,
    /// When that was; `null` where nobody knows when the conversation began
    spoken_at: Option<DateTime<Utc>>,
}

impl From<ConversationGist> for ConversationView {
    fn from(gist: ConversationGist) -> Self {
        Self::new(gist.call, gist.contact_name, gist.said)
    }
}

impl ConversationView {
    fn new(call: call::Model, contact_name: Option<String>, said: Gist) -> Self {
        Self {
            id: said.conversation_id,
            call_id: said.call_id,
            campaign_id: call.campaign_id,
            contact_id: call.contact_id,
            contact_name,
            phone_number: call.to_number,
            agent_id: said.agent_id,
            status: said.status,
            summary: said.summary,
            outcome: call.outcome,
            successful: said.is_successful,
            is_voicemail: said.is_voicemail,
            // What was asked for while the call went on counts like what its report tells.
            callback_requested: said.callback_requested || call.callback_requested,
            callback_at: said.callback_at.or(call.callback_at),
            do_not_call: said.do_not_call || call.do_not_call,
            duration: said.duration_s,
            credits: said.credits,
            end_reason: said.end_reason,
            started_at: said.started_at,
            transcript_source: said.transcript_source,
            call_started_at: call.begun_at,
            created_at: said.created_at,
        }
    }
}

impl From<ConversationDetail> for ConversationDetailView {
    fn from(detail: ConversationDetail) -> Self {
        let started_at = detail.said.started_at;
        let turns = detail.transcript.into_iter();
        Self {
            transcript: turns.map(|turn| TurnView::new(turn, started_at)).collect(),
            analysis: detail.analysis,
            gist: ConversationView::new(detail.call, detail.contact_name, detail.said),
        }
    }
}

impl TurnView {
    fn new(turn: Turn, started_at: Option<DateTime<Utc>>) -> Self {
        let since = TimeDelta::seconds(i64::from(turn.at_s));
        Self {
            speaker: turn.speaker,
            text: turn.text,
            at: turn.at_s,
            spoken_at: started_at.and_then(|start| start.checked_add_signed(since)),
        }
    }
}
