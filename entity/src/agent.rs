//! The table `agents`.

use sea_orm::entity::prelude::*;

/// A voice agent that a provider offers us, as last fetched.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "agents")]
pub struct Model {
    /// The provider's id of the agent.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Which provider.
    pub provider: String,
    /// Its name.
    pub name: String,
    /// What else it is called.
    pub label: Option<String>,
    /// What else the provider said.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub details: Option<Json>,
    /// When we last saw it there.
    pub fetched_at: DateTimeUtc,
    /// Since when its provider does not offer it any more.
    pub vanished_at: Option<DateTimeUtc>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
