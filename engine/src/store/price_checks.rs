//! Calls whose price is not known yet.

use carriers::CarrierKind;
use chrono::{DateTime, Utc};
use entity::call::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::call_checks;

/// Claims calls of `carrier` whose price is to be asked for by `now`, longest waiting first, at most `limit`: nobody else
/// asks for them until `until`.
///
/// Waits for nobody: a call that is being changed just now is passed over.
///
/// # Errors
/// What the database says.
pub async fn claim(
    db: &impl ConnectionTrait,
    carrier: CarrierKind,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    limit: u32,
) -> Result<Vec<Model>, DbErr> {
    let theirs = Condition::all().add(Column::Carrier.eq(carrier.as_str()));
    let limit = u64::from(limit);
    call_checks::claim_due(db, Column::PriceCheckAt, theirs, (now, until), limit).await
}

/// Takes the call off the list: its price is not asked for again.
///
/// # Errors
/// What the database says.
pub async fn drop(db: &impl ConnectionTrait, call: Uuid) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PriceCheckAt, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::Id.eq(call))
        .exec(db)
        .await?;
    Ok(())
}
