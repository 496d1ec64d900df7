//! Starting, stopping, and everything between.

use chrono::{DateTime, Utc};
use domain::lifecycle::{Command, Status, apply};
use domain::{CampaignId, ContactStatus, PhoneNumber};
use entity::campaign::Model;
use sea_orm::DatabaseTransaction;
use tracing::info;

use super::find::get;
use super::limits::REASON_CHARS_MAX;
use super::references::References;
use super::{CampaignDetail, Campaigns, readiness};
use crate::actor::Actor;
use crate::error::EngineError;
use crate::fail_point;
use crate::field::text_up_to;
use crate::store;
use crate::store::counters::{Ledger, contacts_at_mut, wake_by};
use crate::store::events::Event;

/// What somebody wants of a campaign, and why.
#[derive(Clone, Debug)]
pub(super) struct Order<'a> {
    pub actor: &'a Actor,
    pub command: Command,
    pub reason: Option<String>,
    /// What was looked up before; only a command that leads to calls asks for it.
    pub references: &'a References,
}

impl Campaigns {
    /// Carries out `command`, for `reason`.
    ///
    /// Once a command that stops the campaign has answered, no further call is begun; a request that was already on its
    /// way to the carrier may still go through. Live calls are not hung up: they finish and are counted.
    ///
    /// # Errors
    /// `NotFound` for another user's campaign too; `Conflict` where the status does not allow the command, or where the
    /// campaign could not place a single call, or not with the number and the agent it names; `Forbidden` for an approval by
    /// somebody who is no administrator.
    pub async fn command(
        &self,
        actor: &Actor,
        id: CampaignId,
        command: Command,
        reason: Option<&str>,
    ) -> Result<CampaignDetail, EngineError> {
        let reason = read_reason(reason)?;
        let references = if leads_to_calls(command) {
            let row = get(self.database.reader(), id, actor.scope()).await?.row;
            self.references_of(&row).await?
        } else {
            References::default()
        };
        let txn = self.database.begin().await?;
        let mut ledger = Ledger::lock(&txn, [id]).await?;
        let now = self.clock.now();
        let mut row = get(&txn, id, actor.scope()).await?.row;
        touch(&mut row, now);
        if row.phone_number.is_none() {
            let id = row.phone_number_id.as_deref();
            let number = id.and_then(|id| references.number_behind(id));
            row.phone_number = number.map(PhoneNumber::into_string);
        }
        let order = Order {
            actor,
            command,
            reason,
            references: &references,
        };
        carry_out(&txn, &mut ledger, &mut row, order, now).await?;
        let warnings = references.warnings(&txn, &row).await?;
        let done = self.finish(txn, ledger, row).await?;
        Ok(CampaignDetail { warnings, ..done })
    }

    /// Writes the row and the counters, commits, and tells dialing.
    pub(super) async fn finish(
        &self,
        txn: DatabaseTransaction,
        ledger: Ledger,
        row: Model,
    ) -> Result<CampaignDetail, EngineError> {
        let id = CampaignId::from_uuid(row.id);
        let counters = ledger.get(id).cloned();
        let counters = counters.ok_or_else(|| EngineError::not_found("campaign"))?;
        store::campaigns::save(&txn, row.clone()).await?;
        ledger.save(&txn).await?;
        // Before the commit: after it nothing may fail any more.
        let done = CampaignDetail::from((row, counters));
        let done = self.with_hold(&txn, done).await?;
        txn.commit().await?;
        fail_point!("command.committed");
        self.dialing.announce(id);
        self.dialing.wake(id);
        Ok(done)
    }
}

/// Carries `order` out on `row`, in memory and in `txn`, which holds the campaign's lock. The caller writes `row` and the
/// ledger.
pub(super) async fn carry_out(
    txn: &DatabaseTransaction,
    ledger: &mut Ledger,
    row: &mut Model,
    order: Order<'_>,
    now: DateTime<Utc>,
) -> Result<(), EngineError> {
    let id = CampaignId::from_uuid(row.id);
    let before: Status = row.status.parse().map_err(EngineError::internal)?;
    let after = apply(before, order.command)?;
    if order.command == Command::Approve && !order.actor.is_admin() {
        let message = "only administrators approve campaigns".to_owned();
        return Err(EngineError::Forbidden(message));
    }
    if after == Status::Active {
        readiness::check(txn, row, order.references, now).await?;
    }
    row.status = after.to_string();
    row.status_reason.clone_from(&order.reason);
    stamp(row, order.command, now);
    if before == Status::Active {
        return_queued(txn, ledger, id, now).await?;
    }
    if let Some(counters) = ledger.edit(id) {
        wake_by(counters, now);
    }
    let event = Event {
        campaign: id,
        kind: order.command.as_str(),
        change: Some((before, after)),
        reason: order.reason,
        actor: Some(order.actor.id),
    };
    store::events::append(txn, event, now).await?;
    info!(campaign.id = %id, user.id = %order.actor.id, "campaign {id} went from {before} to {after}");
    Ok(())
}

/// The row is changed at `now`: always later than the last change, as jobs carry this instant to say which limit is newer.
pub(crate) fn touch(row: &mut Model, now: DateTime<Utc>) {
    let next = row.updated_at + chrono::TimeDelta::microseconds(1);
    row.updated_at = now.max(next);
}

/// A reason as it is kept; an empty one is none.
pub(super) fn read_reason(reason: Option<&str>) -> Result<Option<String>, EngineError> {
    let Some(reason) = reason else {
        return Ok(None);
    };
    let reason = text_up_to(reason, REASON_CHARS_MAX)
        .map_err(|message| EngineError::invalid("reason", message))?;
    Ok(Some(reason).filter(|reason| !reason.is_empty()))
}

/// What was queued goes back to where it came from: a paused campaign has nothing in the queue, and what is left of an
/// ended one is found waiting by the sweep.
pub(crate) async fn return_queued(
    txn: &DatabaseTransaction,
    ledger: &mut Ledger,
    id: CampaignId,
    now: DateTime<Utc>,
) -> Result<(), EngineError> {
    let (pending, contacted) = store::contacts::return_queued(txn, id, now).await?;
    if let Some(counters) = ledger.edit(id) {
        for (to, count) in [
            (ContactStatus::Pending, pending),
            (ContactStatus::Contacted, contacted),
        ] {
            let count = i32::try_from(count).map_err(EngineError::internal)?;
            counters.queued -= count;
            *contacts_at_mut(counters, to) += count;
        }
    }
    Ok(())
}

fn stamp(row: &mut Model, command: Command, now: DateTime<Utc>) {
    match command {
        Command::Start | Command::Approve => row.started_at = row.started_at.or(Some(now)),
        Command::Pause => row.paused_at = Some(now),
        Command::Resume => row.resumed_at = Some(now),
        Command::End | Command::Cancel | Command::Finish => row.ended_at = Some(now),
        Command::Submit => {}
    }
}

const fn leads_to_calls(command: Command) -> bool {
    matches!(command, Command::Start | Command::Resume | Command::Approve)
}
