//! How the days differ from each other.

use chrono::NaiveDate;

use super::dashboard::Dashboard;
use super::query::AnalyticsQuery;
use super::tally::Tally;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::reports::Reports;
use crate::reports::figures::{percentage, rounded};
use crate::store::bucket_sums::BucketSums;

/// Day after day.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendAnalytics {
    /// The calls at a glance.
    pub dashboard: Dashboard,
    /// Every day of the range, in order.
    pub days: Vec<TrendDay>,
}

/// One day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrendDay {
    /// Which.
    pub date: NaiveDate,
    /// Placed.
    pub calls: Figure,
    /// Answered and ended.
    pub completed: Figure,
    /// Ended otherwise.
    pub failed: Figure,
    /// Reached their goal.
    pub successful: Figure,
    /// Those of `calls` that reached their goal, percent, to one decimal.
    pub success_rate: f64,
    /// Seconds of talk of a completed call, rounded.
    pub average_duration_s: i64,
}

/// A count, and how it differs from that of the day before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// The count.
    pub count: i64,
    /// How many more than the day before; none on the first day.
    pub change: Option<i64>,
    /// The same in percent of the day before, to one decimal; none on the first day, and after a day without any.
    pub change_percent: Option<f64>,
}

impl Reports {
    /// How the days differ from each other.
    ///
    /// # Errors
    /// As [`Self::dashboard`].
    pub async fn trend_analytics(
        &self,
        actor: &Actor,
        query: &AnalyticsQuery,
    ) -> Result<TrendAnalytics, EngineError> {
        let (_, scope) = self.scope(actor, query).await?;
        let (dashboard, tally) = self.glance(&scope).await?;
        Ok(TrendAnalytics {
            dashboard,
            days: days(&tally),
        })
    }
}

pub(super) fn days(tally: &Tally) -> Vec<TrendDay> {
    let mut before: Option<&BucketSums> = None;
    let mut days = Vec::with_capacity(tally.by_day.len());
    for (date, sums) in &tally.by_day {
        let figure = |of: fn(&BucketSums) -> i64| Figure::of(of(sums), before.map(of));
        days.push(TrendDay {
            date: *date,
            calls: figure(|sums| sums.calls),
            completed: figure(|sums| sums.completed),
            failed: figure(|sums| sums.failed + sums.busy + sums.no_answer),
            successful: figure(|sums| sums.successful),
            success_rate: percentage(sums.successful, sums.calls),
            average_duration_s: rounded(sums.talk_s, sums.completed),
        });
        before = Some(sums);
    }
    days
}

impl Figure {
    fn of(count: i64, before: Option<i64>) -> Self {
        let change = before.map(|before| count - before);
        let percent = |before: i64| {
            let tenths = (count - before) as f64 * 1_000.0 / before as f64;
            tenths.round() / 10.0
        };
        Self {
            count,
            change,
            change_percent: before.filter(|before| *before > 0).map(percent),
        }
    }
}
