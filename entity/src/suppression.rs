//! The table `suppressions`.

use sea_orm::entity::prelude::*;

/// A number that its owner must not call.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "suppressions")]
pub struct Model {
    /// Key; grows with time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose list.
    pub owner_id: Uuid,
    /// E.164; unique per owner.
    pub phone_number: String,
    /// How it came there: `conversation`, `api` or `import`.
    pub source: String,
    /// Why.
    pub reason: Option<String>,
    /// The user who added it by hand; `None`: nobody did, or nobody took note.
    pub added_by: Option<Uuid>,
    /// Since when.
    pub created_at: DateTimeUtc,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
