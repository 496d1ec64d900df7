//! Campaigns that may call.

use domain::{CampaignId, UserId};
use entity::campaign::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// The active campaigns of the owner (`None`: of everybody), or the one asked for if it is active: newest first, at most
/// `limit`.
///
/// # Errors
/// What the database says.
pub async fn find(
    db: &impl ConnectionTrait,
    owner: Option<UserId>,
    campaign: Option<CampaignId>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find()
        .filter(Column::Status.eq("active"))
        .filter(Column::DeletedAt.is_null());
    if let Some(owner) = owner {
        query = query.filter(Column::OwnerId.eq(owner.into_uuid()));
    }
    if let Some(campaign) = campaign {
        query = query.filter(Column::Id.eq(campaign.into_uuid()));
    }
    query
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}
