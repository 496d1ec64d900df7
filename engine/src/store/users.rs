//! Users.

use domain::UserId;
use entity::user::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, Func, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::actor::Role;
use crate::page::Page;

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

/// One page of the users in the order in which they were made, and how many there are.
///
/// # Errors
/// What the database says.
pub async fn list(db: &impl ConnectionTrait, page: Page) -> Result<(Vec<Model>, u64), DbErr> {
    let total = Entity::find().count(db).await?;
    let rows = Entity::find()
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .offset(page.offset())
        .limit(u64::from(page.size))
        .all(db)
        .await?;
    Ok((rows, total))
}

/// True where somebody has the e-mail whose lower case is `email_key`, wherever that user comes from.
///
/// # Errors
/// What the database says.
pub async fn has_email(db: &impl ConnectionTrait, email_key: &str) -> Result<bool, DbErr> {
    let in_lower_case = Expr::expr(Func::lower(Expr::col(Column::Email)));
    let same = Condition::any()
        .add(Column::EmailKey.eq(email_key))
        .add(in_lower_case.eq(email_key));
    let first = Entity::find().filter(same).limit(1).one(db).await?;
    Ok(first.is_some())
}

/// Adds a user, unless another one was just added with its `email_key`; whether it did. Settled by `users_email_key_key`.
///
/// # Errors
/// What the database says.
pub async fn insert_once(db: &impl ConnectionTrait, user: Model) -> Result<bool, DbErr> {
    let row = user.into_active_model().reset_all();
    let inserted = Entity::insert(row)
        .on_conflict(OnConflict::column(Column::EmailKey).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(inserted == 1)
}

/// True where nobody can sign in yet.
///
/// # Errors
/// What the database says.
pub async fn is_empty(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let first = Entity::find().limit(1).one(db).await?;
    Ok(first.is_none())
}

/// The administrator who was made first.
///
/// # Errors
/// What the database says.
pub async fn oldest_admin(db: &impl ConnectionTrait) -> Result<Option<UserId>, DbErr> {
    let first = Entity::find()
        .filter(Column::Role.eq(Role::Admin.as_str()))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .one(db)
        .await?;
    Ok(first.map(|user| UserId::from_uuid(user.id)))
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
