//! Calls that somebody else began.

use domain::{CallId, Direction, UserId};
use entity::call::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

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

/// True where another call than `id` has the carrier's `name`: one that we placed.
///
/// # Errors
/// What the database says.
pub async fn is_name_of_another(
    db: &impl ConnectionTrait,
    name: &str,
    id: CallId,
) -> Result<bool, DbErr> {
    let other: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CarrierCallId.eq(name))
        .filter(Column::Id.ne(id.into_uuid()))
        .into_tuple()
        .one(db)
        .await?;
    Ok(other.is_some())
}

/// Who called `person` last from `number`, by hand or by a campaign; only calls that the carrier took on count. Served by
/// `calls_to_number_begun_at_idx`.
///
/// # Errors
/// What the database says.
pub async fn last_caller_of(
    db: &impl ConnectionTrait,
    person: &str,
    number: &str,
) -> Result<Option<UserId>, DbErr> {
    let owner: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::OwnerId)
        .filter(Column::ToNumber.eq(person))
        .filter(Column::FromNumber.eq(number))
        .filter(Column::Direction.eq(Direction::Outbound.as_str()))
        .filter(Column::PlacedAt.is_not_null())
        .order_by_desc(Column::BegunAt)
        .order_by_desc(Column::Id)
        .into_tuple()
        .one(db)
        .await?;
    Ok(owner.map(UserId::from_uuid))
}

/// True for inbound calls from one of `numbers`. Spelled as the index of inbound calls is, so that it can serve.
pub(super) fn came_from<'a>(numbers: impl IntoIterator<Item = &'a str>) -> Condition {
    Condition::all()
        .add(Expr::cust(INBOUND))
        .add(Column::FromNumber.is_in(numbers))
}

/// True for inbound calls: the condition of their indexes, which no bound value would be recognised as.
pub(super) const INBOUND: &str = "calls.direction = 'inbound'";
