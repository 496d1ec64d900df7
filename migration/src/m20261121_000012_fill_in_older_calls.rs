//! Fills in what versions before `m20261121_000006_learn_in_calls` left in conversations alone: the wishes of the people
//! called, and that a call that was handed on was taken.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::Uuid;
use sea_orm_migration::sea_orm::{DbBackend, QueryResult, Statement, TransactionTrait, Value};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Calls in one statement.
const CALLS_MAX: u32 = 10_000;

/// Older versions counted no transfer as taken; by quarter, campaign and owner, those that still are not. In front of
/// [`TRANSFERS`], which marks them as counted.
const SUMS: &str = "UPDATE call_rollups SET transfers_completed = transfers_completed + older.taken \
    FROM (SELECT COALESCE(campaign_id, {nil}) AS campaign_key, {bucket} AS quarter, owner_id AS owner_key, \
    COUNT(*) AS taken FROM calls WHERE is_transferred AND transfer_status IS NULL AND {some} GROUP BY 1, 2, 3) AS older \
    WHERE call_rollups.campaign_id = older.campaign_key AND call_rollups.bucket = older.quarter \
    AND call_rollups.owner_id = older.owner_key";

const TRANSFERS: &str = "UPDATE calls SET transfer_status = 'completed' \
    WHERE is_transferred AND transfer_status IS NULL AND {some}";

const WISHES: &str = "UPDATE calls SET callback_requested = calls.callback_requested OR said.callback_requested, \
    callback_at = COALESCE(calls.callback_at, said.callback_at), do_not_call = calls.do_not_call OR said.do_not_call \
    FROM conversations AS said WHERE said.call_id = calls.id AND (said.callback_requested AND NOT calls.callback_requested \
    OR said.do_not_call AND NOT calls.do_not_call) AND {some}";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A transaction for each batch: whoever changes a call waits for its batch, not for all of history. What is filled in
    /// is not filled in again, so a step that dies half-way is taken again.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    /// From one id to the next, so many calls at a time.
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        let backend = db.get_database_backend();
        let last_of = format!(
            "SELECT id FROM (SELECT id FROM calls WHERE id > $1 ORDER BY id LIMIT {CALLS_MAX}) AS next_calls \
             ORDER BY id DESC LIMIT 1"
        );
        // Below every id; as the database keeps it.
        let nil = Statement::from_string(backend, format!("SELECT {} AS id", nil(backend)));
        let mut after: Option<Value> = id(db.query_one_raw(nil).await?)?;
        while let Some(first) = after {
            let next = Statement::from_sql_and_values(backend, &last_of, [first.clone()]);
            after = id(db.query_one_raw(next).await?)?;
            let Some(last) = &after else { break };
            let txn = db.begin().await?;
            for sql in [SUMS, TRANSFERS, WISHES] {
                let values = [first.clone(), last.clone()];
                let statement =
                    Statement::from_sql_and_values(backend, written_out(backend, sql), values);
                txn.execute_raw(statement).await?;
            }
            txn.commit().await?;
        }
        Ok(())
    }

    /// What is filled in stays: it is true, and older versions do not look at it.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}

fn id(row: Option<QueryResult>) -> Result<Option<Value>, DbErr> {
    row.map(|row| row.try_get::<Uuid>("", "id").map(Value::from))
        .transpose()
}

fn nil(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres {
        "CAST('00000000-0000-0000-0000-000000000000' AS UUID)"
    } else {
        "X'00000000000000000000000000000000'"
    }
}

fn written_out(backend: DbBackend, sql: &str) -> String {
    let bucket = if backend == DbBackend::Postgres {
        "TO_TIMESTAMP(FLOOR(EXTRACT(EPOCH FROM begun_at) / 900) * 900)"
    } else {
        "STRFTIME('%Y-%m-%dT%H:%M:%S+00:00', STRFTIME('%s', begun_at) / 900 * 900, 'unixepoch')"
    };
    sql.replace("{nil}", nil(backend))
        .replace("{bucket}", bucket)
        .replace("{some}", "calls.id > $1 AND calls.id <= $2")
}
