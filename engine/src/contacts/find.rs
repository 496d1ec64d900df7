//! One contact.

use domain::by_hand::Standing;
use domain::{CampaignId, ContactId};
use entity::contact::Model;
use sea_orm::ConnectionTrait;

use super::Contacts;
use crate::actor::Actor;
use crate::campaigns;
use crate::error::EngineError;
use crate::store::contact_by_id;

impl Contacts {
    /// The contact `id` of `campaign`.
    ///
    /// # Errors
    /// `NotFound`: the campaign, also where it is another user's; the contact, also where it is another campaign's.
    pub async fn get(
        &self,
        actor: &Actor,
        campaign: CampaignId,
        id: ContactId,
    ) -> Result<Model, EngineError> {
        let db = self.database.reader();
        campaigns::find::get(db, campaign, actor.scope()).await?;
        get(db, campaign, id).await
    }
}

/// The contact `id` of `campaign`, which the caller may see.
pub(super) async fn get(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    id: ContactId,
) -> Result<Model, EngineError> {
    contact_by_id::find(db, campaign, id)
        .await?
        .ok_or_else(|| EngineError::not_found("contact"))
}

/// How the contact stands.
pub(super) fn standing_of(row: &Model) -> Result<Standing, EngineError> {
    Ok(Standing {
        status: row.status.parse().map_err(EngineError::internal)?,
        is_due: row.next_attempt_at.is_some(),
        was_called: row.attempts > 0,
    })
}

/// A refusal because of a call that is not decided yet.
pub(super) fn in_call() -> EngineError {
    EngineError::conflict(
        "contact_in_call",
        domain::by_hand::Refusal::InCall.to_string(),
    )
}
