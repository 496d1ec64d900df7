//! One call.

use domain::{CallId, CampaignId};

use super::{CallDetail, Calls};
use crate::actor::Actor;
use crate::campaigns::find::get;
use crate::error::EngineError;
use crate::store::{call_list, calls};

impl Calls {
    /// The campaign's call.
    ///
    /// # Errors
    /// `NotFound` for another user's campaign, and for a call of another campaign.
    pub async fn get(
        &self,
        actor: &Actor,
        campaign: CampaignId,
        call: CallId,
    ) -> Result<CallDetail, EngineError> {
        let db = self.database.reader();
        get(db, campaign, actor.scope()).await?;
        let row = calls::find(db, call)
            .await?
            .filter(|row| row.campaign_id == Some(campaign.into_uuid()))
            .ok_or_else(|| EngineError::not_found("call"))?;
        let contact = row.contact_id.into_iter().collect();
        let names = call_list::contact_names(db, contact).await?;
        Ok(CallDetail {
            contact_name: names.into_values().next(),
            row,
        })
    }
}
