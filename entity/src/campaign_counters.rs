//! The table `campaign_counters`.

use sea_orm::entity::prelude::*;

/// What a campaign comes to. Changed only in the transaction that changes what is counted, under a lock on this row.
#[derive(Clone, Debug, Default, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_counters")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub campaign_id: Uuid,
    /// The earliest instant at which a top-up may find something to do; none: not before something changes.
    pub wake_at: Option<DateTimeUtc>,
    /// Contacts.
    pub total: i32,
    /// Contacts never called.
    pub pending: i32,
    /// Contacts whose job waits in the queue.
    pub queued: i32,
    /// Contacts in a call.
    pub calling: i32,
    /// Contacts with more to come.
    pub contacted: i32,
    /// Contacts reached.
    pub completed: i32,
    /// Contacts given up.
    pub failed: i32,
    /// Contacts not to be called.
    pub do_not_call: i32,
    /// Contacts taken out, or that the campaign ended before.
    pub canceled: i32,
    /// Contacts with at least one charged call.
    pub reached: i32,
    /// Contacts that asked for a callback.
    pub callbacks: i32,
    /// Calls that hold a slot.
    pub live: i32,
    /// Calls the carrier accepted.
    pub calls_placed: i32,
    /// Calls answered and ended.
    pub calls_completed: i32,
    /// Calls that could not be carried.
    pub calls_failed: i32,
    /// Calls to a busy line.
    pub calls_busy: i32,
    /// Calls that rang out.
    pub calls_no_answer: i32,
    /// Answered calls that reached a machine.
    pub calls_voicemail: i32,
    /// Conversations that reached their goal.
    pub calls_successful: i32,
    /// Calls handed on.
    pub transfers: i32,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
