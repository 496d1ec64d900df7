//! The table `transcriptions`.

use sea_orm::entity::prelude::*;

/// A recording that is to be listened to, or was.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "transcriptions")]
pub struct Model {
    /// Of which call.
    #[sea_orm(primary_key, auto_increment = false)]
    pub call_id: Uuid,
    /// `waiting`, `done` or `given_up`.
    pub status: String,
    /// When it is to be listened to; as long as it is claimed: until when. None: never again.
    pub due_at: Option<DateTimeUtc>,
    /// The claim of whoever has it listened to; none: nobody.
    pub claim: Option<Uuid>,
    /// How often it was tried in vain.
    pub tries: i32,
    /// Why the last try was in vain.
    pub error: Option<String>,
    /// When it was found that nobody else writes down what was said.
    pub created_at: DateTimeUtc,
    /// When the row last changed.
    pub updated_at: DateTimeUtc,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
