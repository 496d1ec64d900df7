//! What was said in many calls, as far as there is room for it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::conversation::{Column, Entity};
use futures::TryStreamExt;
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::Value;
use uuid::Uuid;

/// What was said in one call.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Spoken {
    /// Which call.
    pub call_id: Uuid,
    /// A list of `{speaker, text, at_s}`.
    pub transcript: Value,
    /// Who wrote it down.
    pub transcript_source: String,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
}

/// What was said in some calls.
#[derive(Clone, Debug, Default)]
pub struct Transcripts {
    /// By call.
    pub found: HashMap<Uuid, Spoken>,
    /// True where there was more than there was room for.
    pub is_cut: bool,
}

/// The transcripts of `calls`, those of the latest first, until they have `bytes_max` bytes of words together; one more at
/// most is held in memory. A talk of a few minutes has some thousand bytes.
///
/// # Errors
/// What the database says.
pub async fn within(
    db: &DatabaseConnection,
    calls: Vec<Uuid>,
    bytes_max: usize,
) -> Result<Transcripts, DbErr> {
    let mut read = Transcripts::default();
    if calls.is_empty() {
        return Ok(read);
    }
    let mut rows = Entity::find()
        .select_only()
        .columns([
            Column::CallId,
            Column::Transcript,
            Column::TranscriptSource,
            Column::StartedAt,
        ])
        .filter(Column::CallId.is_in(calls))
        // Our ids begin with the time.
        .order_by_desc(Column::CallId)
        .into_model::<Spoken>()
        .stream(db)
        .await?;
    let mut bytes = 0;
    while let Some(spoken) = rows.try_next().await? {
        bytes += words(&spoken.transcript);
        if bytes > bytes_max {
            read.is_cut = true;
            break;
        }
        read.found.insert(spoken.call_id, spoken);
    }
    Ok(read)
}

/// Bytes of the words that were said.
fn words(transcript: &Value) -> usize {
    let turns = transcript.as_array().into_iter().flatten();
    turns
        .filter_map(|turn| turn.get("text")?.as_str())
        .map(str::len)
        .sum()
}
