//! The table `kept_webhooks`.

use sea_orm::entity::prelude::*;

/// A webhook that was answered, and whose news are not in the books yet: a moment later there is no such row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "kept_webhooks")]
pub struct Model {
    /// Grows with time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Which call it spoke of.
    pub call_id: Uuid,
    /// When it was kept.
    pub kept_at: DateTimeUtc,
    /// What it said, and what makes a repetition of it one: JSON, as the engine reads it.
    pub told: String,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
