//! What calls come to in a stretch of time, and from when to when those of a campaign were begun.

use chrono::{DateTime, TimeDelta, Utc};
use domain::CampaignId;
use entity::call_rollup::{Column, Entity};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
};

use super::rollups::BUCKET_MINUTES;

/// Sums of the calls begun in one quarter of an hour, or in an hour. The names are those of `call_rollups`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketSums {
    /// Its begin.
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

/// From the first to the end of the last quarter in which calls of the campaign were begun, of those that begin at or after
/// `from` and before `to` (`None`: no bound); `None` where there is none.
///
/// # Errors
/// What the database says.
pub async fn span(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    (from, to): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Ends {
        first: Option<DateTime<Utc>>,
        last: Option<DateTime<Utc>>,
    }
    let mut query = Entity::find()
        .select_only()
        .column_as(Column::Bucket.min(), "first")
        .column_as(Column::Bucket.max(), "last")
        .filter(Column::CampaignId.eq(campaign.into_uuid()));
    if let Some(from) = from {
        query = query.filter(Column::Bucket.gte(from));
    }
    if let Some(to) = to {
        query = query.filter(Column::Bucket.lt(to));
    }
    let ends: Option<Ends> = query.into_model().one(db).await?;
    let ends = ends.and_then(|ends| ends.first.zip(ends.last));
    Ok(ends.map(|(first, last)| (first, last + TimeDelta::minutes(BUCKET_MINUTES))))
}
