//! What goes on now: sums over counters, and what those who watch are shown.

use std::collections::BTreeSet;

use domain::lifecycle::Status;
use domain::{CallId, CampaignId, UserId};
use entity::{call, campaign, campaign_counters};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType,
    QueryFilter, QueryOrder, QuerySelect, RelationDef, Select,
};
use uuid::Uuid;

use super::campaign_list::WithCounters;

/// Work of one owner's campaigns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct OwnerWork {
    /// Whose.
    pub owner_id: Uuid,
    /// Calls that hold a slot.
    pub live: i64,
    /// Contacts whose call waits for a worker.
    pub queued: i64,
}

/// Calls of one owner that belong to no campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct OwnerCalls {
    /// Whose.
    pub owner_id: Uuid,
    /// Calls that are not over.
    pub live: i64,
}

/// What the campaigns of each owner, or of `owner` alone, do now. Owners whose campaigns do nothing are left out; a deleted
/// campaign's calls go on to their end.
///
/// # Errors
/// What the database says.
pub async fn by_owner(
    db: &impl ConnectionTrait,
    owner: Option<UserId>,
) -> Result<Vec<OwnerWork>, DbErr> {
    use campaign_counters::Column as Counter;
    let sum = |column: Counter| {
        Expr::col((campaign_counters::Entity, column))
            .sum()
            .cast_as("BIGINT")
    };
    let busy = Condition::any()
        .add(Counter::Live.gt(0))
        .add(Counter::Queued.gt(0));
    let mut query = with_counters(campaign::Entity::find())
        .select_only()
        .column(campaign::Column::OwnerId)
        .expr_as(sum(Counter::Live), "live")
        .expr_as(sum(Counter::Queued), "queued")
        .filter(busy)
        .group_by(campaign::Column::OwnerId);
    if let Some(owner) = owner {
        query = query.filter(campaign::Column::OwnerId.eq(owner.into_uuid()));
    }
    query.into_model().all(db).await
}

/// How many calls outside campaigns each owner, or `owner` alone, has now.
///
/// # Errors
/// What the database says.
pub async fn single_calls_by_owner(
    db: &impl ConnectionTrait,
    owner: Option<UserId>,
) -> Result<Vec<OwnerCalls>, DbErr> {
    use call::Column as Call;
    let mut query = call::Entity::find()
        .select_only()
        .column(Call::OwnerId)
        .expr_as(Expr::col(Call::Id).count().cast_as("BIGINT"), "live")
        // Single calls have no contact either: that is what the index of live calls is by.
        .filter(Call::ContactId.is_null())
        .filter(Call::SettledAt.is_null())
        .filter(Call::CampaignId.is_null())
        .group_by(Call::OwnerId);
    if let Some(owner) = owner {
        query = query.filter(Call::OwnerId.eq(owner.into_uuid()));
    }
    query.into_model().all(db).await
}

/// Those of `ids` that belong to `owners` (`None`: to whomever), with their counters; deleted ones too.
///
/// # Errors
/// What the database says.
pub async fn campaigns(
    db: &impl ConnectionTrait,
    ids: &[CampaignId],
    owners: Option<&BTreeSet<UserId>>,
) -> Result<Vec<WithCounters>, DbErr> {
    let ids = ids.iter().map(|id| id.into_uuid());
    let mut query = with_counters(campaign::Entity::find()).filter(campaign::Column::Id.is_in(ids));
    if let Some(owners) = owners {
        let owners = owners.iter().map(|owner| owner.into_uuid());
        query = query.filter(campaign::Column::OwnerId.is_in(owners));
    }
    let rows = query.select_also(campaign_counters::Entity).all(db).await?;
    let known = rows.into_iter();
    Ok(known
        .filter_map(|(row, counters)| Some((row, counters?)))
        .collect())
}

/// Those of `ids` that belong to `owners` (`None`: to whomever).
///
/// # Errors
/// What the database says.
pub async fn calls(
    db: &impl ConnectionTrait,
    ids: &[CallId],
    owners: Option<&BTreeSet<UserId>>,
) -> Result<Vec<call::Model>, DbErr> {
    let ids = ids.iter().map(|id| id.into_uuid());
    let mut query = call::Entity::find().filter(call::Column::Id.is_in(ids));
    if let Some(owners) = owners {
        let owners = owners.iter().map(|owner| owner.into_uuid());
        query = query.filter(call::Column::OwnerId.is_in(owners));
    }
    query.order_by_asc(call::Column::Id).all(db).await
}

/// Campaigns that are being dialled, at most `limit`, the last changed first.
///
/// # Errors
/// What the database says.
pub async fn active_campaigns(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<CampaignId>, DbErr> {
    let found: Vec<Uuid> = campaign::Entity::find()
        .select_only()
        .column(campaign::Column::Id)
        .filter(campaign::Column::Status.eq(Status::Active.as_str()))
        .filter(campaign::Column::DeletedAt.is_null())
        .order_by_desc(campaign::Column::UpdatedAt)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().map(CampaignId::from_uuid).collect())
}

/// Calls that are not over and the campaigns they belong to, at most `limit`.
///
/// # Errors
/// What the database says.
pub async fn live_calls(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<(CallId, Option<CampaignId>)>, DbErr> {
    let found: Vec<(Uuid, Option<Uuid>)> = call::Entity::find()
        .select_only()
        .column(call::Column::Id)
        .column(call::Column::CampaignId)
        .filter(call::Column::SettledAt.is_null())
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found
        .into_iter()
        .map(|(id, of)| (CallId::from_uuid(id), of.map(CampaignId::from_uuid)))
        .collect())
}

/// Which of `ids` there are for `scope` (`None`: for somebody who may see everything); deleted ones are not.
///
/// # Errors
/// What the database says.
pub async fn visible(
    db: &impl ConnectionTrait,
    ids: &BTreeSet<CampaignId>,
    scope: Option<UserId>,
) -> Result<BTreeSet<CampaignId>, DbErr> {
    let ids = ids.iter().map(|id| id.into_uuid());
    let mut query = campaign::Entity::find()
        .select_only()
        .column(campaign::Column::Id)
        .filter(campaign::Column::Id.is_in(ids))
        .filter(campaign::Column::DeletedAt.is_null());
    if let Some(owner) = scope {
        query = query.filter(campaign::Column::OwnerId.eq(owner.into_uuid()));
    }
    let found: Vec<Uuid> = query.into_tuple().all(db).await?;
    Ok(found.into_iter().map(CampaignId::from_uuid).collect())
}

fn with_counters(query: Select<campaign::Entity>) -> Select<campaign::Entity> {
    let counters: RelationDef = campaign::Entity::belongs_to(campaign_counters::Entity)
        .from(campaign::Column::Id)
        .to(campaign_counters::Column::CampaignId)
        .into();
    query.join(JoinType::InnerJoin, counters)
}
