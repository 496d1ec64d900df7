//! Takes reports into the books: one transaction for a batch, then the effects that need the outside world.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use carriers::CarrierKind;
use domain::{CallId, CampaignId};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::Parts;
use super::books::{Books, Effects};
use super::report::CallReport;
use crate::anew::after_deadlock;
use crate::error::EngineError;
use crate::fail_point;
use crate::store;
use crate::store::inbox::Receipt;

/// How often hanging up is tried.
const HANG_UP_TRIES_MAX: u32 = 4;
/// The first pause between two tries; doubled each time.
const HANG_UP_PAUSE: Duration = Duration::from_millis(500);

/// A report, and the key under which the webhook is kept that it came with, where it is.
#[derive(Clone, Debug)]
pub(super) struct Reported {
    pub report: CallReport,
    pub kept: Option<Uuid>,
}

impl From<CallReport> for Reported {
    fn from(report: CallReport) -> Self {
        Self { report, kept: None }
    }
}

/// Takes `reports` into the books, in their order.
///
/// One transaction: it forgets the webhooks that were kept, takes in the receipts, locks the calls, lets each learn what was reported, gives back the slots of
/// those that are over, decides their contacts' next steps, and writes calls, contacts, conversations, suppressions,
/// counters and sums together. The counters, which everybody wants, are locked for the last few statements only. Running it twice changes nothing the second time; dying
/// before the commit leaves everything as it was, and whoever reported is told so or asks again, or it is kept. After the commit the
/// campaigns are woken and the calls that nobody wants any more are hung up; dying before that costs a second, as the
/// commit also noted that there is something to do.
pub(super) async fn settle(
    parts: Parts,
    wakes: mpsc::Sender<CampaignId>,
    reports: Arc<[Reported]>,
) -> Result<Vec<()>, EngineError> {
    let count = reports.len();
    let effects = after_deadlock(|| commit(&parts, &reports)).await?;
    for outcome in &effects.outcomes {
        metrics::counter!("dialer_attempts_total", "outcome" => outcome.as_str()).increment(1);
    }
    parts.live.tell(effects.changes);
    for campaign in effects.woken {
        let _ = wakes.try_send(campaign);
    }
    if !effects.hang_ups.is_empty() {
        tokio::spawn(hang_up_all(parts, effects.hang_ups));
    }
    Ok(vec![(); count])
}

async fn commit(parts: &Parts, reports: &[Reported]) -> Result<Effects, EngineError> {
    let txn = parts.database.begin().await?;
    let kept = reports.iter().filter_map(|reported| reported.kept);
    store::kept_webhooks::forget(&txn, kept.collect()).await?;
    let reports = || reports.iter().map(|reported| &reported.report);
    let receipts: Vec<(CallId, Receipt)> = reports()
        .filter_map(|report| Some((report.call, report.receipt.clone()?)))
        .collect();
    let fresh = store::inbox::take_in(&txn, receipts).await?;
    let is_new = |report: &&CallReport| {
        let receipt = report.receipt.as_ref();
        receipt.is_none_or(|receipt| fresh.contains(&receipt.key))
    };
    let new: Vec<&CallReport> = reports().filter(is_new).collect();
    let repeated = reports().count() - new.len();
    metrics::counter!("dialer_webhooks_repeated_total").increment(repeated as u64);
    let mut books = Books::open(&txn, parts, &new).await?;
    for report in new {
        books.learn(report)?;
    }
    let effects = books.write(&txn).await?;
    fail_point!("settle.taken_in");
    txn.commit().await?;
    fail_point!("settle.committed");
    Ok(effects)
}

/// Ends calls that nobody wants any more. Tried a few times: calls that are not in the books, or were given up, are not
/// looked at again.
async fn hang_up_all(parts: Parts, calls: BTreeSet<(Option<CarrierKind>, String)>) {
    for (whose, name) in calls {
        let kind = whose.unwrap_or_else(|| parts.carriers.default_kind());
        let carrier = match parts.carriers.get(kind) {
            Ok(carrier) => carrier,
            Err(error) => {
                tracing::error!(carrier_call.id = %name, %error, "could not hang up carrier call {name}: {error}");
                continue;
            }
        };
        if !carrier.can_hang_up() {
            tracing::info!(carrier_call.id = %name, "carrier call {name} goes on: {kind} has no way to end a call");
            continue;
        }
        let mut pause = HANG_UP_PAUSE;
        for tries_left in (0..HANG_UP_TRIES_MAX).rev() {
            match carrier.hang_up(&name).await {
                Ok(()) => break,
                Err(error) if tries_left == 0 => {
                    tracing::error!(carrier_call.id = %name, ?error, "could not hang up carrier call {name}");
                }
                Err(_) => tokio::time::sleep(pause).await,
            }
            pause *= 2;
        }
    }
}
