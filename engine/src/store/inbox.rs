//! Webhooks taken in, each once.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::CallId;
use entity::webhook::{ActiveModel, Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Set};

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
    let known: Vec<String> = Entity::find()
        .select_only()
        .column(Column::EventKey)
        .filter(Column::EventKey.is_in(padded(keys.iter().map(String::as_str))))
        .into_tuple()
        .all(db)
        .await?;
    let mut fresh = keys;
    for key in &known {
        fresh.remove(key);
    }
    let mut unseen = fresh.clone();
    let rows: Vec<ActiveModel> = receipts
        .iter()
        .filter(|(_, receipt)| unseen.remove(&receipt.key))
        .map(|(call, receipt)| ActiveModel {
            event_key: Set(receipt.key.clone()),
            provider: Set(receipt.provider.to_owned()),
            kind: Set(receipt.kind.to_owned()),
            call_id: Set(Some(call.into_uuid())),
            received_at: Set(receipt.received_at),
        })
        .collect();
    if !rows.is_empty() {
        Entity::insert_many(rows)
            .on_conflict(OnConflict::column(Column::EventKey).do_nothing().to_owned())
            .exec_without_returning(db)
            .await?;
    }
    Ok(fresh)
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
