//! The rows that a recount compares: calls, and the sums they are in.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{call, call_detail_rollup, call_rollup};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::call_log::{Key, is_after};
use super::rollups::{BUCKET_MINUTES, Rollups};

/// Calls that are read at once.
const CALLS_MAX: usize = 1_000;
/// Sets this lock apart from others of its kind: the letters `sums`.
const RECOUNTING: i64 = 0x7375_6D73;

/// The sums of one quarter as they stand.
#[derive(Debug, Default)]
pub struct Known {
    /// All calls of a campaign in one row.
    pub all: Vec<call_rollup::Model>,
    /// Calls that are alike.
    pub details: Vec<call_detail_rollup::Model>,
}

/// Makes sure that nobody else recounts until the transaction ends. Calls are counted meanwhile as always; on SQLite they
/// wait, as there is one writer.
///
/// # Errors
/// What the database says, also where somebody else recounts for longer than a lock is waited for.
pub async fn recount_alone(txn: &DatabaseTransaction) -> Result<(), DbErr> {
    if txn.get_database_backend() != DbBackend::Postgres {
        // Whoever writes first is the writer: what is read from here on stays true.
        let nothing = "UPDATE call_rollups SET calls = calls WHERE FALSE";
        return txn.execute_unprepared(nothing).await.map(drop);
    }
    // While this transaction only holds its lock, the calls are read by another one.
    let patience = "SET LOCAL idle_in_transaction_session_timeout = '10min'";
    txn.execute_unprepared(patience).await?;
    let lock = format!("SELECT pg_advisory_xact_lock({RECOUNTING})");
    txn.execute_unprepared(&lock).await.map(drop)
}

/// What the calls that were begun in the quarter of `bucket` come to, read page by page. Pages agree with each other only
/// where nothing changes in between, as in a snapshot.
///
/// # Errors
/// What the database says.
pub async fn count_calls(
    db: &impl ConnectionTrait,
    bucket: DateTime<Utc>,
) -> Result<Rollups, DbErr> {
    let until = bucket + TimeDelta::minutes(BUCKET_MINUTES);
    let mut counted = Rollups::default();
    let mut last: Option<Key> = None;
    loop {
        let calls = call::Entity::find()
            .filter(call::Column::BegunAt.gte(bucket))
            .filter(call::Column::BegunAt.lt(until))
            .filter(Condition::all().add_option(last.map(is_after)))
            .order_by_asc(call::Column::BegunAt)
            .order_by_asc(call::Column::Id)
            .limit(CALLS_MAX as u64)
            .all(db)
            .await?;
        // An instant that somebody typed into SQLite may be a text that comes after itself.
        let is_new = |call: &&call::Model| last.is_none_or(|last| Key::of(call) > last);
        let mut end = last;
        for call in calls.iter().filter(is_new) {
            counted.count(call);
            end = Some(Key::of(call));
        }
        if calls.len() < CALLS_MAX {
            return Ok(counted);
        }
        if end == last {
            let message = format!(
                "no calls come after those of {last:?}: is an instant written in another way?"
            );
            return Err(DbErr::Custom(message));
        }
        last = end;
    }
}

/// The sums of the quarter of `bucket`.
///
/// # Errors
/// What the database says.
pub async fn of_quarter(db: &impl ConnectionTrait, bucket: DateTime<Utc>) -> Result<Known, DbErr> {
    let all = call_rollup::Entity::find().filter(call_rollup::Column::Bucket.eq(bucket));
    Ok(Known {
        all: all.all(db).await?,
        details: details(db, bucket, BUCKET_MINUTES).await?,
    })
}

/// The sums in detail of the `span_m` minutes from `bucket` on: of a quarter, or of a day. Prices and everything else have
/// an index each.
///
/// # Errors
/// What the database says.
pub async fn details(
    db: &impl ConnectionTrait,
    bucket: DateTime<Utc>,
    span_m: i64,
) -> Result<Vec<call_detail_rollup::Model>, DbErr> {
    use call_detail_rollup::{Column, Entity};
    let mut rows = Vec::new();
    for is_price in ["price_unit = ''", "price_unit <> ''"] {
        let found = Entity::find()
            .filter(Column::SpanM.eq(span_m))
            .filter(Column::Bucket.eq(bucket))
            .filter(sea_orm::sea_query::Expr::cust(is_price));
        rows.extend(found.all(db).await?);
    }
    Ok(rows)
}
