//! What calls cost: the carriers' prices, each currency for itself, and the agent provider's credits.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use domain::CampaignId;
use futures::try_join;
use uuid::Uuid;

use super::LIST_MAX;
use super::dashboard::Dashboard;
use super::query::{AnalyticsQuery, DAYS_MAX};
use super::tally::Tally;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::reports::Reports;
use crate::store::campaigns;
use crate::store::price_sums::{self, By, PriceSums};

/// Entries by day: some currencies for each.
const DAY_ENTRIES_MAX: u32 = DAYS_MAX as u32 * 10;

/// What calls cost.
#[derive(Clone, Debug, PartialEq)]
pub struct CostAnalytics {
    /// The calls at a glance.
    pub dashboard: Dashboard,
    /// Successful calls, which `per_success` refers to.
    pub successful: i64,
    /// One entry per currency, most first.
    pub totals: Vec<Cost>,
    /// By day and currency, in order; only days with prices.
    pub by_day: Vec<(NaiveDate, Cost)>,
    /// By campaign and currency, most first, at most [`LIST_MAX`] entries; none: calls outside campaigns.
    pub by_campaign: Vec<(Option<CampaignCost>, Cost)>,
    /// By carrier and currency, most first, at most [`LIST_MAX`] entries.
    pub by_carrier: Vec<(String, Cost)>,
    /// The agent provider's credits.
    pub credits: i64,
    /// The agent provider's credits by day; only days with credits.
    pub credits_by_day: Vec<(NaiveDate, i64)>,
}

/// The campaign that something was paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignCost {
    /// Which.
    pub id: CampaignId,
    /// What it is called; none: its row is gone.
    pub name: Option<String>,
}

/// Prices in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// ISO 4217.
    pub currency: String,
    /// Millionths of the currency's unit.
    pub micros: i64,
    /// Calls whose price is known.
    pub calls: i64,
}

impl Reports {
    /// What calls cost.
    ///
    /// # Errors
    /// As [`Self::dashboard`].
    pub async fn cost_analytics(
        &self,
        actor: &Actor,
        query: &AnalyticsQuery,
    ) -> Result<CostAnalytics, EngineError> {
        let (db, scope) = self.scope(actor, query).await?;
        let (dashboard, tally) = self.glance(&scope).await?;
        let slice = scope.slice();
        let (totals, days, by_campaign, carriers) = try_join!(
            price_sums::by(db, &slice, By::Nothing, LIST_MAX),
            price_sums::by(db, &slice, By::Day(&scope.shifts), DAY_ENTRIES_MAX),
            price_sums::by(db, &slice, By::Campaign, LIST_MAX),
            price_sums::by(db, &slice, By::Carrier, LIST_MAX),
        )?;
        let ids = by_campaign.iter().filter_map(campaign_of);
        let rows = campaigns::find_all(db, ids).await?;
        let names = rows.into_iter().map(|(id, row)| (id, row.name)).collect();
        Ok(CostAnalytics {
            dashboard,
            successful: tally.all.successful,
            totals: totals.into_iter().map(|sums| cost(sums).1).collect(),
            by_day: by_day(days),
            by_campaign: by_campaign
                .into_iter()
                .map(|sums| (named(&sums, &names), cost(sums).1))
                .collect(),
            by_carrier: carriers.into_iter().map(cost).collect(),
            credits: tally.all.credits,
            credits_by_day: credits_by_day(&tally),
        })
    }
}

fn cost(sums: PriceSums) -> (String, Cost) {
    let cost = Cost {
        currency: sums.price_unit,
        micros: sums.price_micros,
        calls: sums.priced,
    };
    (sums.alike, cost)
}

/// `None`: calls outside campaigns.
fn campaign_of(sums: &PriceSums) -> Option<CampaignId> {
    let id: Uuid = sums.alike.parse().ok()?;
    (!id.is_nil()).then(|| CampaignId::from_uuid(id))
}

fn named(sums: &PriceSums, names: &HashMap<CampaignId, String>) -> Option<CampaignCost> {
    let id = campaign_of(sums)?;
    let name = names.get(&id).cloned();
    Some(CampaignCost { id, name })
}

fn by_day(found: Vec<PriceSums>) -> Vec<(NaiveDate, Cost)> {
    let mut days: Vec<(NaiveDate, Cost)> = found
        .into_iter()
        .filter_map(|sums| {
            let (day, cost) = cost(sums);
            let day = NaiveDate::default().checked_add_days(Days::new(day.parse().ok()?))?;
            Some((day, cost))
        })
        .collect();
    days.sort_by(|(a, one), (b, other)| (a, &one.currency).cmp(&(b, &other.currency)));
    days
}

fn credits_by_day(tally: &Tally) -> Vec<(NaiveDate, i64)> {
    let days = tally.by_day.iter().filter(|(_, sums)| sums.credits != 0);
    days.map(|(day, sums)| (*day, sums.credits)).collect()
}
