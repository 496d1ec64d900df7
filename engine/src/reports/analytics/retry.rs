//! What further attempts are good for, and which are to come.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use domain::CampaignId;

use super::LIST_MAX;
use super::dashboard::Dashboard;
use super::query::{AnalyticsQuery, Scope};
use crate::actor::Actor;
use crate::error::EngineError;
use crate::reports::Reports;
use crate::reports::figures::{percentage, rounded};
use crate::store::detail_sums::{self, By, DetailSums};
use crate::store::due_contacts::Due;
use crate::store::{active_campaigns, due_contacts};

/// Hours ahead for which retries are told.
pub const HOURS_AHEAD: i64 = 48;
/// Contacts that are looked at for it: those that fall due first.
pub const DUE_MAX: u32 = 5_000;
/// Active campaigns that are looked at for it: the newest.
pub const CAMPAIGNS_MAX: u64 = 20;

/// Calls by attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryAnalytics {
    /// The calls at a glance.
    pub dashboard: Dashboard,
    /// One entry per attempt with calls, in order. Calls outside campaigns are no attempts.
    pub by_attempt: Vec<Attempt>,
    /// Second and later attempts together.
    pub retries: Attempt,
    /// The mean number of the attempt that reached the person, to two decimals; none where nobody was reached.
    pub average_attempts: Option<f64>,
    /// Retries to come.
    pub pending: Pending,
}

/// What became of one attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Attempt {
    /// 1 for the first; 50 stands for the fiftieth and all later.
    pub number: u32,
    /// Placed.
    pub calls: i64,
    /// Answered and ended.
    pub completed: i64,
    /// A person spoke with the agent.
    pub reached: i64,
    /// Reached their goal.
    pub successful: i64,
    /// `reached` of `calls`, percent, to one decimal.
    pub reach_rate: f64,
    /// `successful` of `calls`, percent, to one decimal.
    pub success_rate: f64,
    /// Persons for whom it took this many attempts: `reached`, callbacks not counted.
    pub needed: i64,
    /// Those of all persons reached who were reached by this attempt or an earlier one, percent, to one decimal.
    pub reached_so_far: f64,
}

/// Retries that fall due within [`HOURS_AHEAD`] hours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// How many.
    pub total: i64,
    /// True where there may be more: only the [`DUE_MAX`] contacts due first were looked at.
    pub is_capped: bool,
    /// The hours in which some fall due, as the zone's clock shows them, in order.
    pub by_hour: Vec<(DateTime<Utc>, i64)>,
}

impl Reports {
    /// What further attempts are good for.
    ///
    /// # Errors
    /// As [`Self::dashboard`].
    pub async fn retry_analytics(
        &self,
        actor: &Actor,
        query: &AnalyticsQuery,
    ) -> Result<RetryAnalytics, EngineError> {
        let (db, scope) = self.scope(actor, query).await?;
        let (dashboard, _) = self.glance(&scope).await?;
        let sums = detail_sums::by(db, &scope.slice(), By::Attempt, LIST_MAX).await?;
        let (by_attempt, retries, average_attempts) = attempts(&sums);
        Ok(RetryAnalytics {
            dashboard,
            by_attempt,
            retries,
            average_attempts,
            pending: self.pending(&scope).await?,
        })
    }

    async fn pending(&self, scope: &Scope) -> Result<Pending, EngineError> {
        let db = self.database.searcher();
        let campaigns =
            active_campaigns::find(db, scope.owner, scope.campaign, CAMPAIGNS_MAX).await?;
        let ids: Vec<CampaignId> = campaigns
            .iter()
            .map(|row| CampaignId::from_uuid(row.id))
            .collect();
        let ahead = (scope.now, scope.now + TimeDelta::hours(HOURS_AHEAD));
        let due = due_contacts::by_quarter(db, &ids, ahead, DUE_MAX).await?;
        Ok(pending(&due, scope))
    }
}

fn pending(due: &[Due], scope: &Scope) -> Pending {
    let mut pending = Pending::default();
    for quarter in due.iter().filter(|quarter| quarter.retries > 0) {
        let hour = begin_of_hour(quarter.quarter_s, scope);
        match pending.by_hour.last_mut() {
            Some((last, retries)) if *last == hour => *retries += quarter.retries,
            _ => pending.by_hour.push((hour, quarter.retries)),
        }
        pending.total += quarter.retries;
    }
    let seen: i64 = due.iter().map(|quarter| quarter.contacts).sum();
    pending.is_capped = seen >= i64::from(DUE_MAX);
    pending
}

/// The begin of the hour, by the zone's clock, that a quarter lies in.
fn begin_of_hour(quarter_s: i64, scope: &Scope) -> DateTime<Utc> {
    let at = DateTime::from_timestamp(quarter_s, 0).unwrap_or_default();
    let minutes = at.with_timezone(&scope.covered.zone).minute();
    at - TimeDelta::minutes(i64::from(minutes))
}

pub(super) fn attempts(sums: &[DetailSums]) -> (Vec<Attempt>, Attempt, Option<f64>) {
    let number = |sums: &DetailSums| sums.key.parse().unwrap_or(0);
    let mut numbered: Vec<(u32, &DetailSums)> =
        sums.iter().map(|sums| (number(sums), sums)).collect();
    // 0: calls outside campaigns.
    numbered.retain(|(number, sums)| *number > 0 && sums.calls > 0);
    numbered.sort_by_key(|(number, _)| *number);
    let everybody: i64 = numbered.iter().map(|(_, sums)| sums.reached_first).sum();
    let (mut so_far, mut tries) = (0, 0);
    let mut list = Vec::with_capacity(numbered.len());
    let mut later = DetailSums::default();
    for (number, sums) in numbered {
        so_far += sums.reached_first;
        tries += i64::from(number) * sums.reached_first;
        list.push(Attempt {
            reached_so_far: percentage(so_far, everybody),
            ..attempt(number, sums)
        });
        if number > 1 {
            later.calls += sums.calls;
            later.completed += sums.completed;
            later.reached += sums.reached;
            later.reached_first += sums.reached_first;
            later.successful += sums.successful;
        }
    }
    let average = (everybody > 0).then(|| rounded(tries * 100, everybody) as f64 / 100.0);
    (list, attempt(2, &later), average)
}

fn attempt(number: u32, sums: &DetailSums) -> Attempt {
    Attempt {
        number,
        calls: sums.calls,
        completed: sums.completed,
        reached: sums.reached,
        successful: sums.successful,
        reach_rate: percentage(sums.reached, sums.calls),
        success_rate: percentage(sums.successful, sums.calls),
        needed: sums.reached_first,
        reached_so_far: 0.0,
    }
}
