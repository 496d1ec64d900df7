//! The table `campaign_events`.

use sea_orm::entity::prelude::*;

/// Something that happened to a campaign. Only ever added.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_events")]
pub struct Model {
    /// Key, in the order of happening.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Whose.
    pub campaign_id: Uuid,
    /// What happened: `create`, `start`, `pause`, …
    pub kind: String,
    /// Status before.
    pub from_status: Option<String>,
    /// Status after.
    pub to_status: Option<String>,
    /// Why, in words.
    pub reason: Option<String>,
    /// Who did it; none: the system.
    pub actor_id: Option<Uuid>,
    /// When.
    pub created_at: DateTimeUtc,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
