//! Webhooks that were answered, and whose news are not in the books yet.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use domain::CallId;
use entity::kept_webhook::{Column, Entity};
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::any_of::any_of;
use super::batch_insert::BatchInsert;

/// A webhook that is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Under which key.
    pub id: Uuid,
    /// Which call it spoke of.
    pub call: CallId,
    /// When it was kept.
    pub at: DateTime<Utc>,
    /// What it told, as whoever kept it wrote it down.
    pub told: String,
}

static ROWS: LazyLock<BatchInsert> = LazyLock::new(|| {
    let columns = [Column::Id, Column::CallId, Column::KeptAt, Column::Told];
    BatchInsert::new::<Entity>(columns, "")
});

/// Keeps `webhooks`, all or none of them.
///
/// # Errors
/// What the database says, also of one that is kept already.
pub async fn keep(db: &impl ConnectionTrait, webhooks: &[Kept]) -> Result<(), DbErr> {
    if webhooks.is_empty() {
        return Ok(());
    }
    let row = |kept: &Kept| {
        vec![
            kept.id.into(),
            kept.call.into_uuid().into(),
            kept.at.into(),
            kept.told.clone().into(),
        ]
    };
    let rows = webhooks.iter().map(row).collect();
    let insert = ROWS.statement(db.get_database_backend(), rows)?;
    db.execute_raw(insert).await?;
    Ok(())
}

/// Forgets those of `ids` that are kept: what they told is in the books with `txn`.
///
/// # Errors
/// What the database says.
pub async fn forget(txn: &DatabaseTransaction, ids: Vec<Uuid>) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    Entity::delete_many()
        .filter(any_of(txn.get_database_backend(), Column::Id, ids))
        .exec(txn)
        .await?;
    Ok(())
}

/// The oldest that have been kept since before `horizon`, under keys beyond `after`, at most `limit`. Those that somebody just
/// takes in are left out.
///
/// # Errors
/// What the database says.
pub async fn left_behind(
    db: &impl ConnectionTrait,
    horizon: DateTime<Utc>,
    after: Uuid,
    limit: u64,
) -> Result<Vec<Kept>, DbErr> {
    let left = Entity::find()
        .filter(Column::Id.gt(after))
        .filter(Column::KeptAt.lt(horizon))
        .order_by_asc(Column::Id)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(db)
        .await?;
    Ok(left
        .into_iter()
        .map(|row| Kept {
            id: row.id,
            call: CallId::from_uuid(row.call_id),
            at: row.kept_at,
            told: row.told,
        })
        .collect())
}
