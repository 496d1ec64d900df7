//! Counters against the rows they count: they must agree, and where they do not somebody must hear of it.

use chrono::TimeDelta;
use domain::CampaignId;

use super::Dialing;
use crate::error::EngineError;
use crate::store;
use crate::store::counters::{Ledger, wake_by};

/// How often a campaign is recounted.
const EVERY: TimeDelta = TimeDelta::seconds(30);
/// Campaigns with more contacts are not recounted while they hold their lock: that would be felt.
const CONTACTS_MAX: i32 = 100_000;

impl Dialing {
    /// Recounts one campaign that is being dialled, in turn, every half minute; corrects it and says so loudly.
    pub(super) async fn recount_one(&self) -> Result<usize, EngineError> {
        let now = self.parts.clock.now();
        let turn = now.timestamp() / EVERY.num_seconds();
        if self
            .last_recount
            .swap(turn, std::sync::atomic::Ordering::Relaxed)
            == turn
        {
            return Ok(0);
        }
        let reader = self.parts.database.reader();
        let Some(campaign) = store::campaigns::active_at(reader, turn, CONTACTS_MAX).await? else {
            return Ok(0);
        };
        Ok(usize::from(self.recount(campaign).await?))
    }

    /// Compares the counters of `id` with a recount of its rows, under the campaign's lock, and corrects them; true where
    /// they were wrong. They can only be wrong through a mistake of ours, so it is logged as an error.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn recount(&self, id: CampaignId) -> Result<bool, EngineError> {
        let txn = self.parts.database.begin().await?;
        let mut ledger = Ledger::lock(&txn, [id]).await?;
        let Some(before) = ledger.get(id).cloned() else {
            return Ok(false);
        };
        let counted = store::recount::count(&txn, &before).await?;
        if counted == before {
            return Ok(false);
        }
        tracing::error!(campaign.id = %id, ?before, ?counted, "the counters of campaign {id} were wrong");
        if let Some(row) = ledger.edit(id) {
            *row = counted;
            wake_by(row, self.parts.clock.now());
        }
        ledger.save(&txn).await?;
        txn.commit().await?;
        self.announce(id);
        Ok(true)
    }
}
