//! Contacts in the order of import, a stretch at a time.

use domain::CampaignId;
use entity::contact::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::contact_list::{Filter, matches};

/// A stretch of a campaign's contacts.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// Those that come after the contact of this key; 0: from the first one.
    pub after: i64,
    /// So many of these are passed over.
    pub skip: u64,
    /// At most so many are wanted.
    pub limit: u64,
}

/// The contacts of `campaign` that `filter` lets through, of `stretch`, by key.
///
/// # Errors
/// What the database says.
pub async fn stretch(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    filter: &Filter,
    stretch: Stretch,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(matches(db.get_database_backend(), campaign, filter))
        .filter(Column::Id.gt(stretch.after))
        .order_by_asc(Column::Id)
        .offset(stretch.skip)
        .limit(stretch.limit)
        .all(db)
        .await
}
