//! The table `webhook_inbox`.

use sea_orm::entity::prelude::*;

/// A webhook that was taken in: what makes a repetition a repetition.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_inbox")]
pub struct Model {
    /// Provider, call, event, sequence.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_key: String,
    /// Who sent it.
    pub provider: String,
    /// What it was.
    pub kind: String,
    /// Which call it spoke of, where that is known.
    pub call_id: Option<Uuid>,
    /// When it came.
    pub received_at: DateTimeUtc,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
