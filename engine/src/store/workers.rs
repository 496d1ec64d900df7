//! The workers alive.

use chrono::{DateTime, Utc};
use entity::worker::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder,
};

/// Writes that `worker` is alive, and how its transcriptions go; adds its row where there is none (its first sign, or one after it was believed gone).
///
/// # Errors
/// What the database says.
pub async fn heartbeat(db: &impl ConnectionTrait, worker: Model) -> Result<(), DbErr> {
    let row: ActiveModel = worker.into_active_model().reset_all();
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::Id)
                .update_columns([
                    Column::HeartbeatAt,
                    Column::Transcribing,
                    Column::TranscribingMax,
                    Column::TranscriberStatus,
                ])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// How many workers gave a sign of life since `since`.
///
/// # Errors
/// What the database says.
pub async fn count_alive(db: &impl ConnectionTrait, since: DateTime<Utc>) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::HeartbeatAt.gte(since))
        .count(db)
        .await
}

/// The workers that gave a sign of life since `since`, oldest first.
///
/// # Errors
/// What the database says.
pub async fn list_alive(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::HeartbeatAt.gte(since))
        .order_by_asc(Column::StartedAt)
        .all(db)
        .await
}

/// Takes `worker` off the list.
///
/// # Errors
/// What the database says.
pub async fn remove(db: &impl ConnectionTrait, worker: &str) -> Result<(), DbErr> {
    Entity::delete_by_id(worker.to_owned()).exec(db).await?;
    Ok(())
}

/// Takes workers off the list that have been silent since before `horizon`; answers with how many.
///
/// # Errors
/// What the database says.
pub async fn remove_silent(
    db: &impl ConnectionTrait,
    horizon: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let gone = Entity::delete_many()
        .filter(Column::HeartbeatAt.lt(horizon))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}
