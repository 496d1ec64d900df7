//! One campaign.

use domain::{CampaignId, UserId};
use sea_orm::ConnectionTrait;

use super::detail::OVERVIEW_NUMBERS_MAX;
use super::{CampaignDetail, CampaignOverview, Campaigns, LiveFigures};
use crate::actor::Actor;
use crate::error::EngineError;
use crate::store::{agents, campaign_list, contact_list, phone_numbers, users};

impl Campaigns {
    /// The campaign.
    ///
    /// # Errors
    /// `NotFound` for a deleted campaign, and for another user's.
    pub async fn get(&self, actor: &Actor, id: CampaignId) -> Result<CampaignDetail, EngineError> {
        let db = self.database.reader();
        self.with_hold(db, get(db, id, actor.scope()).await?).await
    }

    /// The campaign, its owner, its agent and whom it calls.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn overview(
        &self,
        actor: &Actor,
        id: CampaignId,
    ) -> Result<CampaignOverview, EngineError> {
        let campaign = self.get(actor, id).await?;
        let db = self.database.reader();
        let owner = users::find(db, UserId::from_uuid(campaign.row.owner_id)).await?;
        let agent = match &campaign.row.voice_agent_id {
            Some(agent) => agents::find(db, agent).await?,
            None => None,
        };
        let row = &campaign.row;
        let caller_number = match (&row.phone_number, &row.phone_number_id) {
            (Some(own), _) => Some(own.clone()),
            (None, Some(number)) => phone_numbers::find(db, number).await?.map(|row| row.number),
            (None, None) => None,
        };
        let phone_numbers = contact_list::numbers(db, id, OVERVIEW_NUMBERS_MAX).await?;
        Ok(CampaignOverview {
            campaign,
            owner,
            agent_name: agent.map(|agent| agent.name),
            caller_number,
            phone_numbers,
        })
    }

    /// The campaign's live figures, for anybody who knows its id: figures only, no names and no numbers.
    ///
    /// # Errors
    /// `NotFound` where there is no such campaign, or it was deleted.
    pub async fn live_figures(&self, id: CampaignId) -> Result<LiveFigures, EngineError> {
        let db = self.database.reader();
        let campaign = self.with_hold(db, get(db, id, None).await?).await?;
        Ok(LiveFigures::from(&campaign))
    }
}

/// The campaign as `scope` may see it, without a word on whether its calls wait.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: CampaignId,
    scope: Option<UserId>,
) -> Result<CampaignDetail, EngineError> {
    campaign_list::find(db, id, scope)
        .await?
        .map(CampaignDetail::from)
        .ok_or_else(|| EngineError::not_found("campaign"))
}
