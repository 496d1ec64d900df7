//! API keys, by the hash of their token.

use chrono::{DateTime, Utc};
use entity::api_key::{Column, Entity, Model};
use entity::user;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder,
};
use uuid::Uuid;

/// The key with this hash, revoked or not.
///
/// # Errors
/// What the database says.
pub async fn find_by_hash(
    db: &impl ConnectionTrait,
    token_sha256: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::TokenSha256.eq(token_sha256))
        .one(db)
        .await
}

/// The user for whom the key with this hash stands; `None` where there is no such key, or it was revoked.
///
/// # Errors
/// What the database says.
pub async fn find_holder(
    db: &impl ConnectionTrait,
    token_sha256: &str,
) -> Result<Option<user::Model>, DbErr> {
    let Some(key) = find_by_hash(db, token_sha256).await? else {
        return Ok(None);
    };
    if key.revoked_at.is_some() {
        return Ok(None);
    }
    user::Entity::find_by_id(key.user_id).one(db).await
}

/// Any key called `name`, the oldest first, revoked or not.
///
/// # Errors
/// What the database says.
pub async fn find_by_name(db: &impl ConnectionTrait, name: &str) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Name.eq(name))
        .order_by_asc(Column::CreatedAt)
        .one(db)
        .await
}

/// Adds a key; false where there is one for the same token already.
///
/// # Errors
/// What the database says.
pub async fn insert(db: &impl ConnectionTrait, key: Model) -> Result<bool, DbErr> {
    let row = key.into_active_model().reset_all();
    let inserted = Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::TokenSha256)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(inserted == 1)
}

/// From `now` on the key opens nothing; false where there is none that did.
///
/// # Errors
/// What the database says.
pub async fn revoke(
    db: &impl ConnectionTrait,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let revoked = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(revoked.rows_affected == 1)
}

/// Of the keys called `name`, only the one with this hash opens anything from `now` on.
///
/// # Errors
/// What the database says.
pub async fn keep_only(
    db: &impl ConnectionTrait,
    name: &str,
    token_sha256: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(Column::Name.eq(name))
        .filter(Column::TokenSha256.ne(token_sha256))
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::cust("NULL"))
        .filter(Column::TokenSha256.eq(token_sha256))
        .exec(db)
        .await?;
    Ok(())
}
