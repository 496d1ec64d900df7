//! The table `campaigns`.

use sea_orm::entity::prelude::*;

/// A campaign. Never deleted: its calls are history; `deleted_at` hides it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "campaigns")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub owner_id: Uuid,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// A word of `domain::lifecycle::Status`.
    pub status: String,
    /// Why it stands where it stands.
    pub status_reason: Option<String>,
    /// No call begins before.
    pub start_date: Option<DateTimeUtc>,
    /// No call begins at or after.
    pub end_date: Option<DateTimeUtc>,
    /// IANA name; the zone of contacts that have none.
    pub timezone: String,
    /// `HH:MM`.
    pub daily_start_time: Option<String>,
    /// `HH:MM`.
    pub daily_end_time: Option<String>,
    /// The carrier's id of the caller number.
    pub phone_number_id: Option<String>,
    /// The caller number, E.164.
    pub phone_number: Option<String>,
    /// The agent that speaks.
    pub voice_agent_id: Option<String>,
    /// As sent.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub agent_config: Option<Json>,
    /// Slots; at least 1.
    pub max_concurrent_calls: i32,
    /// 1 to 50.
    pub call_attempts_per_contact: i32,
    /// 0 to 10,080.
    pub retry_delay_minutes: i32,
    /// `immediate` or `scheduled`.
    pub schedule_type: String,
    /// `daysOfWeek`, `excludeDates`, `useContactTimezone`; as sent.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub schedule_config: Option<Json>,
    /// `enabled`, `maxAttempts`, `delayMinutes`; as sent.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub callback_config: Option<Json>,
    /// As sent.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub transfer_config: Option<Json>,
    /// A list of strings.
    #[sea_orm(column_type = "JsonBinary")]
    pub tags: Json,
    /// As sent.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub metadata: Option<Json>,
    /// ISO 3166 alpha-2: whose national numbers contacts may be written in.
    pub region: Option<String>,
    /// When it was first started.
    pub started_at: Option<DateTimeUtc>,
    /// When it was last paused.
    pub paused_at: Option<DateTimeUtc>,
    /// When it was last resumed.
    pub resumed_at: Option<DateTimeUtc>,
    /// When it became final.
    pub ended_at: Option<DateTimeUtc>,
    /// Since when nobody sees it.
    pub deleted_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When a user or the system last changed it.
    pub updated_at: DateTimeUtc,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
