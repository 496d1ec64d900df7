//! Contacts in the order of import, a stretch at a time.

use domain::CampaignId;
use entity::contact::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::contact_list::{Filter, matches};
use crate::export::Stretch;

/// The contacts of `campaign` that `filter` lets through, of `stretch`, by key; keys begin with 1.
///
/// # Errors
/// What the database says.
pub async fn stretch(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    filter: &Filter,
    stretch: Stretch<i64>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(matches(db.get_database_backend(), campaign, filter))
        .filter(Column::Id.gt(stretch.after.unwrap_or_default()))
        .order_by_asc(Column::Id)
        .offset(stretch.skip)
        .limit(stretch.limit)
        .all(db)
        .await
}
