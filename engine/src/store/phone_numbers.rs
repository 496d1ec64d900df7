//! The caller numbers that providers offer.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::phone_number::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable,
    QueryFilter, QueryOrder, QuerySelect,
};

/// The number that its provider calls `id`, also if it is gone there.
///
/// # Errors
/// What the database says.
pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id.to_owned()).one(db).await
}

/// What the account calls those of `numbers` that have a label.
///
/// # Errors
/// What the database says.
pub async fn labels(
    db: &impl ConnectionTrait,
    numbers: impl IntoIterator<Item = &str>,
) -> Result<HashMap<String, String>, DbErr> {
    let labelled: Vec<(String, String)> = Entity::find()
        .select_only()
        .columns([Column::Number, Column::Label])
        .filter(Column::Number.is_in(numbers))
        .filter(Column::Label.is_not_null())
        // Of several providers' labels the last to be listed counts: it is the one that is up to date.
        .order_by_asc(Column::FetchedAt)
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(labelled.into_iter().collect())
}

/// Those of `numbers` that some provider offers now, once per provider that does.
///
/// # Errors
/// What the database says.
pub async fn offered(
    db: &impl ConnectionTrait,
    numbers: impl IntoIterator<Item = &str>,
) -> Result<Vec<Model>, DbErr> {
    let numbers: BTreeSet<&str> = numbers.into_iter().collect();
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find()
        .filter(Column::Number.is_in(numbers))
        .filter(Column::VanishedAt.is_null())
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// All of them, by number, at most `limit`; those that are gone come last.
///
/// # Errors
/// What the database says.
pub async fn list(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .order_by_asc(Column::VanishedAt.is_not_null())
        .order_by_asc(Column::Number)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// Adds numbers, or brings those that are there up to date. No id may occur twice.
///
/// # Errors
/// What the database says.
pub async fn upsert_all(db: &impl ConnectionTrait, numbers: Vec<Model>) -> Result<(), DbErr> {
    if numbers.is_empty() {
        return Ok(());
    }
    let rows: Vec<ActiveModel> = numbers
        .into_iter()
        .map(|row| row.into_active_model().reset_all())
        .collect();
    let columns = Column::iter().filter(|column| !matches!(column, Column::Id));
    let update = OnConflict::column(Column::Id)
        .update_columns(columns)
        .to_owned();
    Entity::insert_many(rows)
        .on_conflict(update)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// What `provider` was last seen to offer before `now` is gone there since `now`.
///
/// # Errors
/// What the database says.
pub async fn mark_vanished(
    db: &impl ConnectionTrait,
    provider: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::VanishedAt, Expr::value(now))
        .filter(Column::Provider.eq(provider))
        .filter(Column::FetchedAt.lt(now))
        .filter(Column::VanishedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}
