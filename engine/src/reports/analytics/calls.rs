//! What became of the calls.

use super::dashboard::Dashboard;
use super::per_hour::PerHour;
use super::query::AnalyticsQuery;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::reports::Reports;
use crate::store::bucket_sums::BucketSums;
use crate::store::detail_sums::{self, By, DetailSums, InboundSums};

/// Calls by outcome and by hour.
#[derive(Clone, Debug, PartialEq)]
pub struct CallAnalytics {
    /// The calls at a glance.
    pub dashboard: Dashboard,
    /// What they came to.
    pub outcomes: Outcomes,
    /// By the hour of the day.
    pub by_hour: Vec<PerHour>,
}

/// What calls came to. The first six exclude each other, and add up to the calls that ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// A person spoke with the agent.
    pub answered: i64,
    /// A machine answered.
    pub voicemail: i64,
    /// Busy.
    pub busy: i64,
    /// Rang out.
    pub no_answer: i64,
    /// Could not be carried.
    pub failed: i64,
    /// Answered, and no agent could speak.
    pub without_agent: i64,
    /// Reached their goal.
    pub successful: i64,
    /// A callback was asked for.
    pub callbacks_requested: i64,
    /// Led to a callback.
    pub callbacks_scheduled: i64,
    /// Handed on, whether or not anybody took it.
    pub transfers_initiated: i64,
    /// Handed on to somebody who took it.
    pub transfers_completed: i64,
}

impl Reports {
    /// What became of the calls.
    ///
    /// # Errors
    /// As [`Self::dashboard`].
    pub async fn call_analytics(
        &self,
        actor: &Actor,
        query: &AnalyticsQuery,
    ) -> Result<CallAnalytics, EngineError> {
        let (db, scope) = self.scope(actor, query).await?;
        let (dashboard, tally) = self.glance(&scope).await?;
        let detail = detail_sums::by(db, &scope.slice(), By::Nothing, 1).await?;
        let detail = detail.into_iter().next().unwrap_or_default();
        Ok(CallAnalytics {
            dashboard,
            outcomes: outcomes(&tally.all, &tally.inbound, &detail),
            by_hour: PerHour::all_of(&tally.by_hour),
        })
    }
}

/// Of `all` without those that came in; `detail` knows only the others.
pub(super) fn outcomes(all: &BucketSums, inbound: &InboundSums, detail: &DetailSums) -> Outcomes {
    let completed = all.completed - inbound.completed;
    Outcomes {
        answered: detail.reached,
        voicemail: all.voicemail,
        busy: all.busy - inbound.busy,
        no_answer: all.no_answer - inbound.no_answer,
        failed: all.failed - inbound.failed,
        without_agent: (completed - detail.reached - all.voicemail).max(0),
        successful: all.successful,
        callbacks_requested: all.callbacks,
        callbacks_scheduled: all.callbacks_scheduled,
        transfers_initiated: all.transfers,
        transfers_completed: all.transfers_completed,
    }
}
