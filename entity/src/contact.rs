//! The table `contacts`.

use sea_orm::entity::prelude::*;

/// One person in one campaign.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contacts")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Which campaign.
    pub campaign_id: Uuid,
    /// E.164; unique in the campaign.
    pub phone_number: String,
    /// Full name.
    pub name: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// IANA name; empty: the campaign's.
    pub timezone: String,
    /// As sent; reaches the agent.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub metadata: Option<Json>,
    /// A word of `domain::ContactStatus`.
    pub status: String,
    /// 0: a callback somebody asked for; 1: everything else.
    pub priority: i16,
    /// Charged calls, callbacks included.
    pub attempts: i32,
    /// Charged calls that were callbacks.
    pub callback_attempts: i32,
    /// True once the contact asked for a callback.
    pub callback_requested: bool,
    /// How often the contact was queued; a job is good for one ticket.
    pub ticket: i32,
    /// When it was last queued.
    pub queued_at: Option<DateTimeUtc>,
    /// When it is due; none: waits for a verdict, or is final.
    pub next_attempt_at: Option<DateTimeUtc>,
    /// When its last call began.
    pub last_attempt_at: Option<DateTimeUtc>,
    /// A word of `domain::Outcome`.
    pub last_outcome: Option<String>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
