//! What the calls of one campaign come to, quarter of an hour by quarter of an hour.

use chrono::{DateTime, Utc};
use domain::CampaignId;
use entity::call_rollup::{Column, Entity};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

/// Sums of a campaign's calls begun in one quarter of an hour. The names are those of `call_rollups`.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct BucketSums {
    /// Begin of the quarter.
    pub bucket: DateTime<Utc>,
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
    /// Agent provider's credits.
    pub credits: i64,
}

const SUMMED: [Column; 15] = [
    Column::Calls,
    Column::Completed,
    Column::Failed,
    Column::Busy,
    Column::NoAnswer,
    Column::Voicemail,
    Column::Successful,
    Column::Callbacks,
    Column::CallbacksScheduled,
    Column::Transfers,
    Column::TransfersCompleted,
    Column::TalkS,
    Column::Waits,
    Column::WaitMs,
    Column::Credits,
];

/// The sums of the campaign's quarters that begin at or after `from` and before `to`, in order; `None`: no bound. One row
/// per quarter in which calls were begun, at most 96 a day, however many calls there were.
///
/// # Errors
/// What the database says.
pub async fn of_campaign(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
) -> Result<Vec<BucketSums>, DbErr> {
    let mut query = Entity::find()
        .select_only()
        .column(Column::Bucket)
        .filter(Column::CampaignId.eq(campaign.into_uuid()));
    for column in SUMMED {
        // Postgres makes a numeric of a sum of integers.
        query = query.expr_as(Expr::col(column).sum().cast_as("BIGINT"), column);
    }
    if let Some(from) = from {
        query = query.filter(Column::Bucket.gte(from));
    }
    if let Some(to) = to {
        query = query.filter(Column::Bucket.lt(to));
    }
    query
        .group_by(Column::Bucket)
        .order_by_asc(Column::Bucket)
        .into_model()
        .all(db)
        .await
}
