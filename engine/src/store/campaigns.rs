//! Campaigns, as rows.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::lifecycle::Status;
use domain::{CampaignId, UserId};
use entity::campaign::{Column, Entity, Model};
use entity::{campaign_counters, campaign_zone};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend,
    DbErr, EntityTrait, IntoActiveModel, JoinType, QueryFilter, QueryOrder, QuerySelect, Set,
};
use uuid::Uuid;

use super::padded::padded;
use super::rows_by_key::RowsByKey;

/// Active campaigns among which one is picked.
const ACTIVE_MAX: u64 = 10_000;

static FOUND: RowsByKey<Entity> = RowsByKey::new(Column::Id);

/// The campaign, deleted or not.
///
/// # Errors
/// What the database says.
pub async fn find(db: &impl ConnectionTrait, id: CampaignId) -> Result<Option<Model>, DbErr> {
    Ok(FOUND.all(db, [id.into_uuid()]).await?.pop())
}

/// Those of `ids` that exist, deleted or not.
///
/// # Errors
/// What the database says.
pub async fn find_all(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CampaignId>,
) -> Result<HashMap<CampaignId, Model>, DbErr> {
    let ids: BTreeSet<Uuid> = ids.into_iter().map(CampaignId::into_uuid).collect();
    let rows = FOUND.all(db, ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| (CampaignId::from_uuid(row.id), row))
        .collect())
}

/// Those of `ids` in which no call will ever begin again: deleted, completed or canceled.
///
/// To be asked under the lock of their counters, by who read them before it: on SQLite, whose one writer is alone from the
/// begin of the transaction on, it is none that was not known.
///
/// # Errors
/// What the database says.
pub async fn ended_among(
    txn: &DatabaseTransaction,
    ids: &BTreeSet<CampaignId>,
) -> Result<Vec<CampaignId>, DbErr> {
    if ids.is_empty() || txn.get_database_backend() != DbBackend::Postgres {
        return Ok(Vec::new());
    }
    let finals = Status::ALL.iter().filter(|status| status.is_final());
    let is_over = Condition::any()
        .add(Column::Status.is_in(finals.map(|status| status.as_str())))
        .add(Column::DeletedAt.is_not_null());
    let ended: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.is_in(padded(ids.iter().map(|id| id.into_uuid()))))
        .filter(is_over)
        .into_tuple()
        .all(txn)
        .await?;
    Ok(ended.into_iter().map(CampaignId::from_uuid).collect())
}

/// Writes the row as it stands in memory.
///
/// # Errors
/// What the database says.
pub async fn save(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::update(row.into_active_model().reset_all())
        .exec(db)
        .await?;
    Ok(())
}

/// Adds a campaign; its counters follow in the same transaction.
///
/// # Errors
/// What the database says.
pub async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Campaigns for which a top-up may find something to do at `now`, longest waiting first, at most `limit`.
///
/// # Errors
/// What the database says.
pub async fn awake(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<CampaignId>, DbErr> {
    let ids: Vec<Uuid> = campaign_counters::Entity::find()
        .select_only()
        .column(campaign_counters::Column::CampaignId)
        .filter(campaign_counters::Column::WakeAt.lte(now))
        .order_by_asc(campaign_counters::Column::WakeAt)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().map(CampaignId::from_uuid).collect())
}

/// When the first of the campaigns that are not awake at `now` wakes; `None`: not before `until`.
///
/// # Errors
/// What the database says.
pub async fn next_wake(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let found: Option<Option<DateTime<Utc>>> = campaign_counters::Entity::find()
        .select_only()
        .column(campaign_counters::Column::WakeAt)
        .filter(campaign_counters::Column::WakeAt.gt(now))
        .filter(campaign_counters::Column::WakeAt.lt(until))
        .order_by_asc(campaign_counters::Column::WakeAt)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.flatten())
}

/// One of the active campaigns with at most `contacts_max` contacts, another one for each `turn`.
///
/// # Errors
/// What the database says.
pub async fn active_at(
    db: &impl ConnectionTrait,
    turn: i64,
    contacts_max: i32,
) -> Result<Option<CampaignId>, DbErr> {
    let mut ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .join(
            JoinType::InnerJoin,
            Entity::belongs_to(campaign_counters::Entity)
                .from(Column::Id)
                .to(campaign_counters::Column::CampaignId)
                .into(),
        )
        .filter(Column::Status.eq("active"))
        .filter(campaign_counters::Column::Total.lte(contacts_max))
        .order_by_asc(Column::CreatedAt)
        .limit(ACTIVE_MAX)
        .into_tuple()
        .all(db)
        .await?;
    if ids.is_empty() {
        return Ok(None);
    }
    let at = turn.rem_euclid(i64::try_from(ids.len()).unwrap_or(i64::MAX));
    Ok(usize::try_from(at)
        .ok()
        .map(|at| CampaignId::from_uuid(ids.swap_remove(at))))
}

/// The zones that occur among the campaign's contacts; empty text: contacts without one.
///
/// # Errors
/// What the database says.
pub async fn zones(db: &impl ConnectionTrait, id: CampaignId) -> Result<Vec<String>, DbErr> {
    let rows = campaign_zone::Entity::find()
        .filter(campaign_zone::Column::CampaignId.eq(id.into_uuid()))
        .order_by_asc(campaign_zone::Column::Timezone)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.timezone).collect())
}

/// A campaign as far as it may have changed since its row was read.
#[derive(Clone, Debug)]
pub struct Standing {
    /// When the row was changed last: each change moves it on.
    pub updated_at: DateTime<Utc>,
    /// The zones that occur among its contacts, in their order; empty text: contacts without one.
    pub zones: Vec<String>,
}

/// How the campaign stands; `None`: it is not there.
///
/// To be asked under the lock of its counters, without which nobody changes it.
///
/// # Errors
/// What the database says.
pub async fn standing(
    txn: &DatabaseTransaction,
    id: CampaignId,
) -> Result<Option<Standing>, DbErr> {
    let zones: Vec<(DateTime<Utc>, Option<String>)> = Entity::find()
        .select_only()
        .column(Column::UpdatedAt)
        .column(campaign_zone::Column::Timezone)
        .join(
            JoinType::LeftJoin,
            Entity::belongs_to(campaign_zone::Entity)
                .from(Column::Id)
                .to(campaign_zone::Column::CampaignId)
                .into(),
        )
        .filter(Column::Id.eq(id.into_uuid()))
        .order_by_asc(campaign_zone::Column::Timezone)
        .into_tuple()
        .all(txn)
        .await?;
    Ok(zones.first().map(|(updated_at, _)| Standing {
        updated_at: *updated_at,
        zones: zones.iter().filter_map(|(_, zone)| zone.clone()).collect(),
    }))
}

/// Notes that contacts of these zones were added.
///
/// # Errors
/// What the database says.
pub async fn add_zones(
    db: &impl ConnectionTrait,
    id: CampaignId,
    zones: impl IntoIterator<Item = String>,
) -> Result<(), DbErr> {
    let rows: Vec<_> = zones
        .into_iter()
        .map(|timezone| campaign_zone::ActiveModel {
            campaign_id: Set(id.into_uuid()),
            timezone: Set(timezone),
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    campaign_zone::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([
                campaign_zone::Column::CampaignId,
                campaign_zone::Column::Timezone,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The owner of the campaign that was started last of those that call from `number`, deleted ones included.
///
/// # Errors
/// What the database says.
pub async fn last_owner_of(
    db: &impl ConnectionTrait,
    number: &str,
) -> Result<Option<UserId>, DbErr> {
    let owner: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::OwnerId)
        .filter(Column::PhoneNumber.eq(number))
        .filter(Column::StartedAt.is_not_null())
        .order_by_desc(Column::StartedAt)
        .order_by_desc(Column::Id)
        .into_tuple()
        .one(db)
        .await?;
    Ok(owner.map(UserId::from_uuid))
}
