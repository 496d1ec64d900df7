//! The caller numbers that carriers offer.

use entity::phone_number::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable};

/// The number that its carrier calls `id`.
///
/// # Errors
/// What the database says.
pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id.to_owned()).one(db).await
}

/// Adds numbers, or brings those that are there up to date.
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
