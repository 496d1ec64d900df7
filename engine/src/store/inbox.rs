//! Webhooks taken in, each once.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use domain::CallId;
use entity::webhook::{Column, Entity};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect,
};
use serde::{Deserialize, Serialize};

use super::batch_insert::BatchInsert;

/// A webhook, as far as taking it in once goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Provider, call, event, sequence: the same for a repetition.
    pub key: String,
    /// Who sent it.
    pub provider: Cow<'static, str>,
    /// What it was.
    pub kind: Cow<'static, str>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

static RECEIPTS: LazyLock<BatchInsert> = LazyLock::new(|| {
    BatchInsert::new::<Entity>(
        [
            Column::EventKey,
            Column::Provider,
            Column::Kind,
            Column::CallId,
            Column::ReceivedAt,
        ],
        "ON CONFLICT (event_key) DO NOTHING RETURNING event_key",
    )
});

/// Takes in `receipts` and answers with the keys that were not there before.
///
/// Whoever offers one of them meanwhile waits for the transaction's end. To be taken in before anything else is locked, so
/// that nobody waits in a circle: they are written in the order of their keys.
///
/// # Errors
/// What the database says.
pub async fn take_in(
    txn: &DatabaseTransaction,
    mut receipts: Vec<(CallId, Receipt)>,
) -> Result<HashSet<String>, DbErr> {
    if receipts.is_empty() {
        return Ok(HashSet::new());
    }
    receipts.sort_by(|(_, a), (_, b)| a.key.cmp(&b.key));
    receipts.dedup_by(|(_, a), (_, b)| a.key == b.key);
    let rows = receipts.into_iter().map(|(call, receipt)| {
        vec![
            receipt.key.into(),
            receipt.provider.into_owned().into(),
            receipt.kind.into_owned().into(),
            call.into_uuid().into(),
            receipt.received_at.into(),
        ]
    });
    let insert = RECEIPTS.statement(txn.get_database_backend(), rows.collect())?;
    let fresh = txn.query_all_raw(insert).await?;
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
