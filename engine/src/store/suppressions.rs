//! Numbers that their owners must not call.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::{PhoneNumber, UserId};
use entity::suppression::{ActiveModel, Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Set};
use uuid::Uuid;

/// A wish not to be called.
#[derive(Clone, Debug)]
pub struct Suppression {
    /// Who must not call.
    pub owner: UserId,
    /// Whom.
    pub number: PhoneNumber,
    /// Who says so: `conversation`, `api`, ….
    pub source: &'static str,
    /// Why, in words.
    pub reason: Option<String>,
}

/// Which of `wanted` are suppressed.
///
/// # Errors
/// What the database says.
pub async fn among(
    db: &impl ConnectionTrait,
    wanted: &[(UserId, &str)],
) -> Result<HashSet<(UserId, String)>, DbErr> {
    if wanted.is_empty() {
        return Ok(HashSet::new());
    }
    let owners: HashSet<Uuid> = wanted.iter().map(|(owner, _)| owner.into_uuid()).collect();
    let numbers: HashSet<&str> = wanted.iter().map(|(_, number)| *number).collect();
    let found: Vec<(Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::OwnerId, Column::PhoneNumber])
        .filter(Column::OwnerId.is_in(owners))
        .filter(Column::PhoneNumber.is_in(numbers))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found
        .into_iter()
        .map(|(owner, number)| (UserId::from_uuid(owner), number))
        .collect())
}

/// Takes in `wishes`; one that is already there stays as it was.
///
/// # Errors
/// What the database says.
pub async fn insert(
    db: &impl ConnectionTrait,
    mut wishes: Vec<Suppression>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    if wishes.is_empty() {
        return Ok(());
    }
    // Always in one order, so that two batches cannot wait for each other.
    wishes.sort_by(|a, b| (a.owner, &a.number).cmp(&(b.owner, &b.number)));
    let rows = wishes.into_iter().map(|wish| ActiveModel {
        id: Set(Uuid::now_v7()),
        owner_id: Set(wish.owner.into_uuid()),
        phone_number: Set(wish.number.into_string()),
        source: Set(wish.source.to_owned()),
        reason: Set(wish.reason),
        created_at: Set(now),
    });
    Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([Column::OwnerId, Column::PhoneNumber])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}
