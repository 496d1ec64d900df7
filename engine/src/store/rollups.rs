//! Sums by quarter of an hour, changed in the transaction that changes what they sum.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::{CampaignId, UserId};
use entity::call_rollup::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable};
use uuid::Uuid;

/// The width of a bucket, in minutes.
pub const BUCKET_MINUTES: i64 = 15;

type Key = (Uuid, DateTime<Utc>, Uuid);

/// What a batch adds to the sums.
#[derive(Debug, Default)]
pub struct Rollups(BTreeMap<Key, Model>);

impl Rollups {
    /// The sums of the bucket that a call begun at `begun_at` belongs to, to be added to.
    pub fn of(
        &mut self,
        owner: UserId,
        campaign: Option<CampaignId>,
        begun_at: DateTime<Utc>,
    ) -> &mut Model {
        let campaign_id = campaign.map_or(Uuid::nil(), CampaignId::into_uuid);
        let owner_id = owner.into_uuid();
        let bucket = bucket_of(begun_at);
        self.0
            .entry((campaign_id, bucket, owner_id))
            .or_insert_with(|| empty(campaign_id, bucket, owner_id))
    }

    /// Adds everything to the table; rows are locked in the order of their keys.
    ///
    /// # Errors
    /// What the database says.
    pub async fn add_to(self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        if self.0.is_empty() {
            return Ok(());
        }
        let rows: Vec<ActiveModel> = self
            .0
            .into_values()
            .map(|row| row.into_active_model().reset_all())
            .collect();
        let mut add = OnConflict::columns([Column::CampaignId, Column::Bucket, Column::OwnerId]);
        for column in Column::iter().filter(is_sum) {
            add.value(
                column,
                Expr::col((Entity, column)).add(Expr::col(("excluded", column))),
            );
        }
        Entity::insert_many(rows)
            .on_conflict(add.to_owned())
            .exec_without_returning(db)
            .await?;
        Ok(())
    }
}

/// The begin of the quarter of an hour that `at` lies in.
#[must_use]
pub fn bucket_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::minutes(BUCKET_MINUTES))
        .unwrap_or(at)
}

const fn is_sum(column: &Column) -> bool {
    !matches!(
        column,
        Column::CampaignId | Column::Bucket | Column::OwnerId
    )
}

fn empty(campaign_id: Uuid, bucket: DateTime<Utc>, owner_id: Uuid) -> Model {
    Model {
        campaign_id,
        bucket,
        owner_id,
        calls: 0,
        completed: 0,
        failed: 0,
        busy: 0,
        no_answer: 0,
        voicemail: 0,
        successful: 0,
        callbacks: 0,
        callbacks_scheduled: 0,
        transfers: 0,
        transfers_completed: 0,
        talk_s: 0,
        waits: 0,
        wait_ms: 0,
        price_micros: 0,
        credits: 0,
    }
}
