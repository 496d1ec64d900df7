//! Numbers that their owners must not call.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::{PhoneNumber, UserId};
use entity::suppression::{ActiveModel, Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect, Set,
    Statement, Value,
};
use uuid::Uuid;

use crate::suppressions::Source;

use super::padded::padded;

/// A wish not to be called.
#[derive(Clone, Debug)]
pub struct Suppression {
    /// Who must not call.
    pub owner: UserId,
    /// Whom.
    pub number: PhoneNumber,
    /// Who says so.
    pub source: Source,
    /// Why, in words.
    pub reason: Option<String>,
    /// The user who added it by hand.
    pub added_by: Option<UserId>,
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
    if db.get_database_backend() == DbBackend::Postgres {
        return among_by_index(db, wanted).await;
    }
    let owners: HashSet<Uuid> = wanted.iter().map(|(owner, _)| owner.into_uuid()).collect();
    let numbers: HashSet<&str> = wanted.iter().map(|(_, number)| *number).collect();
    let found: Vec<(Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::OwnerId, Column::PhoneNumber])
        .filter(Column::OwnerId.is_in(padded(owners)))
        .filter(Column::PhoneNumber.is_in(padded(numbers)))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().map(pair).collect())
}

/// They are looked for one by one, in an order that only the index of numbers has: a plan that was made while there were none
/// would read an owner's whole list.
async fn among_by_index(
    db: &impl ConnectionTrait,
    wanted: &[(UserId, &str)],
) -> Result<HashSet<(UserId, String)>, DbErr> {
    let owners: Vec<Uuid> = wanted.iter().map(|(owner, _)| owner.into_uuid()).collect();
    let numbers: Vec<String> = wanted
        .iter()
        .map(|(_, number)| (*number).to_owned())
        .collect();
    let sql = "SELECT owner_id, phone_number FROM unnest($1, $2) AS wanted (owner, number), LATERAL ( \
        SELECT owner_id, phone_number FROM suppressions \
        WHERE owner_id = owner AND phone_number BETWEEN number AND number ORDER BY phone_number LIMIT 1) AS known";
    let values: [Value; 2] = [owners.into(), numbers.into()];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let rows = db.query_all_raw(statement).await?;
    let found = rows.iter().map(|row| {
        let (owner, number) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        Ok(pair((owner, number)))
    });
    found.collect()
}

fn pair((owner, number): (Uuid, String)) -> (UserId, String) {
    (UserId::from_uuid(owner), number)
}

/// Takes in `wishes`; how many were new. One that is already there stays as it was.
///
/// # Errors
/// What the database says.
pub async fn insert(
    db: &impl ConnectionTrait,
    mut wishes: Vec<Suppression>,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    if wishes.is_empty() {
        return Ok(0);
    }
    // Always in one order, so that two batches cannot wait for each other.
    wishes.sort_by(|a, b| (a.owner, &a.number).cmp(&(b.owner, &b.number)));
    let rows = wishes.into_iter().map(|wish| ActiveModel {
        id: Set(Uuid::now_v7()),
        owner_id: Set(wish.owner.into_uuid()),
        phone_number: Set(wish.number.into_string()),
        source: Set(wish.source.as_str().to_owned()),
        reason: Set(wish.reason),
        added_by: Set(wish.added_by.map(UserId::into_uuid)),
        created_at: Set(now),
    });
    Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([Column::OwnerId, Column::PhoneNumber])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await
}
