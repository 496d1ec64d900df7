//! Changing a contact, also while its campaign runs.

use chrono::{DateTime, Utc};
use domain::by_hand::Refusal;
use domain::lifecycle::Status;
use domain::{CampaignId, ContactId, ContactStatus, PhoneNumber, UserId};
use entity::campaign_counters;
use entity::contact::Model;
use sea_orm::DatabaseTransaction;
use tracing::info;

use super::change::{self, ContactChange, Wanted};
use super::find::{get, in_call, standing_of};
use super::{Contacts, import};
use crate::actor::Actor;
use crate::campaigns;
use crate::campaigns::reading::region_of;
use crate::error::EngineError;
use crate::field::Field;
use crate::store;
use crate::store::counters::{Ledger, moved, wake_by};
use crate::store::suppressions::Suppression;
use crate::suppressions::Source;

impl Contacts {
    /// Changes what `change` mentions, read by the rules of an import. All of it, or nothing.
    ///
    /// A status takes the contact out, or puts it back. Taken out for good, its number joins those that the campaign's
    /// owner must not call. Once this has answered no call to it is begun; a job that is on its way is refused. A number
    /// stands while its call is queued or goes on. A new zone counts from the next decision to dial.
    ///
    /// # Errors
    /// `Invalid` with everything that is wrong; `NotFound` as [`Self::get`]; `Conflict` for a number the campaign has
    /// already or that cannot change now, for a status that cannot be had now, and for whatever matters to dialing on a
    /// campaign that is over.
    pub async fn update(
        &self,
        actor: &Actor,
        campaign: CampaignId,
        id: ContactId,
        change: ContactChange,
    ) -> Result<Model, EngineError> {
        let txn = self.database.begin().await?;
        if matches!(change.phone_number, Field::Given(_)) {
            store::contact_import::alone(&txn, campaign).await?;
        }
        if matches!(&change.status, Field::Given(to) if to == ContactStatus::DoNotCall.as_str()) {
            // Called by none of the owner's campaigns once this has answered. Nobody else has to wait for those who decide.
            let owner = campaigns::find::get(&txn, campaign, actor.scope()).await?;
            store::people::decide_alone(&txn, [UserId::from_uuid(owner.row.owner_id)]).await?;
        }
        let mut ledger = Ledger::lock(&txn, [campaign]).await?;
        let now = self.clock.now();
        let owner = campaigns::find::get(&txn, campaign, actor.scope()).await?;
        let owner = &owner.row;
        let before = get(&txn, campaign, id).await?;
        let Wanted { mut row, status } = change::read(&before, change, region_of(owner))?;
        if row == before && status.is_none() {
            return Ok(before);
        }
        let has_new_number = row.phone_number != before.phone_number;
        let has_new_zone = row.timezone != before.timezone;
        // Somebody may ask never to be called again long after the campaign.
        let is_called_again = status.is_some_and(|to| to != ContactStatus::DoNotCall);
        if has_new_number || has_new_zone || is_called_again {
            refuse_over(&owner.status)?;
        }
        if has_new_number {
            check_number(&txn, &before, &row.phone_number).await?;
        }
        if has_new_zone {
            be_due_anew(&mut row, now);
            store::campaigns::add_zones(&txn, campaign, [row.timezone.clone()]).await?;
        }
        if let (Some(to), Some(counters)) = (status, ledger.edit(campaign)) {
            set_status(&mut row, to, counters, now)?;
            if to == ContactStatus::DoNotCall {
                let wish = wish_of(&row, UserId::from_uuid(owner.owner_id), actor.id);
                store::suppressions::insert(&txn, vec![wish], now).await?;
            }
        }
        // A window may have opened, and the last contact's end is the campaign's.
        if let Some(counters) = ledger.edit(campaign) {
            wake_by(counters, now);
        }
        row.updated_at = now;
        store::contact_by_id::save(&txn, row.clone()).await?;
        ledger.save(&txn).await?;
        txn.commit().await?;
        self.dialing.wake(campaign);
        self.dialing.announce(campaign);
        info!(campaign.id = %campaign, contact.id = %id, user.id = %actor.id, "changed contact {id} of campaign {campaign}");
        Ok(row)
    }
}

/// # Errors
/// `Conflict` where the campaign is over: its contacts are called no more.
fn refuse_over(status: &str) -> Result<(), EngineError> {
    let status: Status = status.parse().map_err(EngineError::internal)?;
    if status.is_final() {
        let message = format!(
            "the campaign is {status}: of its contacts only names, email, metadata and the status do_not_call can still be changed"
        );
        return Err(EngineError::conflict(import::CAMPAIGN_IS_OVER, message));
    }
    Ok(())
}

/// # Errors
/// `Conflict` where `before` cannot have another number now, or somebody else in its campaign has `number`.
async fn check_number(
    txn: &DatabaseTransaction,
    before: &Model,
    number: &str,
) -> Result<(), EngineError> {
    let standing = standing_of(before)?;
    if standing.is_in_call() {
        return Err(in_call());
    }
    if standing.status == ContactStatus::Queued {
        let message = "the contact is queued to be called: its number cannot change now; try again in a moment";
        return Err(EngineError::conflict("contact_is_queued", message));
    }
    let campaign = CampaignId::from_uuid(before.campaign_id);
    if store::contact_by_id::has_number(txn, campaign, number).await? {
        let message = "another contact of the campaign has this phone number";
        return Err(EngineError::conflict("number_is_taken", message));
    }
    Ok(())
}

/// Whoever was never called waits for nothing but a window, and that was the old zone's. A retry waits out its delay.
fn be_due_anew(row: &mut Model, now: DateTime<Utc>) {
    if row.status == ContactStatus::Pending.as_str() {
        row.next_attempt_at = row.next_attempt_at.map(|due| due.min(now));
    }
}

/// Moves the contact to `to`, in its row and in the counters.
fn set_status(
    row: &mut Model,
    to: ContactStatus,
    counters: &mut campaign_counters::Model,
    now: DateTime<Utc>,
) -> Result<(), EngineError> {
    let standing = standing_of(row)?;
    standing.may_become(to).map_err(|refusal| match refusal {
        Refusal::InCall => in_call(),
        other => EngineError::conflict("illegal_transition", other.to_string()),
    })?;
    row.status = to.to_string();
    row.queued_at = None;
    row.next_attempt_at = (to == ContactStatus::Pending).then_some(now);
    moved(counters, standing.status, to);
    Ok(())
}

fn wish_of(row: &Model, owner: UserId, by: UserId) -> Suppression {
    Suppression {
        owner,
        number: PhoneNumber::from_stored(row.phone_number.clone()),
        source: Source::Api,
        reason: Some(format!("contact {} was set to do_not_call", row.id)),
        added_by: Some(by),
    }
}
