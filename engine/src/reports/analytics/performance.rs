//! How quickly and how well calls go, by agent and by number.

use std::collections::HashMap;

use futures::try_join;

use super::LIST_MAX;
use super::dashboard::Dashboard;
use super::percentile::Percentiles;
use super::query::AnalyticsQuery;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::reports::Reports;
use crate::reports::figures::{percentage, rounded, tenths};
use crate::store::detail_sums::{self, By, DetailSums};
use crate::store::histogram::{TALK_BOUNDS_S, WAIT_BOUNDS_MS};
use crate::store::{agents, phone_numbers};

/// How calls go.
#[derive(Clone, Debug, PartialEq)]
pub struct PerformanceAnalytics {
    /// The calls at a glance.
    pub dashboard: Dashboard,
    /// All of them.
    pub all: Performance,
    /// Seconds from begun to answered of completed calls; none where there are none.
    pub connect_time_s: Option<Percentiles>,
    /// Seconds of talk of completed calls; none where there are none.
    pub duration_s: Option<Percentiles>,
    /// By agent, most calls first, at most [`LIST_MAX`].
    pub by_agent: Vec<Performance>,
    /// By the number that was called from, most calls first, at most [`LIST_MAX`].
    pub by_number: Vec<Performance>,
}

/// How some calls went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Performance {
    /// What they have in common; empty: no agent.
    pub key: String,
    /// What people call that: the agent's name, the number's label; none: it was never listed, or has none.
    pub name: Option<String>,
    /// Placed.
    pub calls: i64,
    /// Answered and ended.
    pub completed: i64,
    /// A person spoke with the agent.
    pub reached: i64,
    /// Reached their goal.
    pub successful: i64,
    /// `completed` of `calls`, percent, to one decimal.
    pub answer_rate: f64,
    /// `reached` of `calls`, percent, to one decimal.
    pub reach_rate: f64,
    /// `successful` of `calls`, percent, to one decimal.
    pub success_rate: f64,
    /// Seconds from begun to answered of a completed call, to one decimal.
    pub average_connect_time_s: f64,
    /// Seconds of talk of a completed call, rounded.
    pub average_duration_s: i64,
}

impl Reports {
    /// How quickly and how well calls go.
    ///
    /// # Errors
    /// As [`Self::dashboard`].
    pub async fn performance_analytics(
        &self,
        actor: &Actor,
        query: &AnalyticsQuery,
    ) -> Result<PerformanceAnalytics, EngineError> {
        let (db, scope) = self.scope(actor, query).await?;
        let (dashboard, _) = self.glance(&scope).await?;
        let slice = scope.slice();
        let (all, by_agent, by_number) = try_join!(
            detail_sums::by(db, &slice, By::Nothing, 1),
            detail_sums::by(db, &slice, By::Agent, LIST_MAX),
            detail_sums::by(db, &slice, By::Number, LIST_MAX),
        )?;
        let all = all.into_iter().next().unwrap_or_default();
        let (names, labels) = try_join!(
            agents::names(db, by_agent.iter().map(|sums| &*sums.key)),
            phone_numbers::labels(db, by_number.iter().map(|sums| &*sums.key)),
        )?;
        Ok(PerformanceAnalytics {
            dashboard,
            connect_time_s: Percentiles::of(&all.wait_counts, &WAIT_BOUNDS_MS, 1_000.0),
            duration_s: Percentiles::of(&all.talk_counts, &TALK_BOUNDS_S, 1.0),
            all: performance(&all),
            by_agent: list(&by_agent, &names),
            by_number: list(&by_number, &labels),
        })
    }
}

fn list(found: &[DetailSums], names: &HashMap<String, String>) -> Vec<Performance> {
    let placed = found.iter().filter(|sums| sums.calls > 0);
    let named = |sums: &DetailSums| Performance {
        name: names.get(&sums.key).cloned(),
        ..performance(sums)
    };
    placed.map(named).collect()
}

pub(super) fn performance(sums: &DetailSums) -> Performance {
    Performance {
        key: sums.key.clone(),
        name: None,
        calls: sums.calls,
        completed: sums.completed,
        reached: sums.reached,
        successful: sums.successful,
        answer_rate: percentage(sums.completed, sums.calls),
        reach_rate: percentage(sums.reached, sums.calls),
        success_rate: percentage(sums.successful, sums.calls),
        average_connect_time_s: tenths(rounded(sums.wait_ms, sums.waits * 100)),
        average_duration_s: rounded(sums.talk_s, sums.completed),
    }
}
