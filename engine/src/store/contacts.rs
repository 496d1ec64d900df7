//! Contacts, as dialing moves them. The campaign's counters must be locked by whoever changes one.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use domain::{CampaignId, ContactId};
use entity::contact::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult,
    QueryFilter, QueryOrder, QuerySelect, Statement, Value,
};

use super::any_of::any_of;
use super::batch_update::BatchUpdate;
use super::rows_by_key::RowsByKey;

/// A due contact, as far as queueing it goes.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Due {
    /// Which.
    pub id: i64,
    /// Its own zone; empty: none.
    pub timezone: String,
    /// Where it stands: `pending` or `contacted`.
    pub status: String,
    /// Charged calls so far.
    pub attempts: i32,
    /// How often it was queued so far.
    pub ticket: i32,
    /// 0: a callback.
    pub priority: i16,
    /// Since when it is due.
    pub next_attempt_at: DateTime<Utc>,
}

/// Zones in one statement: SQLite allows 500 parts of a union, and each zone takes two.
const ZONES_MAX: usize = 200;

/// Written out, not bound: the index for it is partial, and a plan made for any value cannot prove that it applies.
const IS_WAITING: &str = "status IN ('pending', 'contacted')";

/// The contacts that have been due longest at `now`, callbacks first, over the zones `timezones`; at most `limit`.
///
/// One part per zone and priority, each a walk along its own stretch of the index, whatever the number of contacts.
///
/// # Errors
/// What the database says.
pub async fn due(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    timezones: &[&str],
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Due>, DbErr> {
    let columns = "id, timezone, status, attempts, ticket, priority, next_attempt_at";
    let condition = format!("next_attempt_at <= $2 AND {IS_WAITING}");
    let tail = "ORDER BY next_attempt_at LIMIT $3";
    let mut due = Vec::new();
    for zones in timezones.chunks(ZONES_MAX) {
        let values = vec![
            campaign.into_uuid().into(),
            now.into(),
            i64::from(limit).into(),
        ];
        let (parts, values) = per_zone(columns, zones, (&condition, tail), values);
        let sql = format!(
            "SELECT * FROM ({parts}) AS due ORDER BY priority, next_attempt_at, id LIMIT $3"
        );
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        due.extend(Due::find_by_statement(statement).all(db).await?);
    }
    due.sort_by_key(|due| (due.priority, due.next_attempt_at, due.id));
    due.truncate(limit as usize);
    Ok(due)
}

/// When the next contact of one of the zones falls due, of whatever priority; `None`: none waits for an instant.
///
/// # Errors
/// What the database says.
pub async fn next_due(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    timezones: &[&str],
) -> Result<Option<DateTime<Utc>>, DbErr> {
    #[derive(FromQueryResult)]
    struct Next {
        next_attempt_at: DateTime<Utc>,
    }
    let condition = format!("next_attempt_at IS NOT NULL AND {IS_WAITING}");
    let tail = "ORDER BY next_attempt_at LIMIT 1";
    let mut earliest = None;
    for zones in timezones.chunks(ZONES_MAX) {
        let values = vec![campaign.into_uuid().into()];
        let (parts, values) = per_zone("next_attempt_at", zones, (&condition, tail), values);
        let sql = format!(
            "SELECT next_attempt_at FROM ({parts}) AS due ORDER BY next_attempt_at LIMIT 1"
        );
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let next = Next::find_by_statement(statement)
            .one(db)
            .await?
            .map(|next| next.next_attempt_at);
        earliest = [earliest, next].into_iter().flatten().min();
    }
    Ok(earliest)
}

/// One part of a union per zone and priority; `$1` is the campaign, the zones come after the values there are.
fn per_zone(
    columns: &str,
    timezones: &[&str],
    (condition, tail): (&str, &str),
    mut values: Vec<Value>,
) -> (String, Vec<Value>) {
    let mut parts = Vec::with_capacity(timezones.len() * 2);
    for timezone in timezones {
        values.push((*timezone).into());
        let place = values.len();
        for priority in [0, 1] {
            parts.push(format!(
                "SELECT * FROM (SELECT {columns} FROM contacts WHERE campaign_id = $1 AND priority = {priority} \
                 AND timezone = ${place} AND {condition} {tail}) AS part_{place}_{priority}"
            ));
        }
    }
    (parts.join(" UNION ALL "), values)
}

/// Marks `ids` as queued at `now`, each with its next ticket.
///
/// # Errors
/// What the database says.
pub async fn mark_queued(
    db: &impl ConnectionTrait,
    ids: Vec<i64>,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    if ids.is_empty() {
        return Ok(0);
    }
    let updated = Entity::update_many()
        .col_expr(Column::Status, Expr::value("queued"))
        .col_expr(Column::Ticket, Expr::col(Column::Ticket).add(1))
        .col_expr(Column::QueuedAt, Expr::value(now))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(any_of(db.get_database_backend(), Column::Id, ids))
        .exec(db)
        .await?;
    Ok(updated.rows_affected)
}

static FOUND: RowsByKey<Entity> = RowsByKey::new(Column::Id);
static LOCKED: RowsByKey<Entity> = RowsByKey::locked(Column::Id);

/// Those of `ids` that exist.
///
/// # Errors
/// What the database says.
pub async fn find_all(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = ContactId>,
) -> Result<HashMap<ContactId, Model>, DbErr> {
    by_id(&FOUND, db, ids).await
}

/// Those of `ids` that exist, locked until the transaction ends, in the order of their ids.
///
/// # Errors
/// What the database says.
pub async fn lock_all(
    txn: &DatabaseTransaction,
    ids: impl IntoIterator<Item = ContactId>,
) -> Result<HashMap<ContactId, Model>, DbErr> {
    by_id(&LOCKED, txn, ids).await
}

async fn by_id(
    rows: &RowsByKey<Entity>,
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = ContactId>,
) -> Result<HashMap<ContactId, Model>, DbErr> {
    let ids: BTreeSet<i64> = ids.into_iter().map(ContactId::into_i64).collect();
    let rows = rows.all(db, ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| (ContactId::from_i64(row.id), row))
        .collect())
}

/// What dialing changes of a contact.
static DIALED: LazyLock<BatchUpdate> = LazyLock::new(|| {
    BatchUpdate::new::<Entity>(
        Column::Id,
        [
            Column::Status,
            Column::Priority,
            Column::Attempts,
            Column::CallbackAttempts,
            Column::CallbackRequested,
            Column::QueuedAt,
            Column::NextAttemptAt,
            Column::LastAttemptAt,
            Column::LastOutcome,
            Column::LastError,
            Column::UpdatedAt,
        ],
    )
});

/// Writes what dialing changed of `rows`.
///
/// # Errors
/// What the database says.
pub async fn save_all(
    db: &impl ConnectionTrait,
    rows: impl IntoIterator<Item = &Model>,
) -> Result<u64, DbErr> {
    let rows = rows
        .into_iter()
        .map(|row| {
            vec![
                row.id.into(),
                row.status.clone().into(),
                row.priority.into(),
                row.attempts.into(),
                row.callback_attempts.into(),
                row.callback_requested.into(),
                row.queued_at.into(),
                row.next_attempt_at.into(),
                row.last_attempt_at.into(),
                row.last_outcome.clone().into(),
                row.last_error.clone().into(),
                row.updated_at.into(),
            ]
        })
        .collect();
    DIALED.run(db, rows).await
}

/// Puts a campaign's queued contacts back to where they came from: how many to `pending`, how many to `contacted`.
///
/// # Errors
/// What the database says.
pub async fn return_queued(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    now: DateTime<Utc>,
) -> Result<(u64, u64), DbErr> {
    let pending = return_some(db, campaign, ("pending", Column::Attempts.eq(0)), now).await?;
    let contacted = return_some(db, campaign, ("contacted", Column::Attempts.gt(0)), now).await?;
    Ok((pending, contacted))
}

async fn return_some(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    (status, which): (&str, Expr),
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let updated = Entity::update_many()
        .col_expr(Column::Status, Expr::value(status))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::CampaignId.eq(campaign.into_uuid()))
        .filter(Column::Status.eq("queued"))
        .filter(which)
        .exec(db)
        .await?;
    Ok(updated.rows_affected)
}

/// Cancels up to `limit` contacts of a campaign that ended, of those at `status` that wait for an instant; how many.
///
/// # Errors
/// What the database says.
pub async fn cancel_waiting(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    status: &str,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<u64, DbErr> {
    let ids: Vec<i64> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CampaignId.eq(campaign.into_uuid()))
        .filter(Column::Status.eq(status))
        .filter(Column::NextAttemptAt.is_not_null())
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    if ids.is_empty() {
        return Ok(0);
    }
    let updated = Entity::update_many()
        .col_expr(Column::Status, Expr::value("canceled"))
        .col_expr(
            Column::NextAttemptAt,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.is_in(ids))
        .exec(db)
        .await?;
    Ok(updated.rows_affected)
}

/// Contacts queued before `since`, oldest first, at most `limit`: their jobs may be lost.
///
/// # Errors
/// What the database says.
pub async fn queued_before(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::QueuedAt.lt(since))
        .filter(Expr::cust("status = 'queued'"))
        .order_by_asc(Column::QueuedAt)
        .limit(limit)
        .all(db)
        .await
}

/// Notes that the jobs of those of `ids` that are still queued are pushed again at `now`, and answers with these.
///
/// # Errors
/// What the database says.
pub async fn touch_queued(
    db: &impl ConnectionTrait,
    ids: Vec<i64>,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    Entity::update_many()
        .col_expr(Column::QueuedAt, Expr::value(now))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::Status.eq("queued"))
        .exec(db)
        .await?;
    Entity::find()
        .filter(Column::Id.is_in(ids))
        .filter(Column::Status.eq("queued"))
        .all(db)
        .await
}
