//! Calls that somebody else began.

use entity::call::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
};

/// Adds a call, unless it is there already: then that stays as it is.
///
/// # Errors
/// What the database says.
pub async fn insert_new(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let known = OnConflict::column(Column::Id).do_nothing().to_owned();
    Entity::insert_many([row.into_active_model().reset_all()])
        .on_conflict(known)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// True for inbound calls from one of `numbers`. Spelled as the index of inbound calls is, so that it can serve.
pub(super) fn came_from<'a>(numbers: impl IntoIterator<Item = &'a str>) -> Condition {
    Condition::all()
        .add(Expr::cust(INBOUND))
        .add(Column::FromNumber.is_in(numbers))
}

/// True for inbound calls: the condition of their indexes, which no bound value would be recognised as.
pub(super) const INBOUND: &str = "calls.direction = 'inbound'";
