//! Who decides about calls to an owner's people: one at a time, whatever the campaign.

use std::collections::BTreeSet;

use domain::UserId;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, Value};

/// Sets apart from other locks of this kind: the letters `dial`.
const KIND: i32 = 0x6469_616C;
/// Into how many classes owners fall. Postgres keeps all these locks in one table, so a batch must not need many.
const CLASSES: u128 = 64;

/// Waits until nobody else decides whether to call people of `owners`, and keeps it so until the transaction ends: what is
/// read from then on of calls that are not over is the truth until the commit.
///
/// One statement. To be taken before the counters of campaigns, never after. Owners fall into 64 classes; two of one class
/// wait for each other, as two campaigns of one owner do. SQLite has one writer, who is alone anyway.
///
/// # Errors
/// What the database says.
pub async fn decide_alone(
    txn: &DatabaseTransaction,
    owners: impl IntoIterator<Item = UserId>,
) -> Result<(), DbErr> {
    let classes: BTreeSet<i32> = owners.into_iter().map(class_of).collect();
    if classes.is_empty() || txn.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    // In one order for all, so that nobody waits in a circle.
    let places: Vec<String> = (1..=classes.len())
        .map(|place| format!("(${place}::INTEGER)"))
        .collect();
    let sql = format!(
        "SELECT pg_advisory_xact_lock({KIND}, class) FROM (VALUES {}) AS classes (class)",
        places.join(", ")
    );
    let values: Vec<Value> = classes.into_iter().map(Value::from).collect();
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    txn.execute_raw(statement).await.map(drop)
}

/// Waits, in a transaction of its own, until no decision to call people of `owner` is under way that was begun without what
/// is committed by now: whoever holds the lock of [`decide_alone`] meanwhile is done once it was had, and whoever gets it
/// later knows.
///
/// # Errors
/// What the database says; what was committed stays so, and holds for every later decision.
pub async fn outwait_decisions(txn: DatabaseTransaction, owner: UserId) -> Result<(), DbErr> {
    decide_alone(&txn, [owner]).await?;
    txn.commit().await
}

/// The random digits of the id are its last.
fn class_of(owner: UserId) -> i32 {
    i32::try_from(owner.into_uuid().as_u128() % CLASSES).unwrap_or_default()
}
