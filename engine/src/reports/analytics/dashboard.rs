//! What all analytics begin with.

use chrono::NaiveDate;
use futures::try_join;

use super::query::{AnalyticsQuery, Covered, Scope};
use super::tally::Tally;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::reports::Reports;
use crate::reports::figures::{percentage, rounded};
use crate::store::{detail_sums, hour_sums, live_calls};

/// The calls of a range, at a glance.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    /// The calls that are counted were begun in here.
    pub covered: Covered,
    /// Placed.
    pub total: i64,
    /// Answered and ended.
    pub completed: i64,
    /// Ended otherwise: not carried, busy, or not answered.
    pub failed: i64,
    /// Going on just now, whatever the range.
    pub in_progress: i64,
    /// Those of `total` that reached their goal, percent, to one decimal.
    pub success_rate: f64,
    /// Seconds of talk of a completed call, rounded.
    pub average_duration_s: i64,
    /// Seconds of talk.
    pub total_duration_s: i64,
    /// Calls placed by the hour of the day.
    pub by_hour: [i64; 24],
    /// Calls placed by day: every day of the range, in order.
    pub by_day: Vec<(NaiveDate, i64)>,
    /// How they ended.
    pub by_status: ByStatus,
    /// Calls placed that came in.
    pub inbound: i64,
    /// Calls placed that went out.
    pub outbound: i64,
}

/// How calls ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByStatus {
    /// Answered.
    pub completed: i64,
    /// Could not be carried.
    pub failed: i64,
    /// Rang out.
    pub no_answer: i64,
    /// Busy.
    pub busy: i64,
}

impl Reports {
    /// The calls at a glance.
    ///
    /// # Errors
    /// As every question of analytics: `Forbidden` where `query` names somebody else's user, `NotFound` for a campaign that
    /// is deleted or not to be seen, `Invalid` with everything else that is wrong in `query`.
    pub async fn dashboard(
        &self,
        actor: &Actor,
        query: &AnalyticsQuery,
    ) -> Result<Dashboard, EngineError> {
        let (_, scope) = self.scope(actor, query).await?;
        let (dashboard, _) = self.glance(&scope).await?;
        Ok(dashboard)
    }

    /// The calls at a glance, and the sums that they come from.
    pub(super) async fn glance(&self, scope: &Scope) -> Result<(Dashboard, Tally), EngineError> {
        let db = self.database.searcher();
        let slice = scope.slice();
        let (hours, inbound, live) = try_join!(
            hour_sums::by_hour(db, &slice, &scope.shifts),
            detail_sums::inbound(db, &slice),
            live_calls::count(db, scope.owner, scope.campaign),
        )?;
        let tally = Tally {
            inbound,
            ..Tally::of(&hours, &scope.covered)
        };
        Ok((figures(&tally, scope.covered, live), tally))
    }
}

pub(super) fn figures(tally: &Tally, covered: Covered, live: i64) -> Dashboard {
    let all = &tally.all;
    Dashboard {
        covered,
        total: all.calls,
        completed: all.completed,
        failed: all.failed + all.busy + all.no_answer,
        in_progress: live,
        success_rate: percentage(all.successful, all.calls),
        average_duration_s: rounded(all.talk_s, all.completed),
        total_duration_s: all.talk_s,
        by_hour: std::array::from_fn(|hour| tally.by_hour.get(hour).map_or(0, |sums| sums.calls)),
        by_day: tally
            .by_day
            .iter()
            .map(|(day, sums)| (*day, sums.calls))
            .collect(),
        by_status: ByStatus {
            completed: all.completed,
            failed: all.failed,
            no_answer: all.no_answer,
            busy: all.busy,
        },
        inbound: tally.inbound.calls,
        outbound: all.calls - tally.inbound.calls,
    }
}
