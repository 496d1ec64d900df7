//! The table `calls`.

use sea_orm::entity::prelude::*;

/// One call. Written before the carrier hears of it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "calls")]
pub struct Model {
    /// Key, and our name for the call at the carrier.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub owner_id: Uuid,
    /// Which campaign; none: a single call.
    pub campaign_id: Option<Uuid>,
    /// Which contact; none: a single call.
    pub contact_id: Option<i64>,
    /// 1 for the first charged call to the contact.
    pub attempt: i32,
    /// True where the contact had asked for it.
    pub is_callback: bool,
    /// `outbound` or `inbound`.
    pub direction: String,
    /// Who carries it.
    pub carrier: String,
    /// How it reaches its agent, a word of `domain::CallRoute`; none: as configured.
    pub route: Option<String>,
    /// The carrier's name for it, once known.
    pub carrier_call_id: Option<String>,
    /// The carrier's own word.
    pub carrier_status: Option<String>,
    /// E.164.
    pub from_number: String,
    /// E.164.
    pub to_number: String,
    /// Who speaks.
    pub agent_id: Option<String>,
    /// The agent provider's name for the conversation.
    pub conversation_id: Option<String>,
    /// A word of `domain::CallStatus`.
    pub status: String,
    /// A word of `domain::progress::End`, once over.
    pub ending: Option<String>,
    /// A word of `domain::Outcome`, once over.
    pub outcome: Option<String>,
    /// A word of `domain::AnsweredBy`.
    pub answered_by: Option<String>,
    /// Who says so: `carrier` or `agent`.
    pub answered_by_source: Option<String>,
    /// Who picked up, as the carrier alone has it: a word of `domain::AnsweredBy`.
    pub carrier_answered_by: Option<String>,
    /// When somebody said that it was no machine.
    pub false_positive_at: Option<DateTimeUtc>,
    /// Who said so.
    pub false_positive_by: Option<Uuid>,
    /// Where the contact stood before that put it back for another attempt; none: it did not.
    pub false_positive_from: Option<String>,
    /// Whether the conversation reached its goal.
    pub is_successful: Option<bool>,
    /// True once handed on, whether or not anybody took it.
    pub is_transferred: bool,
    /// The name of the target it was last handed to; none: the agent's platform did it, or nobody.
    pub transfer_target: Option<String>,
    /// A word of `domain::TransferStatus`; none: never handed on.
    pub transfer_status: Option<String>,
    /// True once the person asked to be called back, in the call or by its report.
    pub callback_requested: bool,
    /// When, if they said.
    pub callback_at: Option<DateTimeUtc>,
    /// True once the person asked not to be called.
    pub do_not_call: bool,
    /// When the slot was taken.
    pub begun_at: DateTimeUtc,
    /// When the carrier had accepted it.
    pub placed_at: Option<DateTimeUtc>,
    /// When the phone rang.
    pub ringing_at: Option<DateTimeUtc>,
    /// When it was picked up.
    pub answered_at: Option<DateTimeUtc>,
    /// When it was over.
    pub ended_at: Option<DateTimeUtc>,
    /// When its slot was given back.
    pub settled_at: Option<DateTimeUtc>,
    /// When the contact's next step was decided.
    pub decided_at: Option<DateTimeUtc>,
    /// When the reconciler looks at it next; none: never again. It stands in an index, so news of a call that goes on leave it
    /// alone where they can, and put `ask_at` off instead.
    pub check_at: Option<DateTimeUtc>,
    /// Before this instant nobody is asked about it, though it is looked at; none: there is no such instant.
    pub ask_at: Option<DateTimeUtc>,
    /// How often the reconciler looked in vain.
    pub checks: i32,
    /// Seconds of talk.
    pub duration_s: Option<i32>,
    /// The carrier's price in millionths of `price_unit`.
    pub price_micros: Option<i64>,
    /// ISO 4217.
    pub price_unit: Option<String>,
    /// When the carrier is asked for the price next; none: never again, or not yet.
    pub price_check_at: Option<DateTimeUtc>,
    /// How often it was asked in vain.
    pub price_checks: i32,
    /// The agent provider's credits.
    pub credits: Option<i64>,
    /// Where the recording is.
    pub recording_url: Option<String>,
    /// How long it is, in seconds.
    pub recording_s: Option<i32>,
    /// Why no agent could speak, where none could.
    pub agent_error: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// Which worker began it.
    pub worker: Option<String>,
    /// What else is known.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub metadata: Option<Json>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
