//! The voice agents that providers offer.

use entity::agent::{Entity, Model};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};

/// The agent that its provider calls `id`.
///
/// # Errors
/// What the database says.
pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id.to_owned()).one(db).await
}
