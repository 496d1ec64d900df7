//! When calls are made, and when they may be.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::CampaignId;

use super::dashboard::Dashboard;
use super::per_hour::PerHour;
use super::query::{AnalyticsQuery, Covered, Scope};
use super::tally::Tally;
use crate::actor::Actor;
use crate::campaigns::rules::Rules;
use crate::error::EngineError;
use crate::reports::Reports;
use crate::reports::figures::percentage;
use crate::store::active_campaigns;
use crate::store::calls_within::{self, Stretch};
use crate::store::rollups::{bucket_of, end_of_bucket};

/// Active campaigns that are told of: the newest.
pub const OPENINGS_MAX: u64 = 10;
/// Windows of one campaign in a range: a few a day where daylight saving cuts them.
const WINDOWS_MAX: usize = 800;

/// Calls by the time of the week.
#[derive(Clone, Debug, PartialEq)]
pub struct SchedulingAnalytics {
    /// The calls at a glance.
    pub dashboard: Dashboard,
    /// The weekday (1 Monday to 7 Sunday) and the hour; only those with calls, in order.
    pub by_weekday: Vec<(u8, PerHour)>,
    /// The active campaigns, at most [`OPENINGS_MAX`]: those that open first come first, those that never do last.
    pub openings: Vec<Opening>,
}

/// When a campaign may call, by its calendar as it stands and its own zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// Which.
    pub campaign: CampaignId,
    /// What it is called.
    pub name: String,
    /// Its zone.
    pub timezone: String,
    /// True where it may call now.
    pub is_open: bool,
    /// When it may call next: now, where it may; none: never again.
    pub opens_at: Option<DateTime<Utc>>,
    /// When that ends; none: not for years.
    pub closes_at: Option<DateTime<Utc>>,
    /// Calls that were begun in the range.
    pub calls: i64,
    /// Those of them that lie in its windows as they stand, percent, to one decimal. Contacts with a zone of their own may
    /// be called outside, and so was who was called before the windows were changed.
    pub inside_windows: f64,
}

impl Reports {
    /// When calls are made, and when they may be.
    ///
    /// # Errors
    /// As [`Self::dashboard`].
    pub async fn scheduling_analytics(
        &self,
        actor: &Actor,
        query: &AnalyticsQuery,
    ) -> Result<SchedulingAnalytics, EngineError> {
        let (_, scope) = self.scope(actor, query).await?;
        let (dashboard, tally) = self.glance(&scope).await?;
        Ok(SchedulingAnalytics {
            dashboard,
            by_weekday: by_weekday(&tally),
            openings: self.openings(&scope).await?,
        })
    }

    async fn openings(&self, scope: &Scope) -> Result<Vec<Opening>, EngineError> {
        let db = self.database.searcher();
        let rows = active_campaigns::find(db, scope.owner, scope.campaign, OPENINGS_MAX).await?;
        let mut campaigns = Vec::with_capacity(rows.len());
        for row in rows {
            campaigns.push(Rules::of(row, TimeDelta::minutes(1))?);
        }
        let (from, to) = (scope.covered.from, scope.covered.to);
        let whole: Vec<Stretch> = campaigns.iter().map(|rules| (rules.id, from, to)).collect();
        let open: Vec<Stretch> = campaigns
            .iter()
            .flat_map(|rules| windows(rules, &scope.covered))
            .collect();
        let calls = calls_within::count(db, &whole).await?;
        let inside = calls_within::count(db, &open).await?;
        let of = |counts: &HashMap<CampaignId, i64>, id| counts.get(&id).copied().unwrap_or(0);
        let opening = |rules: &Rules| {
            let all = of(&calls, rules.id);
            Opening {
                calls: all,
                inside_windows: percentage(of(&inside, rules.id), all),
                ..opening(rules, scope.now)
            }
        };
        let mut openings: Vec<Opening> = campaigns.iter().map(opening).collect();
        openings.sort_by_key(|opening| (opening.opens_at.is_none(), opening.opens_at));
        Ok(openings)
    }
}

pub(super) fn by_weekday(tally: &Tally) -> Vec<(u8, PerHour)> {
    let mut found = Vec::new();
    for (weekday, hours) in (1..).zip(&tally.by_weekday) {
        let hours = PerHour::all_of(hours).into_iter();
        found.extend(
            hours
                .filter(|hour| hour.calls > 0)
                .map(|hour| (weekday, hour)),
        );
    }
    found
}

fn opening(rules: &Rules, now: DateTime<Utc>) -> Opening {
    let opens_at = rules.calendar.next_open(rules.zone, now);
    Opening {
        campaign: rules.id,
        name: rules.row.name.clone(),
        timezone: rules.row.timezone.clone(),
        is_open: opens_at == Some(now),
        opens_at,
        closes_at: opens_at.and_then(|at| rules.calendar.closes_at(rules.zone, at)),
        calls: 0,
        inside_windows: 0.0,
    }
}

/// The quarters in which the campaign may call at some time, as stretches that do not overlap.
fn windows(rules: &Rules, covered: &Covered) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let mut at = covered.from;
    for _ in 0..WINDOWS_MAX {
        let opens = rules.calendar.next_open(rules.zone, at);
        let Some(opens) = opens.filter(|opens| *opens < covered.to) else {
            break;
        };
        let closes = rules.calendar.closes_at(rules.zone, opens);
        let closes = closes.map_or(covered.to, |closes| closes.min(covered.to));
        let (from, to) = (bucket_of(opens), end_of_bucket(closes));
        match found.last_mut() {
            Some((_, _, end)) if from <= *end => *end = to,
            _ => found.push((rules.id, from, to)),
        }
        if closes >= covered.to {
            break;
        }
        at = closes;
    }
    found
}
