//! Calls that whoever was asked for them could not place.

use chrono::{DateTime, Utc};
use domain::CampaignId;
use domain::progress::End;
use entity::call::{Column, Entity};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// Whether the last `count` calls of `campaign` that were begun at `since` or later, if there are as many, were all tried
/// in vain. A call that was taken on breaks the row, whatever became of it; one of which it is not known yet, or which the
/// number alone was to blame for, does not.
///
/// # Errors
/// What the database says.
pub async fn are_the_last(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    since: DateTime<Utc>,
    count: u64,
) -> Result<bool, DbErr> {
    let is_known = Condition::any()
        .add(Column::PlacedAt.is_not_null())
        .add(Column::Ending.eq(End::Failed.as_str()));
    let last: Vec<Option<DateTime<Utc>>> = Entity::find()
        .select_only()
        .column(Column::PlacedAt)
        .filter(Column::CampaignId.eq(campaign.into_uuid()))
        .filter(Column::BegunAt.gte(since))
        .filter(is_known)
        .order_by_desc(Column::BegunAt)
        .order_by_desc(Column::Id)
        .limit(count)
        .into_tuple()
        .all(db)
        .await?;
    Ok(u64::try_from(last.len()) == Ok(count) && last.iter().all(Option::is_none))
}
