//! What calls cost: the carriers' prices, each currency for itself, and the agent provider's credits.

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::CampaignId;
use engine::reports::analytics::cost::{CampaignCost, Cost, CostAnalytics};
use serde::Serialize;
use utoipa::ToSchema;

use super::AnalyticsEnvelope;
use super::dashboard::DashboardView;
use super::request::AnalyticsQueryV1;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;

/// What calls cost.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CostAnalyticsView {
    #[serde(flatten)]
    dashboard: DashboardView,
    /// Calls that reached their goal
    #[schema(minimum = 0, example = 60)]
    successful_calls: i64,
    /// The carriers' prices: one entry per currency
    costs: Vec<CurrencyView>,
    /// By day and currency, in order; only days with prices
    cost_by_day: Vec<DayCostView>,
    /// By campaign and currency: highest amount first, at most 100
    #[schema(max_items = 100)]
    cost_by_campaign: Vec<CampaignCostView>,
    /// By carrier and currency: highest amount first, at most 100
    #[schema(max_items = 100)]
    cost_by_carrier: Vec<CarrierCostView>,
    credits: CreditsView,
}

/// Prices in one currency.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriceView {
    /// ISO 4217
    #[schema(example = "USD")]
    currency: String,
    /// In the currency's unit
    #[schema(example = 1.305)]
    amount: f64,
    /// Calls whose price is known in this currency
    #[schema(minimum = 1, example = 145)]
    calls: i64,
}

/// All prices in one currency.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CurrencyView {
    #[serde(flatten)]
    cost: PriceView,
    /// `amount` per call whose price is known
    #[schema(example = 0.009)]
    per_call: f64,
    /// `amount` per call that reached its goal; `null` where none did
    #[schema(example = 0.02175)]
    per_success: Option<f64>,
}

/// Prices of one day.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayCostView {
    /// Which
    #[schema(example = "2030-01-31")]
    date: NaiveDate,
    #[serde(flatten)]
    cost: PriceView,
}

/// Prices of one campaign.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CampaignCostView {
    /// Which; `null`: calls outside campaigns
    #[schema(value_type = Option<uuid::Uuid>)]
    campaign_id: Option<CampaignId>,
    campaign_name: Option<String>,
    #[serde(flatten)]
    cost: PriceView,
}

/// Prices of one carrier.
#[derive(Debug, Serialize, ToSchema)]
pub struct CarrierCostView {
    /// Which
    #[schema(example = "signalwire")]
    carrier: String,
    #[serde(flatten)]
    cost: PriceView,
}

/// The agent provider's credits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditsView {
    /// All of them
    #[schema(minimum = 0, example = 18_000)]
    total: i64,
    /// Per call that reached its goal; `null` where none did
    #[schema(minimum = 0, example = 300.0)]
    per_success: Option<f64>,
    /// By day, in order; only days with credits
    by_day: Vec<DayCreditsView>,
}

/// The credits of one day.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayCreditsView {
    /// Which
    #[schema(example = "2030-01-31")]
    date: NaiveDate,
    /// How many
    #[schema(example = 600)]
    credits: i64,
}

impl From<CostAnalytics> for CostAnalyticsView {
    fn from(found: CostAnalytics) -> Self {
        let successful = found.successful;
        let totals = found.totals.into_iter();
        let day = |(date, credits)| DayCreditsView { date, credits };
        let by_day = |(date, cost): (NaiveDate, Cost)| DayCostView {
            date,
            cost: cost.into(),
        };
        let by_carrier = |(carrier, cost): (String, Cost)| CarrierCostView {
            carrier,
            cost: cost.into(),
        };
        Self {
            dashboard: found.dashboard.into(),
            successful_calls: successful,
            costs: totals
                .map(|cost| CurrencyView::new(cost, successful))
                .collect(),
            cost_by_day: found.by_day.into_iter().map(by_day).collect(),
            cost_by_campaign: found
                .by_campaign
                .into_iter()
                .map(CampaignCostView::from)
                .collect(),
            cost_by_carrier: found.by_carrier.into_iter().map(by_carrier).collect(),
            credits: CreditsView {
                total: found.credits,
                per_success: per(found.credits as f64, successful),
                by_day: found.credits_by_day.into_iter().map(day).collect(),
            },
        }
    }
}

impl CurrencyView {
    fn new(cost: Cost, successful: i64) -> Self {
        let cost = PriceView::from(cost);
        Self {
            per_call: per(cost.amount, cost.calls).unwrap_or(0.0),
            per_success: per(cost.amount, successful),
            cost,
        }
    }
}

impl From<Cost> for PriceView {
    fn from(found: Cost) -> Self {
        Self {
            currency: found.currency,
            amount: found.micros as f64 / MICROS,
            calls: found.calls,
        }
    }
}

impl From<(Option<CampaignCost>, Cost)> for CampaignCostView {
    fn from((campaign, cost): (Option<CampaignCost>, Cost)) -> Self {
        Self {
            campaign_id: campaign.as_ref().map(|campaign| campaign.id),
            campaign_name: campaign.and_then(|campaign| campaign.name),
            cost: cost.into(),
        }
    }
}

/// Millionths in a unit.
const MICROS: f64 = 1_000_000.0;

/// `amount` parted among `count`, to the millionth.
fn per(amount: f64, count: i64) -> Option<f64> {
    (count > 0).then(|| (amount / count as f64 * MICROS).round() / MICROS)
}

/// What calls cost: the carriers' prices, each currency for itself, and the agent provider's credits.
#[utoipa::path(get, path = "/api/v1/analytics/cost", tag = "analytics v1", params(AnalyticsQueryV1),
    responses((status = 200, body = AnalyticsEnvelope<CostAnalyticsView>), (status = "4XX", body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(query): Query<AnalyticsQueryV1>,
) -> Result<Json<AnalyticsEnvelope<CostAnalyticsView>>, ApiError> {
    let found = app
        .engine
        .reports
        .cost_analytics(&actor, &query.into())
        .await?;
    Ok(Json(AnalyticsEnvelope::new(found)))
}
