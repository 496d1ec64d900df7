//! When calls are looked at, of which nothing is heard.

use chrono::{DateTime, Utc};
use entity::call::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, LockBehavior, LockType, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Iterable, Order,
    QueryFilter,
};
use uuid::Uuid;

/// Claims calls that are to be looked at by `now`, at most `limit`: nobody else looks at them until `until`. Those that hold
/// a slot come first, as others wait for it, and of these, and of the rest, those that waited longest.
///
/// Waits for nobody: a call that is being changed just now is passed over.
///
/// # Errors
/// What the database says.
pub async fn claim(
    db: &impl ConnectionTrait,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let (times, live) = ((now, until), Column::SettledAt.is_null());
    let mut claimed = claim_due(db, Column::CheckAt, live.into(), times, limit).await?;
    let room = limit.saturating_sub(claimed.len() as u64);
    if room > 0 {
        let over = Column::SettledAt.is_not_null();
        claimed.extend(claim_due(db, Column::CheckAt, over.into(), times, room).await?);
    }
    Ok(claimed)
}

/// Claims calls whose instant `due` has come by `now`, of those that are `wanted`: it is moved to `until`.
pub(super) async fn claim_due(
    db: &impl ConnectionTrait,
    due: Column,
    wanted: Condition,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    // SQLite has one writer and no such locks: nothing is being changed just now.
    let (lock, behavior) = (LockType::Update, LockBehavior::SkipLocked);
    let longest_waiting = Query::select()
        .column(Column::Id)
        .from(Entity)
        .cond_where(due.lte(now))
        .cond_where(wanted)
        .order_by(due, Order::Asc)
        .limit(limit)
        .lock_with_behavior(lock, behavior)
        .to_owned();
    // Columns by name: a `*` changes its meaning when a later version adds one, and statements that Postgres has prepared
    // fail then.
    let claiming = Query::update()
        .table(Entity)
        .value(due, until)
        .cond_where(Column::Id.in_subquery(longest_waiting))
        .returning(Query::returning().columns(Column::iter()))
        .to_owned();
    let statement = db.get_database_backend().build(&claiming);
    Model::find_by_statement(statement).all(db).await
}

/// Nobody looks at a call that is not over before `until`, unless something is heard of it.
///
/// # Errors
/// What the database says.
pub async fn put_off(
    db: &impl ConnectionTrait,
    id: Uuid,
    until: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::CheckAt, Expr::value(until))
        .filter(Column::Id.eq(id))
        .filter(Column::SettledAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}
