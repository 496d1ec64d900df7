//! What campaigns come to, read from their counters and from the sums per quarter of an hour. Never from the calls
//! themselves: a report costs the same after ten calls and after ten million.

pub mod analytics;
mod duration;
mod figures;
pub mod outbound;
pub mod range;
pub mod recount;
pub mod statistics;
mod tally;
pub mod voicemails;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::CampaignId;
use domain::calendar::parse_zone;

pub use analytics::AnalyticsQuery;
pub use outbound::{CallsQuery, OutboundStats};
pub use range::{Range, RangeQuery};
pub use recount::Recounted;
pub use statistics::Statistics;
pub use voicemails::{VoicemailHour, VoicemailStats};

use crate::actor::Actor;
use crate::campaigns::find::get;
use crate::clock::Clock;
use crate::database::Database;
use crate::error::EngineError;
use crate::store::quarter_sums;
use duration::Lifetime;
use tally::Tally;

/// The use cases of reports. Cheap to clone.
#[derive(Clone)]
pub struct Reports {
    database: Database,
    clock: Arc<dyn Clock>,
}

impl Reports {
    /// Over `database`.
    #[must_use]
    pub fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    /// What the campaign comes to: its contacts as they stand now, and its calls that were begun in the range that `query`
    /// asks for.
    ///
    /// # Errors
    /// `NotFound` for a deleted campaign, and for another user's; `Invalid` with everything in `query` that is no range.
    pub async fn statistics(
        &self,
        actor: &Actor,
        id: CampaignId,
        query: &RangeQuery,
    ) -> Result<Statistics, EngineError> {
        let db = self.database.reader();
        let campaign = get(db, id, actor.scope()).await?;
        let zone = parse_zone(&campaign.row.timezone).map_err(EngineError::internal)?;
        let range = range::read(query, zone)?;
        let sums = quarter_sums::read(db, id, (range.from, range.to)).await?;
        let calls = Tally::of(&sums, zone);
        let lifetime = Lifetime::of(&campaign.row);
        Ok(Statistics {
            range,
            campaign_duration: lifetime.duration(self.clock.now()),
            contacts: figures::contacts(&campaign.counters),
            calls: figures::calls(&calls),
        })
    }
}
