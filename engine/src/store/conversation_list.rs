//! Conversations as people look for them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{CallId, CampaignId};
use entity::call;
use entity::conversation::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationDef, Select,
};
use uuid::Uuid;

use super::{call_list, search};
use crate::page::Page;

/// Which conversations are looked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In which calls.
    pub calls: call_list::Filter,
    /// Whether they reached their goal.
    pub is_successful: Option<bool>,
    /// With this text in the summary.
    pub summary: Option<String>,
}

/// A conversation without its words: a list of them reads no transcript.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Gist {
    /// Which call.
    pub call_id: Uuid,
    /// The provider's name for it.
    pub conversation_id: String,
    /// Who spoke.
    pub agent_id: Option<String>,
    /// `done` or `failed`.
    pub status: String,
    /// In a few sentences.
    pub summary: Option<String>,
    /// Whether it reached its goal.
    pub is_successful: Option<bool>,
    /// True where a machine listened.
    pub is_voicemail: bool,
    /// True where the person asked to be called back.
    pub callback_requested: bool,
    /// When, if they said.
    pub callback_at: Option<DateTime<Utc>>,
    /// True where the person asked not to be called.
    pub do_not_call: bool,
    /// Seconds.
    pub duration_s: Option<i32>,
    /// What the provider charges.
    pub credits: Option<i64>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// Who wrote down what was said.
    pub transcript_source: String,
    /// When we learned of it.
    pub created_at: DateTime<Utc>,
}

impl From<Model> for Gist {
    fn from(row: Model) -> Self {
        Self {
            call_id: row.call_id,
            conversation_id: row.conversation_id,
            agent_id: row.agent_id,
            status: row.status,
            summary: row.summary,
            is_successful: row.is_successful,
            is_voicemail: row.is_voicemail,
            callback_requested: row.callback_requested,
            callback_at: row.callback_at,
            do_not_call: row.do_not_call,
            duration_s: row.duration_s,
            credits: row.credits,
            end_reason: row.end_reason,
            started_at: row.started_at,
            transcript_source: row.transcript_source,
            created_at: row.created_at,
        }
    }
}

/// One page of conversations, that of the call begun last first, and how many there are. The order is that of
/// [`call_list::list`], and served by the same index.
///
/// # Errors
/// What the database says.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    page: Page,
) -> Result<(Vec<(call::Model, Gist)>, u64), DbErr> {
    let mut said =
        Condition::all().add_option(filter.is_successful.map(|is| Column::IsSuccessful.eq(is)));
    if let Some(text) = &filter.summary {
        let column = [Expr::col((Entity, Column::Summary))];
        said = said.add(search::contains(db.get_database_backend(), column, text));
    }
    let matching = held(call::Entity::find())
        .filter(call_list::matching(&filter.calls))
        .filter(said);
    // Told twice, so that the count reads the conversations of this campaign only. The page must not be told: it would be
    // found by them and sorted, instead of being read off the calls' index.
    let campaign = filter.calls.campaign.map(CampaignId::into_uuid);
    let counted = Condition::all().add_option(campaign.map(|id| Column::CampaignId.eq(id)));
    let total = matching.clone().filter(counted).count(db).await?;
    let calls = matching
        .order_by_desc(call::Column::BegunAt)
        .order_by_desc(call::Column::Id)
        .offset(page.offset())
        .limit(u64::from(page.size))
        .all(db)
        .await?;
    let mut gists = gists(db, &calls).await?;
    let rows = calls
        .into_iter()
        .filter_map(|call| gists.remove(&call.id).map(|gist| (call, gist)))
        .collect();
    Ok((rows, total))
}

/// The conversation that was held in `call` of `campaign`.
///
/// # Errors
/// What the database says.
pub async fn find(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    call: CallId,
) -> Result<Option<(call::Model, Model)>, DbErr> {
    let wanted = call::Column::Id.eq(call.into_uuid());
    one(db, campaign, Condition::all().add(wanted)).await
}

/// The campaign's conversation that the agent's provider calls `name`; the newest, if it gave the name twice.
///
/// # Errors
/// What the database says.
pub async fn find_by_name(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    name: &str,
) -> Result<Option<(call::Model, Model)>, DbErr> {
    let wanted = call::Column::ConversationId.eq(name);
    one(db, campaign, Condition::all().add(wanted)).await
}

async fn one(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    wanted: Condition,
) -> Result<Option<(call::Model, Model)>, DbErr> {
    let found = held(call::Entity::find())
        .filter(wanted)
        .filter(call::Column::CampaignId.eq(campaign.into_uuid()))
        .order_by_desc(call::Column::BegunAt)
        .order_by_desc(call::Column::Id)
        .select_also(Entity)
        .one(db)
        .await?;
    Ok(found.and_then(|(call, said)| Some((call, said?))))
}

/// Those calls in which something was said.
fn held(calls: Select<call::Entity>) -> Select<call::Entity> {
    let conversation: RelationDef = call::Entity::belongs_to(Entity)
        .from(call::Column::Id)
        .to(Column::CallId)
        .into();
    calls.join(JoinType::InnerJoin, conversation)
}

async fn gists(
    db: &impl ConnectionTrait,
    calls: &[call::Model],
) -> Result<HashMap<Uuid, Gist>, DbErr> {
    if calls.is_empty() {
        return Ok(HashMap::new());
    }
    let gists: Vec<Gist> = Entity::find()
        .select_only()
        .columns([
            Column::CallId,
            Column::ConversationId,
            Column::AgentId,
            Column::Status,
            Column::Summary,
            Column::IsSuccessful,
            Column::IsVoicemail,
            Column::CallbackRequested,
            Column::CallbackAt,
            Column::DoNotCall,
            Column::DurationS,
            Column::Credits,
            Column::EndReason,
            Column::StartedAt,
            Column::TranscriptSource,
            Column::CreatedAt,
        ])
        .filter(Column::CallId.is_in(calls.iter().map(|call| call.id)))
        .into_model()
        .all(db)
        .await?;
    Ok(gists.into_iter().map(|gist| (gist.call_id, gist)).collect())
}
