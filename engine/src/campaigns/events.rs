//! What happened to a campaign.

use domain::CampaignId;
use entity::{campaign_event, user};

use super::Campaigns;
use super::find::get;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::page::{Page, Paged};
use crate::store::event_list;

/// Something that happened to a campaign, and who did it.
#[derive(Clone, Debug)]
pub struct CampaignEvent {
    /// What happened.
    pub row: campaign_event::Model,
    /// Who did it; `None`: the system.
    pub actor: Option<user::Model>,
}

impl Campaigns {
    /// The campaign's history, one page of it, the newest first: every command that was carried out, every change, and what
    /// the system did by itself.
    ///
    /// # Errors
    /// `NotFound` for another user's campaign too.
    pub async fn events(
        &self,
        actor: &Actor,
        id: CampaignId,
        page: Page,
    ) -> Result<Paged<CampaignEvent>, EngineError> {
        let db = self.database.reader();
        get(db, id, actor.scope()).await?;
        let (rows, total) = event_list::list(db, id, page).await?;
        let items = rows
            .into_iter()
            .map(|(row, actor)| CampaignEvent { row, actor })
            .collect();
        Ok(Paged { items, total, page })
    }
}
