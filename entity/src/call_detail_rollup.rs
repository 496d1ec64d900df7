//! The table `call_detail_rollups`.

use sea_orm::entity::prelude::*;

/// Sums of the calls begun in one quarter of an hour, and once more in one day, UTC, that are alike: same attempt, agent,
/// number, carrier.
///
/// The quarters added up over all that is alike are those of `call_rollups`, and the days are the quarters added up. The columns `wait_0` to `wait_11` and `talk_0` to
/// `talk_11` count the calls that `waits` and `completed` count, by how long it took until the answer and how long was
/// talked.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "call_detail_rollups")]
pub struct Model {
    /// Which campaign; the nil id: calls outside any.
    #[sea_orm(primary_key, auto_increment = false)]
    pub campaign_id: Uuid,
    /// How long the time is that is summed up, in minutes: 15 or 1,440.
    #[sea_orm(primary_key, auto_increment = false)]
    pub span_m: i16,
    /// Begin of the quarter, or of the day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bucket: DateTimeUtc,
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub owner_id: Uuid,
    /// Which attempt at the contact, 50 for all above; 0: calls outside campaigns.
    #[sea_orm(primary_key, auto_increment = false)]
    pub attempt: i16,
    /// `outbound` or `inbound`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub direction: String,
    /// Who carries them.
    #[sea_orm(primary_key, auto_increment = false)]
    pub carrier: String,
    /// Who speaks; empty: nobody.
    #[sea_orm(primary_key, auto_increment = false)]
    pub agent_id: String,
    /// E.164.
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_number: String,
    /// ISO 4217: the row holds prices in this currency, and nothing else; they are summed without regard to attempt (0),
    /// agent and number (empty). Empty: everything but prices.
    #[sea_orm(primary_key, auto_increment = false)]
    pub price_unit: String,
    /// Calls placed.
    pub calls: i32,
    /// Answered and ended.
    pub completed: i32,
    /// Could not be carried.
    pub failed: i32,
    /// Busy.
    pub busy: i32,
    /// Rang out.
    pub no_answer: i32,
    /// Answered by a machine.
    pub voicemail: i32,
    /// Taken for a machine, and marked as a person afterwards.
    pub false_positives: i32,
    /// A person spoke with the agent.
    pub reached: i32,
    /// As `reached`, callbacks not counted.
    pub reached_first: i32,
    /// Reached their goal.
    pub successful: i32,
    /// Calls that `price_micros` sums over.
    pub priced: i32,
    /// Calls that `wait_ms` sums over.
    pub waits: i32,
    /// Milliseconds from begun to answered.
    pub wait_ms: i64,
    /// Seconds of talk.
    pub talk_s: i64,
    /// Carrier's prices, millionths of `price_unit`.
    pub price_micros: i64,
    /// Agent provider's credits.
    pub credits: i64,
    /// Below 1 s.
    pub wait_0: i32,
    /// From 1, below 2 s.
    pub wait_1: i32,
    /// From 2, below 4 s.
    pub wait_2: i32,
    /// From 4, below 6 s.
    pub wait_3: i32,
    /// From 6, below 8 s.
    pub wait_4: i32,
    /// From 8, below 10 s.
    pub wait_5: i32,
    /// From 10, below 15 s.
    pub wait_6: i32,
    /// From 15, below 20 s.
    pub wait_7: i32,
    /// From 20, below 30 s.
    pub wait_8: i32,
    /// From 30, below 45 s.
    pub wait_9: i32,
    /// From 45, below 60 s.
    pub wait_10: i32,
    /// From 60 s.
    pub wait_11: i32,
    /// Below 5 s.
    pub talk_0: i32,
    /// From 5, below 15 s.
    pub talk_1: i32,
    /// From 15, below 30 s.
    pub talk_2: i32,
    /// From 30, below 60 s.
    pub talk_3: i32,
    /// From 60, below 90 s.
    pub talk_4: i32,
    /// From 90, below 120 s.
    pub talk_5: i32,
    /// From 120, below 180 s.
    pub talk_6: i32,
    /// From 180, below 300 s.
    pub talk_7: i32,
    /// From 300, below 600 s.
    pub talk_8: i32,
    /// From 600, below 1200 s.
    pub talk_9: i32,
    /// From 1200, below 1800 s.
    pub talk_10: i32,
    /// From 1800 s.
    pub talk_11: i32,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
