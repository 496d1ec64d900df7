//! What was said in calls.

use std::collections::HashMap;

use carriers::{ConversationReport, ConversationStatus, Speaker};
use chrono::{DateTime, Utc};
use domain::CallId;
use entity::conversation::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter,
};
use serde_json::json as value;
use uuid::Uuid;

use super::foreign::{
    ERROR_CHARS_MAX, NAME_CHARS_MAX, SPEECH_CHARS_MAX, STATUS_CHARS_MAX, json, text,
};

/// The conversations of those of `calls` that have one.
///
/// # Errors
/// What the database says.
pub async fn find_all(
    db: &impl ConnectionTrait,
    calls: impl IntoIterator<Item = CallId>,
) -> Result<HashMap<CallId, Model>, DbErr> {
    let ids: Vec<Uuid> = calls.into_iter().map(CallId::into_uuid).collect();
    let rows = Entity::find()
        .filter(Column::CallId.is_in(ids))
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (CallId::from_uuid(row.call_id), row))
        .collect())
}

/// Adds conversations.
///
/// # Errors
/// What the database says.
pub async fn insert_all(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows: Vec<ActiveModel> = rows
        .into_iter()
        .map(|row| row.into_active_model().reset_all())
        .collect();
    Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// The row of what `said` tells about `call`.
#[must_use]
pub fn row(
    call: CallId,
    campaign_id: Option<Uuid>,
    said: ConversationReport,
    now: DateTime<Utc>,
) -> Model {
    let transcript = said
        .transcript
        .iter()
        .map(|turn| value!({ "speaker": text(speaker(&turn.speaker), STATUS_CHARS_MAX), "text": text(&turn.text, SPEECH_CHARS_MAX), "at_s": turn.at_s }))
        .collect();
    Model {
        call_id: call.into_uuid(),
        campaign_id,
        conversation_id: text(&said.conversation_id, NAME_CHARS_MAX),
        agent_id: Some(text(&said.agent_id, NAME_CHARS_MAX)),
        status: status(said.status).to_owned(),
        transcript: serde_json::Value::Array(transcript),
        summary: said.summary.map(|summary| text(&summary, SPEECH_CHARS_MAX)),
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
        end_reason: said.end_reason.map(|reason| text(&reason, ERROR_CHARS_MAX)),
        analysis: said.raw.get("analysis").cloned().map(json),
        started_at: said.started_at,
        created_at: now,
    }
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
