//! Who or what picked up one call.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use engine::calls::analysis::CorrectedBy;
use engine::calls::{CallKey, VoicemailAnalysis};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::campaigns::call_view::{AnsweredBy, CallOutcome, CallStatus};
use crate::http::campaigns::conversation_view::TranscriptSource;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Id;
use crate::http::v1::calls::view::{TurnV1, names};

/// Who or what picked up a call.
#[derive(Debug, Serialize, ToSchema)]
pub struct VoicemailAnalysisEnvelope {
    success: bool,
    data: VoicemailAnalysisView,
}

/// Who or what picked up a call, who says so, and how sure that is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VoicemailAnalysisView {
    #[serde(rename = "_id")]
    id: Uuid,
    /// As `_id`
    call_log_id: Uuid,
    #[schema(example = "b3877c40-da60-4998-90ad-b792e98472ca")]
    call_sid: String,
    #[schema(example = "conv_01k4f2")]
    session_id: String,
    #[schema(example = "+18005551234")]
    to_phone: String,
    #[schema(value_type = CallStatus, example = "completed")]
    status: String,
    #[schema(value_type = Option<CallOutcome>, example = "voicemail")]
    outcome: Option<String>,
    /// A machine picked up, as far as anybody knows
    is_voicemail: bool,
    /// What everybody's findings come to; `null` where nobody picked up, or nobody looked
    #[schema(value_type = Option<AnsweredBy>, example = "machine")]
    result: Option<&'static str>,
    /// How sure `result` is, 0 to 1, by who found it and whether they agree: fixed weights of the dialer's own, as no
    /// provider tells. `null` where nobody looked
    #[schema(minimum = 0, maximum = 1, example = 0.95)]
    confidence: Option<f64>,
    /// Who looked
    based_on: Vec<Source>,
    detections: Detections,
    /// What a person said afterwards; `null` where nobody did
    #[serde(rename = "override")]
    correction: Option<OverrideView>,
    /// Turn by turn
    transcript: Vec<TurnV1>,
    /// Who wrote down what was said; `null` where nobody did
    #[schema(value_type = Option<TranscriptSource>, example = "elevenlabs")]
    transcript_source: Option<String>,
    /// In a few sentences
    summary: Option<String>,
    /// What the agent's provider made of it, as it was sent
    #[schema(value_type = Option<Object>)]
    analysis: Option<Value>,
    recording_url: Option<String>,
    /// Seconds of talk
    duration: Option<i32>,
    started_at: DateTime<Utc>,
}

/// Somebody who looked.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The carrier's detection, from the first seconds of sound.
    Carrier,
    /// The voice agent, from the talk.
    Agent,
    /// A person who listened.
    User,
}

/// What everybody found by themselves.
#[derive(Debug, Serialize, ToSchema)]
pub struct Detections {
    /// The carrier; `null` where it did not look
    #[schema(value_type = Option<AnsweredBy>, example = "machine")]
    carrier: Option<&'static str>,
    /// The agent; `null` where there was no conversation
    #[schema(value_type = Option<AnsweredBy>, example = "machine")]
    agent: Option<&'static str>,
}

/// That somebody knew better.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverrideView {
    /// Always true: a mark that is taken back is gone
    is_false_positive: bool,
    marked_by: MarkedBy,
    marked_at: DateTime<Utc>,
}

/// Who marked it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MarkedBy {
    #[serde(rename = "_id")]
    id: Option<Uuid>,
    name: Option<String>,
}

impl From<CorrectedBy> for OverrideView {
    fn from(found: CorrectedBy) -> Self {
        Self {
            is_false_positive: true,
            marked_by: MarkedBy {
                id: found.user.map(domain::UserId::into_uuid),
                name: found.name,
            },
            marked_at: found.at,
        }
    }
}

impl From<VoicemailAnalysis> for VoicemailAnalysisEnvelope {
    fn from(found: VoicemailAnalysis) -> Self {
        let based_on = sources(&found);
        let detail = found.detail;
        let (call, said) = (detail.call, detail.said);
        let (call_sid, session_id) = names(&call.row);
        let began_at = call.talk_began_at;
        let turns = call.transcript.unwrap_or_default().into_iter();
        let row = call.row;
        let agent = found.agent_heard_machine.map(|heard| {
            if heard {
                domain::AnsweredBy::Machine
            } else {
                domain::AnsweredBy::Human
            }
        });
        let data = VoicemailAnalysisView {
            id: row.id,
            call_log_id: row.id,
            call_sid,
            session_id,
            to_phone: row.to_number,
            status: row.status,
            outcome: row.outcome,
            is_voicemail: found
                .answered_by
                .is_some_and(domain::AnsweredBy::is_machine),
            result: found.answered_by.map(domain::AnsweredBy::as_str),
            confidence: found.confidence_percent.map(|sure| f64::from(sure) / 100.0),
            based_on,
            detections: Detections {
                carrier: found.carrier.map(domain::AnsweredBy::as_str),
                agent: agent.map(domain::AnsweredBy::as_str),
            },
            correction: found.correction.map(OverrideView::from),
            transcript: turns.map(|turn| TurnV1::new(turn, began_at)).collect(),
            transcript_source: call.transcript_source,
            summary: said.as_ref().and_then(|said| said.summary.clone()),
            analysis: said.and_then(|said| said.analysis),
            recording_url: row.recording_url,
            duration: row.duration_s,
            started_at: row.begun_at,
        };
        Self {
            success: true,
            data,
        }
    }
}

fn sources(found: &VoicemailAnalysis) -> Vec<Source> {
    let sources = [
        (found.carrier.is_some(), Source::Carrier),
        (found.agent_heard_machine.is_some(), Source::Agent),
        (found.correction.is_some(), Source::User),
    ];
    let looked = sources.into_iter().filter(|(has_looked, _)| *has_looked);
    looked.map(|(_, source)| source).collect()
}

/// Who or what picked up a call, who says so, how sure that is, and what was said.
#[utoipa::path(get, path = "/api/v1/calls/{callLogId}/voicemail-analysis", tag = "calls v1",
    params(("callLogId" = String, Path, description = "As for one call", max_length = 255)),
    responses((status = 200, body = VoicemailAnalysisEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(key): Id<CallKey>,
) -> Result<Json<VoicemailAnalysisEnvelope>, ApiError> {
    let found = app.engine.calls.voicemail_analysis(&actor, &key).await?;
    Ok(Json(found.into()))
}
