//! How a call looks in the log.

use chrono::{DateTime, TimeDelta, Utc};
use engine::calls::LoggedCall;
use engine::conversations::Turn;
use entity::call::Model;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::campaigns::call_view::{AnsweredBy, CallOutcome, CallStatus, Direction, decimal};
use crate::http::campaigns::conversation_view::TranscriptSource;

/// The carrier whose name of a call has a field of its own.
const EXOTEL: &str = "exotel";

/// A call. What has two names has the same value under both.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallLogView {
    #[serde(rename = "_id")]
    id: Uuid,
    /// The carrier's name for it; our id until that is known. `GET /api/v1/calls/{callSid}` knows both
    #[schema(example = "b3877c40-da60-4998-90ad-b792e98472ca")]
    call_sid: String,
    /// The agent provider's name for the conversation; our id until that is known
    #[schema(example = "conv_01k4f2")]
    session_id: String,
    /// `callSid` where Exotel carries the call, else `null`
    exotel_call_sid: Option<String>,
    /// Who calls; `null` where they do not show
    #[schema(example = "+12025550100")]
    from_phone: Option<String>,
    /// Who is called
    #[schema(example = "+18005551234")]
    to_phone: String,
    #[schema(value_type = CallStatus, example = "completed")]
    status: String,
    /// What came of it; `null` until it is over
    #[schema(value_type = Option<CallOutcome>, example = "answered")]
    outcome: Option<String>,
    #[schema(value_type = Option<AnsweredBy>, example = "human")]
    answered_by: Option<String>,
    /// Seconds of talk
    #[schema(example = 42)]
    duration: Option<i32>,
    /// Seconds of talk
    #[schema(example = 42)]
    duration_sec: Option<i32>,
    /// What the carrier charges, in `currency`: a decimal number as text, to the millionth; `null` until it is known
    #[schema(example = "0.013500")]
    cost: Option<String>,
    /// ISO 4217
    #[schema(example = "USD")]
    currency: Option<String>,
    created_at: DateTime<Utc>,
    /// When it was begun
    started_at: DateTime<Utc>,
    /// When it was begun
    start_time: DateTime<Utc>,
    /// When it was picked up
    answered_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    #[schema(value_type = Direction, example = "outbound")]
    direction: String,
    /// `null`: a call outside campaigns
    campaign_id: Option<Uuid>,
    #[schema(example = "Summer Sale Campaign")]
    campaign_name: Option<String>,
    #[schema(example = "agent-456")]
    agent_id: Option<String>,
    /// `null` where the agent was never listed
    #[schema(example = "Ada")]
    agent_name: Option<String>,
    contact_id: Option<i64>,
    #[schema(example = "John Doe")]
    contact_name: Option<String>,
    /// Where the carrier keeps the recording: it asks for the account's credentials; `null`: none was asked for, or it is
    /// not there yet
    recording_url: Option<String>,
    /// How long the recording is, in seconds
    #[schema(example = 142)]
    recording_duration: Option<i32>,
    /// Turn by turn; `null` where it is left out, as all transcripts of a list together are too long
    transcript: Option<Vec<TurnV1>>,
    /// Who wrote down what was said; `null` where nobody did
    #[schema(value_type = Option<TranscriptSource>, example = "elevenlabs")]
    transcript_source: Option<String>,
    /// What the agent's provider charges
    #[schema(example = 420)]
    credits_consumed: Option<i64>,
    /// `carrier`, the carrier's own word for the status (`carrierStatus`), `error` and `agentError`, which attempt it was,
    /// and what the agent was told (`customParameters`)
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
}

/// One turn of a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TurnV1 {
    /// `agent`, `user` (the person), or the provider's own word, such as `speaker 0`
    #[schema(example = "agent")]
    speaker: String,
    /// As `speaker`
    #[schema(example = "agent")]
    role: String,
    #[schema(example = "Hello, this is Ada.")]
    text: String,
    /// As `text`
    #[schema(example = "Hello, this is Ada.")]
    content: String,
    /// When that was; `null` where nobody knows when the conversation began
    timestamp: Option<DateTime<Utc>>,
    /// Seconds from the begin of the conversation
    #[schema(example = 4)]
    at: u32,
}

impl From<LoggedCall> for CallLogView {
    fn from(call: LoggedCall) -> Self {
        let began_at = call.talk_began_at;
        let transcript = call.transcript.map(|turns| {
            let turns = turns.into_iter();
            turns.map(|turn| TurnV1::new(turn, began_at)).collect()
        });
        let metadata = metadata(&call.row);
        let (call_sid, session_id) = names(&call.row);
        let row = call.row;
        let exotel_call_sid = row.carrier_call_id.filter(|_| row.carrier == EXOTEL);
        Self {
            id: row.id,
            call_sid,
            session_id,
            exotel_call_sid,
            from_phone: Some(row.from_number).filter(|number| !number.is_empty()),
            to_phone: row.to_number,
            status: row.status,
            outcome: row.outcome,
            answered_by: row.answered_by,
            duration: row.duration_s,
            duration_sec: row.duration_s,
            cost: row.price_micros.map(decimal),
            currency: row.price_unit,
            created_at: row.created_at,
            started_at: row.begun_at,
            start_time: row.begun_at,
            answered_at: row.answered_at,
            ended_at: row.ended_at,
            direction: row.direction,
            campaign_id: row.campaign_id,
            campaign_name: call.campaign_name,
            agent_id: row.agent_id,
            agent_name: call.agent_name,
            contact_id: row.contact_id,
            contact_name: call.contact_name,
            recording_url: row.recording_url,
            recording_duration: row.recording_s,
            transcript,
            transcript_source: call.transcript_source,
            credits_consumed: row.credits,
            metadata,
        }
    }
}

impl TurnV1 {
    pub(super) fn new(turn: Turn, began_at: Option<DateTime<Utc>>) -> Self {
        let since = TimeDelta::seconds(i64::from(turn.at_s));
        Self {
            role: turn.speaker.clone(),
            speaker: turn.speaker,
            content: turn.text.clone(),
            text: turn.text,
            timestamp: began_at.and_then(|start| start.checked_add_signed(since)),
            at: turn.at_s,
        }
    }
}

/// What the carrier and the agent's provider call the call; our id as long as they have not said.
pub(super) fn names(row: &Model) -> (String, String) {
    let ours = || row.id.to_string();
    (
        row.carrier_call_id.clone().unwrap_or_else(ours),
        row.conversation_id.clone().unwrap_or_else(ours),
    )
}

fn metadata(row: &Model) -> Map<String, Value> {
    let mut known = match &row.metadata {
        Some(Value::Object(kept)) => kept.clone(),
        _ => Map::new(),
    };
    let texts = [
        ("carrier", Some(&row.carrier)),
        ("carrierStatus", row.carrier_status.as_ref()),
        ("error", row.error.as_ref()),
        ("agentError", row.agent_error.as_ref()),
    ];
    for (key, text) in texts {
        known.insert(key.to_owned(), text.map(String::as_str).into());
    }
    known.insert("attempt".to_owned(), row.attempt.into());
    known.insert("isCallback".to_owned(), row.is_callback.into());
    known
}
