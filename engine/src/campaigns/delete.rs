//! Taking a campaign out of sight.

use domain::CampaignId;
use domain::lifecycle::{Command, Status};

use super::Campaigns;
use super::command::{Order, carry_out, touch};
use super::find::get;
use super::references::References;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::store;
use crate::store::counters::{Ledger, wake_by};
use crate::store::events::Event;

impl Campaigns {
    /// Stops the campaign if it is not over, and hides it; its calls stay in the books and in the owner's figures.
    ///
    /// Once this has answered, no further call of it is begun. Contacts that were not done become canceled within moments.
    ///
    /// # Errors
    /// `NotFound` for another user's campaign, and for one that is deleted already.
    pub async fn delete(&self, actor: &Actor, id: CampaignId) -> Result<(), EngineError> {
        let txn = self.database.begin().await?;
        let mut ledger = Ledger::lock(&txn, [id]).await?;
        let now = self.clock.now();
        let mut row = get(&txn, id, actor.scope()).await?.row;
        touch(&mut row, now);
        let status: Status = row.status.parse().map_err(EngineError::internal)?;
        if !status.is_final() {
            let order = Order {
                actor,
                command: Command::Cancel,
                reason: Some("deleted".to_owned()),
                references: &References::default(),
            };
            carry_out(&txn, &mut ledger, &mut row, order, now).await?;
        }
        row.deleted_at = Some(now);
        if let Some(counters) = ledger.edit(id) {
            wake_by(counters, now);
        }
        let event = Event {
            campaign: id,
            kind: "delete",
            change: None,
            reason: None,
            actor: Some(actor.id),
        };
        store::events::append(&txn, event, now).await?;
        self.finish(txn, ledger, row).await?;
        Ok(())
    }
}
