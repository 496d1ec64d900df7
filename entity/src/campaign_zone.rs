//! The table `campaign_zones`.

use sea_orm::entity::prelude::*;

/// A zone that occurs among a campaign's contacts.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_zones")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub campaign_id: Uuid,
    /// IANA name; empty: contacts without a zone of their own.
    #[sea_orm(primary_key, auto_increment = false)]
    pub timezone: String,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
