//! The table `contact_texts_due`, written by triggers of `contacts`. On Postgres only.

use sea_orm::entity::prelude::*;

/// Contacts of a campaign that `contact_texts` does not know yet as they are.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_texts_due")]
pub struct Model {
    /// In the order in which they were noted, nearly.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Whose contacts they are.
    pub campaign_id: Uuid,
    /// Those after this one,
    pub after_id: i64,
    /// up to this one.
    pub until_id: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
