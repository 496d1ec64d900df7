//! What was said in calls.

use std::collections::HashMap;
use std::sync::LazyLock;

use carriers::{ConversationReport, ConversationStatus, Speaker, Transcription, Turn};
use chrono::{DateTime, Utc};
use domain::CallId;
use entity::call;
use entity::conversation::{Column, Entity, Model};
use sea_orm::{ConnectionTrait, DbErr, IdenStatic, IntoActiveModel, Value};
use serde_json::json as value;
use uuid::Uuid;

use super::batch_insert::{BatchInsert, values_of};
use super::foreign::{
    ERROR_CHARS_MAX, NAME_CHARS_MAX, SPEECH_CHARS_MAX, STATUS_CHARS_MAX, json, text,
};
use super::rows_by_key::RowsByKey;

/// The agents' platform, as who tells of conversations.
pub const PLATFORM: &str = "elevenlabs";
/// The transcription service, as who wrote down what a recording says.
pub const TRANSCRIBER: &str = "deepgram";

static FOUND: RowsByKey<Entity> = RowsByKey::new(Column::CallId);

/// The conversations of those of `calls` that have one.
///
/// # Errors
/// What the database says.
pub async fn find_all(
    db: &impl ConnectionTrait,
    calls: impl IntoIterator<Item = CallId>,
) -> Result<HashMap<CallId, Model>, DbErr> {
    let ids: Vec<Uuid> = calls.into_iter().map(CallId::into_uuid).collect();
    let rows = FOUND.all(db, ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| (CallId::from_uuid(row.call_id), row))
        .collect())
}

static SAVED: LazyLock<BatchInsert> = LazyLock::new(|| {
    BatchInsert::upsert::<Entity>(|column| format!("excluded.{}", column.as_str()))
});

/// Writes conversations, in the place of those that were there.
///
/// # Errors
/// What the database says.
pub async fn save_all(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows: Result<Vec<Vec<Value>>, DbErr> = rows
        .into_iter()
        .map(|row| values_of(row.into_active_model()))
        .collect();
    let insert = SAVED.statement(db.get_database_backend(), rows?)?;
    db.execute_raw(insert).await?;
    Ok(())
}

/// The row of what `said` tells about `call`.
#[must_use]
pub fn row(
    call: CallId,
    campaign_id: Option<Uuid>,
    said: &ConversationReport,
    now: DateTime<Utc>,
) -> Model {
    Model {
        call_id: call.into_uuid(),
        campaign_id,
        conversation_id: text(&said.conversation_id, NAME_CHARS_MAX),
        agent_id: Some(text(&said.agent_id, NAME_CHARS_MAX)),
        status: status(said.status).to_owned(),
        transcript: transcript(&said.transcript),
        summary: said
            .summary
            .as_ref()
            .map(|summary| text(summary, SPEECH_CHARS_MAX)),
        is_successful: said.successful,
        is_voicemail: said.is_voicemail,
        callback_requested: said.wish.callback_requested,
        callback_at: said.wish.callback_at,
        do_not_call: said.wish.do_not_call,
        duration_s: said
            .duration_s
            .and_then(|seconds| i32::try_from(seconds).ok()),
        credits: said
            .cost_credits
            .and_then(|credits| i64::try_from(credits).ok()),
        end_reason: said
            .end_reason
            .as_ref()
            .map(|reason| text(reason, ERROR_CHARS_MAX)),
        analysis: said.raw.get("analysis").map(json),
        started_at: said.started_at,
        source: PLATFORM.to_owned(),
        transcript_source: PLATFORM.to_owned(),
        created_at: now,
    }
}

/// The row of a conversation of which only the recording of `call` tells. It goes by the name that the agents' platform
/// gave it, if it did, else by our id of the call.
#[must_use]
pub fn heard_row(call: &call::Model, heard: &Transcription, now: DateTime<Utc>) -> Model {
    let name = call.conversation_id.clone();
    Model {
        call_id: call.id,
        campaign_id: call.campaign_id,
        conversation_id: name.unwrap_or_else(|| call.id.to_string()),
        agent_id: call.agent_id.clone(),
        status: status(ConversationStatus::Done).to_owned(),
        transcript: transcript(&heard.turns),
        summary: None,
        is_successful: None,
        is_voicemail: false,
        callback_requested: false,
        callback_at: None,
        do_not_call: false,
        duration_s: heard
            .duration_s
            .and_then(|seconds| i32::try_from(seconds).ok()),
        credits: None,
        end_reason: None,
        analysis: None,
        // Recordings begin when the call is picked up.
        started_at: call.answered_at,
        source: TRANSCRIBER.to_owned(),
        transcript_source: TRANSCRIBER.to_owned(),
        created_at: now,
    }
}

/// What was said, as it is kept.
#[must_use]
pub fn transcript(turns: &[Turn]) -> serde_json::Value {
    turns
        .iter()
        .map(|turn| value!({ "speaker": text(speaker(&turn.speaker), STATUS_CHARS_MAX), "text": text(&turn.text, SPEECH_CHARS_MAX), "at_s": turn.at_s }))
        .collect()
}

/// True where the row says what was said.
#[must_use]
pub fn has_words(row: &Model) -> bool {
    row.transcript
        .as_array()
        .is_some_and(|turns| !turns.is_empty())
}

fn speaker(speaker: &Speaker) -> &str {
    match speaker {
        Speaker::Agent => "agent",
        Speaker::Person => "user",
        Speaker::Other(word) => word,
    }
}

const fn status(status: ConversationStatus) -> &'static str {
    match status {
        ConversationStatus::Announced => "announced",
        ConversationStatus::Open => "open",
        ConversationStatus::Done => "done",
        ConversationStatus::Failed => "failed",
    }
}
