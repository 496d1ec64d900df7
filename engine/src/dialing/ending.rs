//! How a campaign ends by itself, and what becomes of the contacts that an ended one left.

use chrono::{DateTime, Utc};
use domain::ContactStatus;
use domain::lifecycle::{Command, Status, apply};
use entity::campaign_counters;
use sea_orm::DatabaseTransaction;

use super::topped_up::ToppedUp;
use crate::campaigns::command::touch;
use crate::campaigns::rules::Rules;
use crate::error::EngineError;
use crate::store::counters::contacts_at_mut;
use crate::store::events::Event;
use crate::store::{self};

/// Contacts of an ended campaign that are canceled in one transaction.
const SWEEP_MAX: u64 = 2_000;

/// Completes the campaign in the name of the system. Part of the transaction that holds its lock: it happens with that or
/// not at all, and a second run finds the campaign completed.
pub(super) async fn finish(
    txn: &DatabaseTransaction,
    rules: &Rules,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), EngineError> {
    let after = apply(rules.status, Command::Finish)?;
    let mut row = rules.row.clone();
    row.status = after.to_string();
    row.status_reason = Some(reason.to_owned());
    row.ended_at = Some(now);
    touch(&mut row, now);
    store::campaigns::save(txn, row).await?;
    let event = Event {
        campaign: rules.id,
        kind: Command::Finish.as_str(),
        change: Some((rules.status, after)),
        reason: Some(reason.to_owned()),
        actor: None,
    };
    store::events::append(txn, event, now).await?;
    tracing::info!(campaign.id = %rules.id, reason, "completed campaign {}: {reason}", rules.id);
    Ok(())
}

/// Cancels what an ended campaign left waiting, a bounded number at a time. Contacts in a call, or waiting for a
/// verdict, are left to their calls. Part of the transaction that holds the lock; a second run goes on where it stopped.
pub(super) async fn sweep(
    txn: &DatabaseTransaction,
    rules: &Rules,
    counters: &mut campaign_counters::Model,
    now: DateTime<Utc>,
) -> Result<ToppedUp, EngineError> {
    if !rules.is_over() {
        counters.wake_at = rules
            .calendar
            .end_date()
            .filter(|_| rules.status == Status::Paused);
        if counters.wake_at.is_some_and(|end| end <= now) {
            finish(txn, rules, "the end date has passed", now).await?;
            return Ok(ToppedUp::Finished);
        }
        return Ok(ToppedUp::Idle);
    }
    let mut swept = 0;
    for status in [
        ContactStatus::Pending,
        ContactStatus::Queued,
        ContactStatus::Contacted,
    ] {
        let canceled =
            store::contacts::cancel_waiting(txn, rules.id, status.as_str(), now, SWEEP_MAX - swept)
                .await?;
        let count = i32::try_from(canceled).unwrap_or(i32::MAX);
        *contacts_at_mut(counters, status) -= count;
        counters.canceled += count;
        swept += canceled;
        if swept >= SWEEP_MAX {
            break;
        }
    }
    counters.wake_at = (swept >= SWEEP_MAX).then_some(now);
    Ok(ToppedUp::Swept(swept))
}
