//! Taking a contact away.

use domain::{CampaignId, ContactId};
use tracing::info;

use super::Contacts;
use super::find::{get, in_call, standing_of};
use crate::actor::Actor;
use crate::campaigns;
use crate::error::EngineError;
use crate::store;
use crate::store::counters::{Ledger, contacts_at_mut, wake_by};

impl Contacts {
    /// Removes the contact `id` of `campaign`, and takes it out of the figures of contacts; its calls stay, and so do
    /// theirs. Once this has answered no call to it is begun. A second run finds no contact.
    ///
    /// # Errors
    /// `NotFound` as [`Self::get`]; `Conflict` while a call to it is not decided yet.
    pub async fn delete(
        &self,
        actor: &Actor,
        campaign: CampaignId,
        id: ContactId,
    ) -> Result<(), EngineError> {
        let txn = self.database.begin().await?;
        let mut ledger = Ledger::lock(&txn, [campaign]).await?;
        let now = self.clock.now();
        campaigns::find::get(&txn, campaign, actor.scope()).await?;
        let row = get(&txn, campaign, id).await?;
        let standing = standing_of(&row)?;
        if standing.is_in_call() {
            return Err(in_call());
        }
        store::contact_by_id::delete(&txn, id).await?;
        if let Some(counters) = ledger.edit(campaign) {
            counters.total -= 1;
            *contacts_at_mut(counters, standing.status) -= 1;
            counters.reached -= i32::from(standing.was_called);
            counters.callbacks -= i32::from(row.callback_requested);
            // Its room may be somebody else's, and the last contact's end is the campaign's.
            wake_by(counters, now);
        }
        ledger.save(&txn).await?;
        txn.commit().await?;
        self.dialing.wake(campaign);
        self.dialing.announce(campaign);
        info!(campaign.id = %campaign, contact.id = %id, user.id = %actor.id, "removed contact {id} of campaign {campaign}");
        Ok(())
    }
}
