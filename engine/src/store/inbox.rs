//! Webhooks taken in, each once.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::CallId;
use entity::webhook::{Column, Entity};
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::padded::padded;

/// A webhook, as far as taking it in once goes.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Provider, call, event, sequence: the same for a repetition.
    pub key: String,
    /// Who sent it.
    pub provider: &'static str,
    /// What it was.
    pub kind: &'static str,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// Takes in `receipts` and answers with the keys that were not there before.
///
/// The counter locks of the calls they speak of must be held, so that nobody else takes in the same ones meanwhile.
///
/// # Errors
/// What the database says.
pub async fn take_in(
    db: &impl ConnectionTrait,
    receipts: &[(CallId, Receipt)],
) -> Result<HashSet<String>, DbErr> {
    let keys: HashSet<String> = receipts
        .iter()
        .map(|(_, receipt)| receipt.key.clone())
        .collect();
    if keys.is_empty() {
        return Ok(keys);
    }
    let mut unseen = keys;
    let rows: Vec<_> = receipts
        .iter()
        .filter(|(_, receipt)| unseen.remove(&receipt.key))
        .collect();
    let mut insert = Query::insert();
    insert
        .into_table(Entity)
        .columns([
            Column::EventKey,
            Column::Provider,
            Column::Kind,
            Column::CallId,
            Column::ReceivedAt,
        ])
        .on_conflict(OnConflict::column(Column::EventKey).do_nothing().to_owned())
        .returning_col(Column::EventKey);
    for (call, receipt) in padded(rows) {
        let row: [Expr; 5] = [
            receipt.key.clone().into(),
            receipt.provider.into(),
            receipt.kind.into(),
            call.into_uuid().into(),
            receipt.received_at.into(),
        ];
        insert
            .values(row)
            .map_err(|error| DbErr::Custom(error.to_string()))?;
    }
    let fresh = db.query_all(&insert).await?;
    fresh
        .iter()
        .map(|row| row.try_get("", "event_key"))
        .collect()
}

/// Forgets receipts from before `horizon`, at most `limit`; answers with how many.
///
/// # Errors
/// What the database says.
pub async fn prune(
    db: &impl ConnectionTrait,
    horizon: DateTime<Utc>,
    limit: u64,
) -> Result<u64, DbErr> {
    let old: Vec<String> = Entity::find()
        .select_only()
        .column(Column::EventKey)
        .filter(Column::ReceivedAt.lt(horizon))
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let deleted = Entity::delete_many()
        .filter(Column::EventKey.is_in(old))
        .exec(db)
        .await?;
    Ok(deleted.rows_affected)
}
