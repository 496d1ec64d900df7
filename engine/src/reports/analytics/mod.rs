//! Calls seen from eight sides: the dashboard, and seven that add figures of their own to it. Read from sums, never from
//! calls.
//!
//! Whatever is asked, calls belong to a range by when they were begun, and hours, weekdays and days are those of one zone.

pub mod calls;
pub mod cost;
pub mod dashboard;
pub mod per_hour;
pub mod percentile;
pub mod performance;
pub mod query;
pub mod retry;
pub mod scheduling;
mod shifts;
mod tally;
pub mod trends;
pub mod voicemail;

#[cfg(test)]
mod tests;

pub use query::AnalyticsQuery;

use sea_orm::DatabaseConnection;

use super::Reports;
use crate::actor::Actor;
use crate::error::EngineError;
use query::Scope;

/// Entries of a list that has one per agent, number, campaign or carrier; the largest come first.
pub const LIST_MAX: u32 = 100;

impl Reports {
    /// The connection to read from, and what `actor` may see of what `query` asks for.
    async fn scope(
        &self,
        actor: &Actor,
        query: &AnalyticsQuery,
    ) -> Result<(&DatabaseConnection, Scope), EngineError> {
        let scope = query::read(&self.database, self.clock.now(), actor, query).await?;
        Ok((self.database.searcher(), scope))
    }
}
