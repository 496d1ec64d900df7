//! A campaign of which the carrier or the agent refuses every call is paused, instead of burning its contacts.

use domain::CampaignId;
use domain::lifecycle::{Command, apply};

use super::Parts;
use crate::campaigns::command::{return_queued, touch};
use crate::error::EngineError;
use crate::live::Change;
use crate::store::counters::Ledger;
use crate::store::events::Event;
use crate::store::{self};

/// Pauses `id` in the name of the system, for `reason`; a campaign that is not active any more stays as it is.
///
/// One transaction under the campaign's lock; queued contacts go back to where they came from. Safe to run twice.
///
/// # Errors
/// `Unavailable` where the database does not answer.
pub(super) async fn pause(parts: &Parts, id: CampaignId, reason: &str) -> Result<(), EngineError> {
    let txn = parts.database.begin().await?;
    let mut ledger = Ledger::lock(&txn, [id]).await?;
    let now = parts.clock.now();
    let Some(mut row) = store::campaigns::find(&txn, id).await? else {
        return Ok(());
    };
    let before = row.status.parse().map_err(EngineError::internal)?;
    let Ok(after) = apply(before, Command::Pause) else {
        return Ok(());
    };
    row.status = after.to_string();
    row.status_reason = Some(reason.to_owned());
    row.paused_at = Some(now);
    touch(&mut row, now);
    store::campaigns::save(&txn, row).await?;
    return_queued(&txn, &mut ledger, id, now).await?;
    let event = Event {
        campaign: id,
        kind: Command::Pause.as_str(),
        change: Some((before, after)),
        reason: Some(reason.to_owned()),
        actor: None,
    };
    store::events::append(&txn, event, now).await?;
    ledger.save(&txn).await?;
    txn.commit().await?;
    parts.live.tell([Change::Campaign(id)]);
    tracing::warn!(campaign.id = %id, reason, "paused campaign {id}: {reason}");
    Ok(())
}
