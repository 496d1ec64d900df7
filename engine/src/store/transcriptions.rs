//! Recordings that are listened to, as nobody else writes down what was said.
//!
//! A claim belongs to one worker for a while: only it asks the service, and only it may put the recording off. A claim
//! whose time is over is as good as none.

use std::cmp;

use chrono::{DateTime, Utc};
use domain::CallId;
use entity::transcription::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    FromQueryResult, Iden, Iterable, PaginatorTrait, QueryFilter, QuerySelect, Set, Statement,
    Value,
};
use uuid::Uuid;

/// To be listened to.
const WAITING: &str = "waiting";
/// Listened to, or somebody else wrote it down.
const DONE: &str = "done";
/// It will not be listened to any more.
const GIVEN_UP: &str = "given_up";

/// Sets apart from other locks: the letters `hear`.
const LOCK: i64 = 0x6865_6172;

/// Notes that the recordings of `calls` are to be listened to, each at its instant. What was tried, or is being tried, or
/// is over, stays as it is; what is due later becomes due at the earlier instant.
///
/// # Errors
/// What the database says.
pub async fn expect(
    db: &impl ConnectionTrait,
    calls: impl IntoIterator<Item = (CallId, DateTime<Utc>)>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let rows: Vec<ActiveModel> = calls
        .into_iter()
        .map(|(call, due_at)| ActiveModel {
            call_id: Set(call.into_uuid()),
            status: Set(WAITING.to_owned()),
            due_at: Set(Some(due_at)),
            claim: Set(None),
            tries: Set(0),
            error: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let known = |column| Expr::col((Entity, column));
    let is_later = known(Column::DueAt).gt(Expr::col(("excluded", Column::DueAt)));
    let untouched = known(Column::Claim)
        .is_null()
        .and(known(Column::Tries).eq(0));
    let earlier = OnConflict::column(Column::CallId)
        .update_columns([Column::DueAt, Column::UpdatedAt])
        .action_and_where(untouched.and(is_later))
        .to_owned();
    Entity::insert_many(rows)
        .on_conflict(earlier)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// True where a recording is due by `now`.
///
/// # Errors
/// What the database says.
pub async fn is_any_due(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let found: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::CallId)
        .filter(Column::DueAt.lte(now))
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// How many recordings are claimed at `now`, by whichever worker.
///
/// # Errors
/// What the database says.
pub async fn count_claimed(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::DueAt.gt(now))
        .filter(Column::Claim.is_not_null())
        .count(db)
        .await
}

/// Claims recordings that are due by `now`, longest waiting first, at most `limit`: nobody else claims them until `until`.
/// No more than `at_once_max` are claimed at any time, however many workers there are, and however many of those died. A
/// claim that ran out was a try in vain.
///
/// `txn` must have begun with this: whoever else claims waits until it ends.
///
/// # Errors
/// What the database says.
pub async fn claim(
    txn: &DatabaseTransaction,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    limit: u32,
    at_once_max: u32,
) -> Result<Vec<Model>, DbErr> {
    let backend = txn.get_database_backend();
    // SQLite has one writer, who is alone anyway.
    let skip = if backend == DbBackend::Postgres {
        let lock = Statement::from_string(backend, format!("SELECT pg_advisory_xact_lock({LOCK})"));
        txn.execute_raw(lock).await?;
        "FOR UPDATE SKIP LOCKED"
    } else {
        ""
    };
    let claimed = u32::try_from(count_claimed(txn, now).await?).unwrap_or(u32::MAX);
    let limit = cmp::min(limit, at_once_max.saturating_sub(claimed));
    if limit == 0 {
        return Ok(Vec::new());
    }
    let due = due(txn, now, limit, skip).await?;
    let mut rows = Vec::with_capacity(due.len());
    for call in due {
        // A claim is a secret as well, so each recording has its own: they are few.
        let sql = format!(
            "UPDATE transcriptions SET tries = tries + CASE WHEN claim IS NULL THEN 0 ELSE 1 END, claim = $1, due_at = $2, \
             updated_at = $3 WHERE call_id = $4 RETURNING {}",
            columns()
        );
        let values: [Value; 4] = [Uuid::new_v4().into(), until.into(), now.into(), call.into()];
        let statement = Statement::from_sql_and_values(backend, sql, values);
        rows.extend(Model::find_by_statement(statement).one(txn).await?);
    }
    Ok(rows)
}

async fn due(
    txn: &DatabaseTransaction,
    now: DateTime<Utc>,
    limit: u32,
    skip: &str,
) -> Result<Vec<Uuid>, DbErr> {
    #[derive(FromQueryResult)]
    struct Due {
        call_id: Uuid,
    }
    let sql = format!(
        "SELECT call_id FROM transcriptions WHERE due_at <= $1 ORDER BY due_at LIMIT $2 {skip}"
    );
    let values: [Value; 2] = [now.into(), i64::from(limit).into()];
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    let due = Due::find_by_statement(statement).all(txn).await?;
    Ok(due.into_iter().map(|due| due.call_id).collect())
}

/// Every column that this version knows, by name, as `calls` are read.
fn columns() -> String {
    let names: Vec<String> = Column::iter().map(|column| column.to_string()).collect();
    names.join(", ")
}

/// True as long as `claim` holds `call` at `now`.
///
/// # Errors
/// What the database says.
pub async fn is_claimed(
    db: &impl ConnectionTrait,
    (call, claim): (CallId, Uuid),
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let row = Entity::find_by_id(call.into_uuid()).one(db).await?;
    Ok(row
        .is_some_and(|row| row.claim == Some(claim) && row.due_at.is_some_and(|until| now < until)))
}

/// What is to become of a recording that was not transcribed.
#[derive(Clone, Debug)]
pub struct PutOff {
    /// When it is tried again; `None`: never.
    pub until: Option<DateTime<Utc>>,
    /// Whether the try counts as one.
    pub is_charged: bool,
    /// Why it was in vain.
    pub error: String,
}

/// Ends the claim on a recording that was not transcribed. A claim that somebody else has taken over is left alone.
///
/// # Errors
/// What the database says.
pub async fn put_off(
    db: &impl ConnectionTrait,
    (call, claim): (Uuid, Uuid),
    put_off: PutOff,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let status = if put_off.until.is_some() {
        WAITING
    } else {
        GIVEN_UP
    };
    let tries = i32::from(put_off.is_charged);
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(status))
        .col_expr(Column::DueAt, Expr::value(put_off.until))
        .col_expr(Column::Claim, Expr::value(None::<Uuid>))
        .col_expr(Column::Tries, Expr::col(Column::Tries).add(tries))
        .col_expr(Column::Error, Expr::value(put_off.error))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::CallId.eq(call))
        .filter(Column::Claim.eq(claim))
        .exec(db)
        .await?;
    Ok(())
}

/// Nobody needs to listen to the recordings of `calls` any more, whoever has claimed them.
///
/// # Errors
/// What the database says.
pub async fn finish(
    db: &impl ConnectionTrait,
    calls: impl IntoIterator<Item = CallId>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let ids: Vec<Uuid> = calls.into_iter().map(CallId::into_uuid).collect();
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(DONE))
        .col_expr(Column::DueAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(Column::Claim, Expr::value(None::<Uuid>))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::CallId.is_in(ids))
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets what has been over since before `horizon`, at most `limit`; answers with how many.
///
/// # Errors
/// What the database says.
pub async fn prune(
    db: &impl ConnectionTrait,
    horizon: DateTime<Utc>,
    limit: u64,
) -> Result<u64, DbErr> {
    let old: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::CallId)
        .filter(Column::DueAt.is_null())
        .filter(Column::UpdatedAt.lt(horizon))
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let deleted = Entity::delete_many()
        .filter(Column::CallId.is_in(old))
        .exec(db)
        .await?;
    Ok(deleted.rows_affected)
}
