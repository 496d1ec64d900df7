//! Webhooks that find the books busy: they are kept and answered, and go into the books a moment later.
//!
//! Carriers send over few connections, and one after the other: whoever answers late is told late of everything else, and
//! then little at once, which makes small batches ([ADR 15](../../../docs/adr/0015-webhooks-are-kept-while-the-books-are-busy.md)).

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::coalesce::BATCH_MAX;
use super::report::{CallReport, CarrierSays, Learned};
use super::settle::Reported;
use super::{Dialing, Parts};
use crate::error::EngineError;
use crate::fail_point;
use crate::store;
use crate::store::inbox::Receipt;
use crate::store::kept_webhooks::Kept;

/// What is kept goes into the books within a moment. Whoever kept one for so long died, or had no luck with the database.
const LEFT_BEHIND_AFTER: TimeDelta = TimeDelta::seconds(10);
/// What nobody can take in, or read, is forgotten after so long. Another version may know how to.
const TRIED_FOR: TimeDelta = TimeDelta::hours(1);
/// How often they are looked for: of each webhook that was kept of late Postgres may still have a trace to pass.
const LOOKED_FOR_EVERY_S: i64 = 5;
/// How many that were left behind are read at once.
const LEFT_BEHIND_MAX: u64 = 500;
/// How often that many are read in one run.
const PAGES_MAX: usize = 10;
/// Where so many wait whoever comes waits as well: what is kept must not hide how far behind the books are.
const KEPT_UP_TO: usize = 4 * BATCH_MAX;

/// What is kept of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told<'a> {
    /// What makes a repetition one.
    pub receipt: Cow<'a, Receipt>,
    /// What it said.
    pub says: Cow<'a, CarrierSays>,
}

/// What became of those that were left behind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LeftBehind {
    /// They are in the books.
    pub taken_in: usize,
    /// They cannot be taken in, and will be tried again.
    pub failed: usize,
}

impl Dialing {
    /// Takes in what a webhook reported; returns once it cannot get lost, so that whoever told us may forget it.
    ///
    /// Where few wait it is in the books then, as after [`Self::learn`]. Where some do it is kept, and goes into the books
    /// with others; whoever dies in between leaves it to the reconciler. What no carrier said, or what no receipt came with,
    /// is always in the books.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer, or too many wait already: nothing was taken in.
    pub async fn learn_soon(self: &Arc<Self>, report: CallReport) -> Result<(), EngineError> {
        let from = self.parts.config.keeps_webhooks_from;
        let in_hand = self.reports.in_hand();
        let is_kept = from.is_some_and(|from| (from..KEPT_UP_TO).contains(&in_hand));
        let Some(kept) = is_kept.then(|| self.kept(&report)).transpose()?.flatten() else {
            return self.learn(report).await;
        };
        // Before anything is promised: what is kept must not wait outside of the queue that says how much waits.
        let place = self.reports.reserve()?;
        let (id, call, dialing) = (kept.id, kept.call, Arc::clone(self));
        let (answer, answered) = oneshot::channel();
        // Goes on where whoever told us goes away; whoever stops waits for it.
        self.under_way.spawn(async move {
            let is_kept = dialing.keeps.submit(kept).await;
            let is_promised = is_kept.is_ok();
            let _ = answer.send(is_kept);
            if !is_promised {
                return;
            }
            fail_point!("webhook.kept");
            let kept = Some(id);
            if let Err(error) = place.submit(Reported { report, kept }).await {
                tracing::warn!(call.id = %call, ?error, "could not take in a webhook of call {call}; it is kept, and will be");
            }
        });
        answered.await.map_err(EngineError::internal)?
    }

    /// As it is kept; `None` for what is not.
    fn kept(&self, report: &CallReport) -> Result<Option<Kept>, EngineError> {
        let (Learned::Carrier(says), Some(receipt)) = (&report.learned, &report.receipt) else {
            return Ok(None);
        };
        let told = Told {
            receipt: Cow::Borrowed(receipt),
            says: Cow::Borrowed(says),
        };
        Ok(Some(Kept {
            id: self.parts.clock.new_id(),
            call: report.call,
            at: self.parts.clock.now(),
            told: serde_json::to_string(&told).map_err(EngineError::internal)?,
        }))
    }

    /// Takes webhooks into the books that somebody kept long before `now` and did not come to. Looks every few seconds,
    /// whenever it is called. One that cannot be taken in stops none of the others.
    ///
    /// Safe to run twice, and beside whoever kept them, whose locks it does not wait for: the first to take one in forgets it,
    /// and their receipts tell the other that it is known.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer: the next run finds the same ones.
    pub(super) async fn take_in_left_behind(
        &self,
        now: DateTime<Utc>,
    ) -> Result<LeftBehind, EngineError> {
        let mut left_behind = LeftBehind::default();
        let look = now.timestamp() / LOOKED_FOR_EVERY_S;
        if self.last_look_for_kept.swap(look, Ordering::Relaxed) == look {
            return Ok(left_behind);
        }
        let mut after = Uuid::nil();
        for _ in 0..PAGES_MAX {
            let (writer, horizon) = (self.parts.database.writer(), now - LEFT_BEHIND_AFTER);
            let left =
                store::kept_webhooks::left_behind(writer, horizon, after, LEFT_BEHIND_MAX).await?;
            let Some(last) = left.last() else {
                break;
            };
            after = last.id;
            let taken_in = left.into_iter().map(|kept| self.take_in_kept(kept, now));
            for taken_in in join_all(taken_in).await {
                match taken_in {
                    Ok(is_taken_in) => left_behind.taken_in += usize::from(is_taken_in),
                    // The others would wait for the same.
                    Err(error) if error.is_transient() => return Err(error),
                    Err(error) => {
                        tracing::warn!(?error, "a webhook that was kept cannot be taken in");
                        left_behind.failed += 1;
                    }
                }
            }
        }
        Ok(left_behind)
    }

    /// True where it is in the books, false where it was given up.
    async fn take_in_kept(&self, kept: Kept, now: DateTime<Utc>) -> Result<bool, EngineError> {
        let (id, call) = (kept.id, kept.call);
        let taken_in = match serde_json::from_str::<Told>(&kept.told) {
            Ok(told) => {
                let report = CallReport {
                    call,
                    receipt: Some(told.receipt.into_owned()),
                    learned: Learned::Carrier(told.says.into_owned()),
                };
                let kept = Some(id);
                self.late.submit(Reported { report, kept }).await
            }
            Err(error) => Err(EngineError::internal(error)),
        };
        match taken_in {
            Err(error) if !error.is_transient() && kept.at < now - TRIED_FOR => {
                // The carrier is asked about every call of which nothing is heard.
                tracing::error!(call.id = %call, ?error, "forgot a webhook of call {call}, which cannot be taken in");
                let txn = self.parts.database.begin().await?;
                store::kept_webhooks::forget(&txn, vec![id]).await?;
                txn.commit().await?;
                Ok(false)
            }
            taken_in => taken_in.map(|()| true),
        }
    }
}

/// Keeps `webhooks` in one statement.
pub(super) async fn keep(parts: Parts, webhooks: Arc<[Kept]>) -> Result<Vec<()>, EngineError> {
    store::kept_webhooks::keep(parts.database.writer(), &webhooks).await?;
    Ok(vec![(); webhooks.len()])
}
