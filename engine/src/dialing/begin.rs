//! Decides about a batch of jobs in one transaction: what is asked of the carrier afterwards, and what is not.

use std::sync::Arc;

use carriers::CarrierKind;
use chrono::{DateTime, Utc};
use domain::gate::Why;
use domain::{CallId, CallRoute, CampaignId, PhoneNumber};

use super::Parts;
use super::desk::Desk;
use crate::anew::after_deadlock;
use crate::error::EngineError;
use crate::fail_point;
use crate::live::Change;
use crate::queue::CallJob;

/// What became of a job.
#[derive(Clone, Debug)]
pub(super) enum Begun {
    /// The slot is taken and the call is written: ask the carrier.
    Dial(BegunCall),
    /// Somebody else had it, or the contact moved on.
    Stale,
    /// The contact went back, uncharged.
    Returned(Why),
    /// The contact is finished without a call.
    Dropped(Why),
}

/// A call that is written and not yet placed.
#[derive(Clone, Debug)]
pub(super) struct BegunCall {
    pub id: CallId,
    pub campaign: CampaignId,
    pub carrier: CarrierKind,
    pub route: CallRoute,
    pub to: PhoneNumber,
    pub from: PhoneNumber,
    pub begun_at: DateTime<Utc>,
    /// Whether it is recorded; `None`: as configured.
    pub record: Option<bool>,
    /// When the window closes; `None`: it stays open for years.
    pub closes_at: Option<DateTime<Utc>>,
    /// Whether it tries a carrier that is left alone: what becomes of it is awaited.
    pub is_probe: bool,
}

/// Takes the decision to dial for each of `jobs`, in their order.
///
/// One transaction: it locks the owners' people and the campaigns' counters, reads the contacts, judges each at the present
/// instant, takes the slots, writes the calls and returns or finishes the contacts that are not dialled. A job that is
/// delivered twice finds its contact no longer queued under its ticket and is stale. Dying before the commit leaves the
/// contacts queued, and the reconciler pushes their jobs again; dying after it leaves calls without a carrier's name, which
/// the reconciler looks up at the carrier.
pub(super) async fn begin(
    parts: Parts,
    process: String,
    jobs: Arc<[CallJob]>,
) -> Result<Vec<Begun>, EngineError> {
    let begun = after_deadlock(|| decide(&parts, &process, &jobs)).await?;
    parts.live.tell(changes(&jobs, &begun));
    Ok(begun)
}

async fn decide(parts: &Parts, process: &str, jobs: &[CallJob]) -> Result<Vec<Begun>, EngineError> {
    let txn = parts.database.begin().await?;
    let mut desk = Desk::open(&txn, parts, process.to_owned(), jobs).await?;
    let begun: Vec<Begun> = jobs.iter().map(|job| desk.judge(job)).collect();
    desk.write(&txn).await?;
    fail_point!("begin.decided");
    txn.commit().await?;
    fail_point!("begin.committed");
    Ok(begun)
}

/// What those who watch are told of. A stale job changes nothing.
fn changes(jobs: &[CallJob], begun: &[Begun]) -> impl Iterator<Item = Change> {
    let decided = jobs.iter().zip(begun);
    decided.flat_map(|(job, begun)| {
        let call = match begun {
            Begun::Dial(call) => Some(Change::Call(call.id, Some(job.campaign_id))),
            _ => None,
        };
        let campaign = Change::Campaign(job.campaign_id);
        let is_changed = !matches!(begun, Begun::Stale);
        call.into_iter().chain(is_changed.then_some(campaign))
    })
}
