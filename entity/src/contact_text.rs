//! The table `contact_texts`. On Postgres only.

use sea_orm::entity::prelude::*;

/// What a contact is searched by.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_texts")]
pub struct Model {
    /// Whose contact it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub campaign_id: Uuid,
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: i64,
    /// Names, e-mail and number, a line each, in small letters.
    pub text: String,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
