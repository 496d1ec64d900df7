//! One contact at a time. The campaign's counters must be locked by whoever changes one.

use domain::{CampaignId, ContactId};
use entity::contact::{Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, SelectExt,
};

/// The contact, if it is one of `campaign`.
///
/// # Errors
/// What the database says.
pub async fn find(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    id: ContactId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id.into_i64())
        .filter(Column::CampaignId.eq(campaign.into_uuid()))
        .one(db)
        .await
}

/// True where a contact of `campaign` has `number`.
///
/// # Errors
/// What the database says.
pub async fn has_number(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    number: &str,
) -> Result<bool, DbErr> {
    Entity::find()
        .filter(Column::CampaignId.eq(campaign.into_uuid()))
        .filter(Column::PhoneNumber.eq(number))
        .exists(db)
        .await
}

/// Writes the row as it stands in memory.
///
/// # Errors
/// What the database says.
pub async fn save(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::update(row.into_active_model().reset_all())
        .exec(db)
        .await?;
    Ok(())
}

/// Removes the contact; its calls stay and name nobody any more.
///
/// # Errors
/// What the database says.
pub async fn delete(db: &impl ConnectionTrait, id: ContactId) -> Result<(), DbErr> {
    Entity::delete_by_id(id.into_i64()).exec(db).await?;
    Ok(())
}
