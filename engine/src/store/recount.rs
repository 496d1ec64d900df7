//! What a campaign's rows come to: what its counters should say.

use entity::campaign_counters::Model;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, Statement};

#[derive(FromQueryResult)]
struct Contacts {
    total: i64,
    pending: i64,
    queued: i64,
    calling: i64,
    contacted: i64,
    completed: i64,
    failed: i64,
    do_not_call: i64,
    canceled: i64,
    reached: i64,
    callbacks: i64,
}

#[derive(FromQueryResult)]
struct Calls {
    live: i64,
    placed: i64,
    completed: i64,
    failed: i64,
    busy: i64,
    no_answer: i64,
    voicemail: i64,
    successful: i64,
    transfers: i64,
}

const COUNT_CONTACTS: &str = "SELECT COUNT(*) AS total, \
    COUNT(CASE WHEN status = 'pending' THEN 1 END) AS pending, \
    COUNT(CASE WHEN status = 'queued' THEN 1 END) AS queued, \
    COUNT(CASE WHEN status = 'calling' THEN 1 END) AS calling, \
    COUNT(CASE WHEN status = 'contacted' THEN 1 END) AS contacted, \
    COUNT(CASE WHEN status = 'completed' THEN 1 END) AS completed, \
    COUNT(CASE WHEN status = 'failed' THEN 1 END) AS failed, \
    COUNT(CASE WHEN status = 'do_not_call' THEN 1 END) AS do_not_call, \
    COUNT(CASE WHEN status = 'canceled' THEN 1 END) AS canceled, \
    COUNT(CASE WHEN attempts > 0 THEN 1 END) AS reached, \
    COUNT(CASE WHEN callback_requested THEN 1 END) AS callbacks \
    FROM contacts WHERE campaign_id = $1";

const COUNT_CALLS: &str = "SELECT \
    COUNT(CASE WHEN settled_at IS NULL THEN 1 END) AS live, \
    COUNT(placed_at) AS placed, \
    COUNT(CASE WHEN placed_at IS NOT NULL AND settled_at IS NOT NULL AND ending = 'completed' THEN 1 END) AS completed, \
    COUNT(CASE WHEN placed_at IS NOT NULL AND settled_at IS NOT NULL \
          AND ending IN ('failed', 'canceled', 'rejected', 'lost') THEN 1 END) AS failed, \
    COUNT(CASE WHEN placed_at IS NOT NULL AND settled_at IS NOT NULL AND ending = 'busy' THEN 1 END) AS busy, \
    COUNT(CASE WHEN placed_at IS NOT NULL AND settled_at IS NOT NULL AND ending = 'no_answer' THEN 1 END) AS no_answer, \
    COUNT(CASE WHEN placed_at IS NOT NULL AND settled_at IS NOT NULL AND outcome = 'voicemail' THEN 1 END) AS voicemail, \
    COUNT(CASE WHEN is_successful THEN 1 END) AS successful, \
    COUNT(CASE WHEN is_transferred THEN 1 END) AS transfers \
    FROM calls WHERE campaign_id = $1";

/// The counters `known`, as the rows say they should be. Only under the campaign's lock is that the truth.
///
/// # Errors
/// What the database says.
pub async fn count(txn: &DatabaseTransaction, known: &Model) -> Result<Model, DbErr> {
    let contacts: Option<Contacts> = one(txn, COUNT_CONTACTS, known).await?;
    let calls: Option<Calls> = one(txn, COUNT_CALLS, known).await?;
    let (Some(contacts), Some(calls)) = (contacts, calls) else {
        return Ok(known.clone());
    };
    let int = |count: i64| i32::try_from(count).map_err(|error| DbErr::Type(error.to_string()));
    Ok(Model {
        campaign_id: known.campaign_id,
        wake_at: known.wake_at,
        total: int(contacts.total)?,
        pending: int(contacts.pending)?,
        queued: int(contacts.queued)?,
        calling: int(contacts.calling)?,
        contacted: int(contacts.contacted)?,
        completed: int(contacts.completed)?,
        failed: int(contacts.failed)?,
        do_not_call: int(contacts.do_not_call)?,
        canceled: int(contacts.canceled)?,
        reached: int(contacts.reached)?,
        callbacks: int(contacts.callbacks)?,
        live: int(calls.live)?,
        calls_placed: int(calls.placed)?,
        calls_completed: int(calls.completed)?,
        calls_failed: int(calls.failed)?,
        calls_busy: int(calls.busy)?,
        calls_no_answer: int(calls.no_answer)?,
        calls_voicemail: int(calls.voicemail)?,
        calls_successful: int(calls.successful)?,
        transfers: int(calls.transfers)?,
    })
}

async fn one<T: FromQueryResult>(
    txn: &DatabaseTransaction,
    sql: &str,
    known: &Model,
) -> Result<Option<T>, DbErr> {
    let statement =
        Statement::from_sql_and_values(txn.get_database_backend(), sql, [known.campaign_id.into()]);
    T::find_by_statement(statement).one(txn).await
}
