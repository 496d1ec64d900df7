//! When calls are looked at, of which nothing is heard.

use chrono::{DateTime, Utc};
use entity::call::{Column, Entity, Model};
use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{Expr, ExprTrait, Func, LockBehavior, LockType, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult,
    Iterable, Order, QueryFilter,
};
use uuid::Uuid;

/// Claims calls that are to be looked at, and asked about, by `now`, at most `limit`: nobody else looks at them until `until`. Those that hold
/// a slot come first, as others wait for it, and of these, and of the rest, those that waited longest. A quarter of the
/// limit is the others' all the same: whom they ask about is not who has much to answer.
///
/// Waits for nobody: a call that is being changed just now is passed over.
///
/// # Errors
/// What the database says.
pub async fn claim(
    db: &impl ConnectionTrait,
    times: (DateTime<Utc>, DateTime<Utc>),
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let first = holding_max(limit);
    let mut claimed = claim_check(db, Column::SettledAt.is_null(), times, first).await?;
    let is_first_full = claimed.len() as u64 == first;
    let room = limit - claimed.len() as u64;
    claimed.extend(claim_check(db, Column::SettledAt.is_not_null(), times, room).await?);
    let room = limit - claimed.len() as u64;
    if is_first_full && room > 0 {
        claimed.extend(claim_check(db, Column::SettledAt.is_null(), times, room).await?);
    }
    Ok(claimed)
}

async fn claim_check(
    db: &impl ConnectionTrait,
    wanted: SimpleExpr,
    times: (DateTime<Utc>, DateTime<Utc>),
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let is_to_be_asked_about = Condition::any()
        .add(Column::AskAt.is_null())
        .add(Column::AskAt.lte(times.0));
    let wanted = Condition::all().add(wanted).add(is_to_be_asked_about);
    claim_due(db, Column::CheckAt, wanted, times, limit).await
}

/// Of `limit` calls as many as may hold a slot while there are others.
pub const fn holding_max(limit: u64) -> u64 {
    limit - limit / 4
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
    let is_due = if db.get_database_backend() == DbBackend::Postgres {
        // An array is made once, whatever the plan. A list of rows is looked through anew for each call where the plan was
        // made while there were few, and as it skips those that are claimed by then, all calls would be in the end.
        let longest_waiting = Func::cust("ARRAY").arg(longest_waiting);
        Expr::col(Column::Id).eq(PgFunc::any(longest_waiting))
    } else {
        Column::Id.in_subquery(longest_waiting)
    };
    // Columns by name: a `*` changes its meaning when a later version adds one, and statements that Postgres has prepared
    // fail then.
    let claiming = Query::update()
        .table(Entity)
        .value(due, until)
        .cond_where(is_due)
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
