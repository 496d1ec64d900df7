//! Users.

use domain::UserId;
use entity::user::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect,
};

/// The user.
///
/// # Errors
/// What the database says.
pub async fn find(db: &impl ConnectionTrait, id: UserId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id.into_uuid()).one(db).await
}

/// The user whom a dashboard calls `subject`.
///
/// # Errors
/// What the database says.
pub async fn find_by_subject(
    db: &impl ConnectionTrait,
    subject: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Subject.eq(subject))
        .one(db)
        .await
}

/// True where nobody can sign in yet.
///
/// # Errors
/// What the database says.
pub async fn is_empty(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let first = Entity::find().limit(1).one(db).await?;
    Ok(first.is_none())
}

/// Adds a user.
///
/// # Errors
/// What the database says.
pub async fn insert(db: &impl ConnectionTrait, user: Model) -> Result<(), DbErr> {
    let row = user.into_active_model().reset_all();
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Adds the user of a dashboard, or brings name, e-mail and role of the one that is there up to date. Two at once are
/// settled by `users_subject_key`; whose id stays is for [`find_by_subject`] to say.
///
/// # Errors
/// What the database says.
pub async fn upsert_by_subject(db: &impl ConnectionTrait, user: Model) -> Result<(), DbErr> {
    let row: ActiveModel = user.into_active_model().reset_all();
    let update = OnConflict::column(Column::Subject)
        .update_columns([Column::Name, Column::Email, Column::Role])
        .to_owned();
    Entity::insert(row)
        .on_conflict(update)
        .exec_without_returning(db)
        .await?;
    Ok(())
}
