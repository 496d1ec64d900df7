//! What happened to campaigns, as people look for it.

use domain::CampaignId;
use entity::campaign_event::{Column, Entity, Model};
use entity::user;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, RelationDef,
};

use crate::page::Page;

/// One page of a campaign's events with who did them, the newest first, and how many there are.
///
/// # Errors
/// What the database says.
pub async fn list(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    page: Page,
) -> Result<(Vec<(Model, Option<user::Model>)>, u64), DbErr> {
    let matching = Entity::find().filter(Column::CampaignId.eq(campaign.into_uuid()));
    let total = matching.clone().count(db).await?;
    let actor: RelationDef = Entity::belongs_to(user::Entity)
        .from(Column::ActorId)
        .to(user::Column::Id)
        .into();
    let rows = matching
        .join(JoinType::LeftJoin, actor)
        .order_by_desc(Column::Id)
        .offset(page.offset())
        .limit(u64::from(page.size))
        .select_also(user::Entity)
        .all(db)
        .await?;
    Ok((rows, total))
}
