//! API keys, by the hash of their token.

use chrono::{DateTime, Utc};
use domain::{ApiKeyId, UserId};
use entity::api_key::{Column, Entity, Model};
use entity::user;
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationDef,
};
use uuid::Uuid;

use crate::page::Page;

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

/// What the holders of the keys with these hashes may do, by hash; keys that were revoked, or never made, are left out.
///
/// # Errors
/// What the database says.
pub async fn roles(
    db: &impl ConnectionTrait,
    hashes: &[&str],
) -> Result<Vec<(String, String)>, DbErr> {
    let holder: RelationDef = Entity::belongs_to(user::Entity)
        .from(Column::UserId)
        .to(user::Column::Id)
        .into();
    Entity::find()
        .select_only()
        .column(Column::TokenSha256)
        .column(user::Column::Role)
        .join(JoinType::InnerJoin, holder)
        .filter(Column::TokenSha256.is_in(hashes.iter().copied()))
        .filter(Column::RevokedAt.is_null())
        .into_tuple()
        .all(db)
        .await
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

/// One page of the user's keys in the order in which they were made, revoked or not, and how many there are.
///
/// # Errors
/// What the database says.
pub async fn list(
    db: &impl ConnectionTrait,
    user: UserId,
    page: Page,
) -> Result<(Vec<Model>, u64), DbErr> {
    let of_user = Entity::find().filter(Column::UserId.eq(user.into_uuid()));
    let total = of_user.clone().count(db).await?;
    let rows = of_user
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .offset(page.offset())
        .limit(u64::from(page.size))
        .all(db)
        .await?;
    Ok((rows, total))
}

/// How many keys open something for the user.
///
/// # Errors
/// What the database says.
pub async fn count_open(db: &impl ConnectionTrait, user: UserId) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user.into_uuid()))
        .filter(Column::RevokedAt.is_null())
        .count(db)
        .await
}

/// The user's key, if it opens anything.
///
/// # Errors
/// What the database says.
pub async fn find_open(
    db: &impl ConnectionTrait,
    user: UserId,
    id: ApiKeyId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id.into_uuid())
        .filter(Column::UserId.eq(user.into_uuid()))
        .filter(Column::RevokedAt.is_null())
        .one(db)
        .await
}

/// The keys that let administrators in, locked until the transaction ends, so that of two who take back the last two one
/// sees what the other did.
///
/// # Errors
/// What the database says.
pub async fn lock_of_administrators(txn: &DatabaseTransaction) -> Result<Vec<ApiKeyId>, DbErr> {
    let administrators = Query::select()
        .column(user::Column::Id)
        .from(user::Entity)
        .and_where(user::Column::Role.eq("admin"))
        .to_owned();
    let rows = Entity::find()
        .filter(Column::UserId.in_subquery(administrators))
        .filter(Column::RevokedAt.is_null())
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(txn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| ApiKeyId::from_uuid(row.id))
        .collect())
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
