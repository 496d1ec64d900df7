//! The table `api_keys`.

use sea_orm::entity::prelude::*;

/// A token that stands for a user; only its hash is kept.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whom it stands for.
    pub user_id: Uuid,
    /// What the user calls it.
    pub name: String,
    /// SHA-256 of the token, lower-case hex; unique.
    pub token_sha256: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Since when it opens nothing.
    pub revoked_at: Option<DateTimeUtc>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
