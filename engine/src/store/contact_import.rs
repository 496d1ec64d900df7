//! Contacts, as an import adds them. The campaign's counters must be locked.

use chrono::{DateTime, Utc};
use domain::{CampaignId, ContactStatus};
use entity::contact::{ActiveModel, Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Set};

use crate::contacts::NewContact;

/// Adds those of `contacts` whose number the campaign does not have yet, due at `now`; how many they were. At most 500 at
/// once. Running it twice adds nothing more.
///
/// # Errors
/// What the database says.
pub(crate) async fn insert_new(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    contacts: &[NewContact],
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let rows = contacts.iter().map(|contact| ActiveModel {
        campaign_id: Set(campaign.into_uuid()),
        phone_number: Set(contact.phone_number.expose().to_owned()),
        name: Set(contact.name.clone()),
        first_name: Set(contact.first_name.clone()),
        last_name: Set(contact.last_name.clone()),
        email: Set(contact.email.clone()),
        timezone: Set(contact.timezone.clone()),
        metadata: Set(contact.metadata.clone()),
        status: Set(ContactStatus::Pending.to_string()),
        next_attempt_at: Set(Some(now)),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    });
    Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([Column::CampaignId, Column::PhoneNumber])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await
}
