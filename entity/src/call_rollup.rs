//! The table `call_rollups`.

use sea_orm::entity::prelude::*;

/// Sums of the calls begun in one quarter of an hour, UTC.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "call_rollups")]
pub struct Model {
    /// Which campaign; the nil id: calls outside any.
    #[sea_orm(primary_key, auto_increment = false)]
    pub campaign_id: Uuid,
    /// Begin of the quarter.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bucket: DateTimeUtc,
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub owner_id: Uuid,
    /// Calls placed.
    pub calls: i64,
    /// Answered and ended.
    pub completed: i64,
    /// Could not be carried.
    pub failed: i64,
    /// Busy.
    pub busy: i64,
    /// Rang out.
    pub no_answer: i64,
    /// Answered by a machine.
    pub voicemail: i64,
    /// Reached their goal.
    pub successful: i64,
    /// Calls in which a callback was asked for.
    pub callbacks: i64,
    /// Calls that led to a callback.
    pub callbacks_scheduled: i64,
    /// Handed on, whether or not anybody took it.
    pub transfers: i64,
    /// Handed on to somebody who took it.
    pub transfers_completed: i64,
    /// Seconds of talk.
    pub talk_s: i64,
    /// Calls that `wait_ms` sums over.
    pub waits: i64,
    /// Milliseconds from begun to answered.
    pub wait_ms: i64,
    /// Carrier's prices, millionths.
    pub price_micros: i64,
    /// Agent provider's credits.
    pub credits: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
