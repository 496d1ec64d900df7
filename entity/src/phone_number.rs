//! The table `phone_numbers`.

use sea_orm::entity::prelude::*;

/// A caller number that a carrier offers us, as last fetched.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "phone_numbers")]
pub struct Model {
    /// The carrier's id of the number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Which carrier.
    pub provider: String,
    /// E.164.
    pub number: String,
    /// What the carrier calls it.
    pub label: Option<String>,
    /// What else the carrier said.
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
