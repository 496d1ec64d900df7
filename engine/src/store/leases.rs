//! Who alone does a thing for now.

use chrono::{DateTime, Utc};
use entity::lease::{ActiveModel, Column, Entity};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set};

/// Takes or renews the lease `name` for `holder` until `until`; false where somebody else holds it.
///
/// A holder that was frozen past `until` and goes on finds out at its next call; what it does in between must be safe to
/// do twice.
///
/// # Errors
/// What the database says.
pub async fn acquire(
    db: &impl ConnectionTrait,
    (name, holder): (&str, &str),
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let taken = Entity::update_many()
        .col_expr(Column::Holder, Expr::value(holder))
        .col_expr(Column::HeldUntil, Expr::value(until))
        .filter(Column::Name.eq(name))
        .filter(
            Condition::any()
                .add(Column::Holder.eq(holder))
                .add(Column::HeldUntil.lte(now)),
        )
        .exec(db)
        .await?;
    if taken.rows_affected == 1 {
        return Ok(true);
    }
    let row = ActiveModel {
        name: Set(name.to_owned()),
        holder: Set(holder.to_owned()),
        held_until: Set(until),
    };
    let inserted = Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Name).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(inserted == 1)
}

/// Gives the lease `name` back, if `holder` still has it.
///
/// # Errors
/// What the database says.
pub async fn release(db: &impl ConnectionTrait, name: &str, holder: &str) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::Name.eq(name))
        .filter(Column::Holder.eq(holder))
        .exec(db)
        .await?;
    Ok(())
}
