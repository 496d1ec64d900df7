//! How quickly and how well calls go, by agent and by number.

use axum::Json;
use axum::extract::State;
use engine::reports::analytics::percentile::Percentiles;
use engine::reports::analytics::performance::{Performance, PerformanceAnalytics};
use serde::Serialize;
use utoipa::ToSchema;

use super::AnalyticsEnvelope;
use super::dashboard::DashboardView;
use super::request::AnalyticsQueryV1;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;

/// How calls go.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PerformanceAnalyticsView {
    #[serde(flatten)]
    dashboard: DashboardView,
    /// Answered of all calls that went out, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 66.7)]
    answer_rate: f64,
    /// Calls in which a person spoke with the agent, of all that went out, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 53.3)]
    reach_rate: f64,
    /// Seconds from begun to answered of a completed call on average, to one decimal
    #[schema(minimum = 0, example = 6.5)]
    average_connect_time: f64,
    /// Seconds from begun to answered of completed calls; `null` where there are none
    #[schema(value_type = Option<PercentilesView>)]
    connect_time_percentiles: Option<PercentilesView>,
    /// Seconds of talk of completed calls; `null` where there are none
    #[schema(value_type = Option<PercentilesView>)]
    duration_percentiles: Option<PercentilesView>,
    /// By agent: most calls first, at most 100
    #[schema(max_items = 100)]
    by_agent: Vec<AgentPerformanceView>,
    /// By the number that was called from: most calls first, at most 100
    #[schema(max_items = 100)]
    by_number: Vec<NumberPerformanceView>,
}

/// Seconds that so many percent of the calls do not exceed, to one decimal. Calls are counted in steps (connect time up to
/// 1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60 s; talk up to 5, 15, 30, 60, 90, 120, 180, 300, 600, 1,200, 1,800 s), within
/// which percentiles are interpolated; beyond the last step its bound is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct PercentilesView {
    /// The median
    #[schema(minimum = 0, example = 5.2)]
    p50: f64,
    /// 90 percent
    #[schema(minimum = 0, example = 12.5)]
    p90: f64,
    /// 95 percent
    #[schema(minimum = 0, example = 17.1)]
    p95: f64,
    /// 99 percent
    #[schema(minimum = 0, example = 26.0)]
    p99: f64,
}

/// How the calls of one agent went.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentPerformanceView {
    /// Which; `null`: calls without an agent
    #[schema(example = "agent-456")]
    agent_id: Option<String>,
    /// What its provider calls it; `null` where it was never listed
    #[schema(example = "Ada")]
    agent_name: Option<String>,
    #[serde(flatten)]
    figures: PerformanceView,
}

/// How the calls from one number went.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NumberPerformanceView {
    /// Which
    #[schema(example = "+12025550100")]
    number: String,
    /// What the carrier's account calls it; `null` where it has no label, or was never listed
    #[schema(example = "Main line")]
    label: Option<String>,
    #[serde(flatten)]
    figures: PerformanceView,
}

/// How some calls went.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PerformanceView {
    /// Calls placed
    #[schema(minimum = 1, example = 150)]
    calls: i64,
    /// Answered, by whomever, and ended
    #[schema(minimum = 0, example = 100)]
    completed: i64,
    /// A person spoke with the agent
    #[schema(minimum = 0, example = 80)]
    reached: i64,
    /// Reached their goal
    #[schema(minimum = 0, example = 60)]
    successful: i64,
    /// `completed` of `calls`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 66.7)]
    answer_rate: f64,
    /// `reached` of `calls`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 53.3)]
    reach_rate: f64,
    /// `successful` of `calls`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 40.0)]
    success_rate: f64,
    /// Seconds from begun to answered of a completed call on average, to one decimal
    #[schema(minimum = 0, example = 6.5)]
    average_connect_time: f64,
    /// Seconds of talk of a completed call on average, whole
    #[schema(minimum = 0, example = 142)]
    average_duration: i64,
}

impl From<PerformanceAnalytics> for PerformanceAnalyticsView {
    fn from(found: PerformanceAnalytics) -> Self {
        Self {
            dashboard: found.dashboard.into(),
            answer_rate: found.all.answer_rate,
            reach_rate: found.all.reach_rate,
            average_connect_time: found.all.average_connect_time_s,
            connect_time_percentiles: found.connect_time_s.map(PercentilesView::from),
            duration_percentiles: found.duration_s.map(PercentilesView::from),
            by_agent: found
                .by_agent
                .into_iter()
                .map(AgentPerformanceView::from)
                .collect(),
            by_number: found
                .by_number
                .into_iter()
                .map(NumberPerformanceView::from)
                .collect(),
        }
    }
}

impl From<Percentiles> for PercentilesView {
    fn from(found: Percentiles) -> Self {
        Self {
            p50: found.p50,
            p90: found.p90,
            p95: found.p95,
            p99: found.p99,
        }
    }
}

impl From<Performance> for AgentPerformanceView {
    fn from(found: Performance) -> Self {
        Self {
            agent_id: Some(found.key.clone()).filter(|id| !id.is_empty()),
            agent_name: found.name.clone(),
            figures: found.into(),
        }
    }
}

impl From<Performance> for NumberPerformanceView {
    fn from(found: Performance) -> Self {
        Self {
            number: found.key.clone(),
            label: found.name.clone(),
            figures: found.into(),
        }
    }
}

impl From<Performance> for PerformanceView {
    fn from(found: Performance) -> Self {
        Self {
            calls: found.calls,
            completed: found.completed,
            reached: found.reached,
            successful: found.successful,
            answer_rate: found.answer_rate,
            reach_rate: found.reach_rate,
            success_rate: found.success_rate,
            average_connect_time: found.average_connect_time_s,
            average_duration: found.average_duration_s,
        }
    }
}

/// How quickly and how well calls go, by agent and by number.
#[utoipa::path(get, path = "/api/v1/analytics/performance", tag = "analytics v1", params(AnalyticsQueryV1),
    responses((status = 200, body = AnalyticsEnvelope<PerformanceAnalyticsView>), (status = "4XX", body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(query): Query<AnalyticsQueryV1>,
) -> Result<Json<AnalyticsEnvelope<PerformanceAnalyticsView>>, ApiError> {
    let found = app
        .engine
        .reports
        .performance_analytics(&actor, &query.into())
        .await?;
    Ok(Json(AnalyticsEnvelope::new(found)))
}
