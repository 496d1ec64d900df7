//! Changing a campaign, also while it runs.

use domain::CampaignId;
use domain::lifecycle::{Status, command_for};
use entity::campaign::Model;

use super::command::{Order, carry_out, touch};
use super::find::get;
use super::references::References;
use super::{CampaignChange, CampaignDetail, Campaigns, readiness, reading};
use crate::actor::Actor;
use crate::error::EngineError;
use crate::field::Field;
use crate::store;
use crate::store::counters::{Ledger, wake_by};
use crate::store::events::Event;

impl Campaigns {
    /// Changes what `change` mentions, checked as [`Self::create`] checks it; a status in it is the command that leads
    /// there, carried out on the changed campaign. All of it, or nothing. An id of a number or an agent that its provider
    /// does not know is kept, with a warning.
    ///
    /// New limits and windows hold from the commit on: whatever is begun later sees them, and dialing is told at once.
    ///
    /// # Errors
    /// `Invalid` with everything that is wrong; `NotFound` for another user's campaign too; `Conflict` where the status
    /// does not allow the command, where a campaign that is over would dial differently, or where an active one could
    /// place no call any more.
    pub async fn update(
        &self,
        actor: &Actor,
        id: CampaignId,
        change: CampaignChange,
    ) -> Result<CampaignDetail, EngineError> {
        let references = self.references_to_change(actor, id, &change).await?;
        let txn = self.database.begin().await?;
        let mut ledger = Ledger::lock(&txn, [id]).await?;
        let now = self.clock.now();
        let before = get(&txn, id, actor.scope()).await?;
        let number = references.number(&change, &before.row);
        let wanted = reading::read(before.row.clone(), change, number, self.limits)?;
        let (before, mut row) = (&before.row, wanted.row);
        let status: Status = before.status.parse().map_err(EngineError::internal)?;
        let command = match wanted.status {
            Some(target) => command_for(target, status)?,
            None => None,
        };
        let is_changed = row != *before;
        if dials_differently(before, &row) {
            match status {
                Status::Completed | Status::Canceled => return Err(is_over(status)),
                Status::Active if command.is_none() => {
                    readiness::check(&txn, &row, &references, now).await?;
                }
                _ => {}
            }
        }
        let warnings = references.warnings(&txn, &row).await?;
        if !is_changed && command.is_none() {
            let unchanged = get(&txn, id, actor.scope()).await?;
            let unchanged = self.with_hold(&txn, unchanged).await?;
            return Ok(CampaignDetail {
                warnings,
                ..unchanged
            });
        }
        touch(&mut row, now);
        if is_changed {
            let event = Event {
                campaign: id,
                kind: "update",
                change: None,
                reason: None,
                actor: Some(actor.id),
            };
            store::events::append(&txn, event, now).await?;
        }
        if let Some(command) = command {
            let order = Order {
                actor,
                command,
                reason: None,
                references: &references,
            };
            carry_out(&txn, &mut ledger, &mut row, order, now).await?;
        }
        if let Some(counters) = ledger.edit(id) {
            wake_by(counters, now);
        }
        let changed = self.finish(txn, ledger, row).await?;
        Ok(CampaignDetail {
            warnings,
            ..changed
        })
    }

    /// A change that starts the campaign depends on what it names already. One that stops it must wait for nobody.
    async fn references_to_change(
        &self,
        actor: &Actor,
        id: CampaignId,
        change: &CampaignChange,
    ) -> Result<References, EngineError> {
        let may_start = match &change.status {
            Field::Given(status) => status.parse() == Ok(Status::Active),
            _ => false,
        };
        if !may_start {
            return self.references_in(change, None).await;
        }
        let current = get(self.database.reader(), id, actor.scope()).await?.row;
        self.references_in(change, Some(&current)).await
    }
}

/// True where the change matters to whom is called when, with what, or how often: everything but what only people read.
fn dials_differently(before: &Model, after: &Model) -> bool {
    let only_read = Model {
        name: after.name.clone(),
        description: after.description.clone(),
        tags: after.tags.clone(),
        metadata: after.metadata.clone(),
        ..before.clone()
    };
    only_read != *after
}

fn is_over(status: Status) -> EngineError {
    let message = format!(
        "the campaign is {status}: only name, description, tags and metadata can still be changed"
    );
    EngineError::conflict("campaign_is_over", message)
}
