//! Numbers and names of contacts, and nothing else of them.

use domain::CampaignId;
use entity::contact::{Column, Entity};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

/// Who has a number.
#[derive(Clone, PartialEq, Eq, FromQueryResult)]
pub struct NamedNumber {
    /// The contact's key.
    pub id: i64,
    /// E.164.
    pub phone_number: String,
    /// Their name, where it is known.
    pub name: Option<String>,
}

/// The contacts of `campaign` that come after the key `after` (0: from the first one), by key, at most `limit`.
///
/// # Errors
/// What the database says.
pub async fn after(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    after: i64,
    limit: u64,
) -> Result<Vec<NamedNumber>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::Id, Column::PhoneNumber, Column::Name])
        .filter(Column::CampaignId.eq(campaign.into_uuid()))
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_model()
        .all(db)
        .await
}
