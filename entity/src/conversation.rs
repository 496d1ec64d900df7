//! The table `conversations`.

use sea_orm::entity::prelude::*;

/// What was said in a call.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "conversations")]
pub struct Model {
    /// Which call.
    #[sea_orm(primary_key, auto_increment = false)]
    pub call_id: Uuid,
    /// Which campaign.
    pub campaign_id: Option<Uuid>,
    /// The provider's name for it.
    pub conversation_id: String,
    /// Who spoke.
    pub agent_id: Option<String>,
    /// `done` or `failed`.
    pub status: String,
    /// A list of `{speaker, text, at_s}`.
    #[sea_orm(column_type = "JsonBinary")]
    pub transcript: Json,
    /// In a few sentences.
    pub summary: Option<String>,
    /// Whether it reached its goal.
    pub is_successful: Option<bool>,
    /// True where a machine listened.
    pub is_voicemail: bool,
    /// True where the person asked to be called back.
    pub callback_requested: bool,
    /// When, if they said.
    pub callback_at: Option<DateTimeUtc>,
    /// True where the person asked not to be called.
    pub do_not_call: bool,
    /// Seconds.
    pub duration_s: Option<i32>,
    /// What the provider charges.
    pub credits: Option<i64>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// What the provider made of it.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub analysis: Option<Json>,
    /// When it began.
    pub started_at: Option<DateTimeUtc>,
    /// Who told of it: `elevenlabs`, or `deepgram` where only its recording did.
    pub source: String,
    /// Who wrote down what was said: as `source` has it.
    pub transcript_source: String,
    /// When we learned of it.
    pub created_at: DateTimeUtc,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
