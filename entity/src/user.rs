//! The table `users`.

use sea_orm::entity::prelude::*;

/// Somebody who owns campaigns.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The `sub` of the dashboard's token, where the user came in through one; unique.
    pub subject: Option<String>,
    /// What to call the user.
    pub name: String,
    /// Where to write to.
    pub email: Option<String>,
    /// The e-mail in lower case, where the user was made through the API; unique.
    pub email_key: Option<String>,
    /// `admin` or `user`.
    pub role: String,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
