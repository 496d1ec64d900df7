//! What all analytics begin with.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use engine::reports::analytics::dashboard::Dashboard;
use serde::Serialize;
use utoipa::ToSchema;

use super::AnalyticsEnvelope;
use super::request::AnalyticsQueryV1;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;

/// The calls begun in the range, at a glance. Where there is nothing to count every figure is 0.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DashboardView {
    /// Calls placed: the carrier took them on
    #[schema(minimum = 0, example = 150)]
    total_calls: i64,
    /// Calls answered, by whomever, and ended
    #[schema(minimum = 0, example = 100)]
    completed_calls: i64,
    /// Calls ended otherwise: failed, busy or not answered
    #[schema(minimum = 0, example = 45)]
    failed_calls: i64,
    /// Calls that hold a slot just now, whatever the range
    #[schema(minimum = 0, example = 5)]
    in_progress_calls: i64,
    /// Calls that reached their goal of `totalCalls`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 53.3)]
    success_rate: f64,
    /// Seconds of talk of a completed call on average, whole
    #[schema(minimum = 0, example = 142)]
    average_duration: i64,
    /// Seconds of talk
    #[schema(minimum = 0, example = 14_200)]
    total_duration: i64,
    /// Calls placed by the hour of the day: 24 entries
    #[schema(min_items = 24, max_items = 24)]
    call_trends: Vec<CallTrendView>,
    calls_over_time: CallsOverTime,
    by_status: CallsByStatus,
    by_direction: CallsByDirection,
    range: CoveredView,
    /// Whose clock tells days and hours
    #[schema(example = "Asia/Kolkata")]
    timezone: &'static str,
}

/// One hour of the day.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallTrendView {
    /// When the hour begins
    #[schema(example = "09:00")]
    time: String,
    /// Calls placed in it, on whatever day
    #[schema(minimum = 0, example = 25)]
    calls: i64,
}

/// Calls placed, day by day: every day of the range, in order.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallsOverTime {
    /// The days
    #[schema(example = json!(["2030-01-01", "2030-01-02"]))]
    labels: Vec<NaiveDate>,
    /// Calls placed on each of them
    #[schema(example = json!([70, 80]))]
    data: Vec<i64>,
}

/// How calls ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallsByStatus {
    /// Answered, by whomever
    #[schema(minimum = 0, example = 100)]
    completed: i64,
    /// Could not be carried
    #[schema(minimum = 0, example = 5)]
    failed: i64,
    /// Rang out
    #[serde(rename = "no-answer")]
    #[schema(minimum = 0, example = 30)]
    no_answer: i64,
    /// Busy
    #[schema(minimum = 0, example = 10)]
    busy: i64,
}

/// Calls placed by where they went.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallsByDirection {
    /// Came in
    #[schema(minimum = 0, example = 0)]
    inbound: i64,
    /// Went out
    #[schema(minimum = 0, example = 150)]
    outbound: i64,
}

/// The range that was really counted: whole quarters of an hour.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoveredView {
    /// Calls begun at or after
    #[schema(example = "2029-12-31T18:30:00Z")]
    from: DateTime<Utc>,
    /// Calls begun before
    #[schema(example = "2030-01-31T18:30:00Z")]
    to: DateTime<Utc>,
}

impl From<Dashboard> for DashboardView {
    fn from(found: Dashboard) -> Self {
        let (labels, data) = found.by_day.into_iter().unzip();
        let hour = |(hour, calls): (u32, i64)| CallTrendView {
            time: format!("{hour:02}:00"),
            calls,
        };
        Self {
            total_calls: found.total,
            completed_calls: found.completed,
            failed_calls: found.failed,
            in_progress_calls: found.in_progress,
            success_rate: found.success_rate,
            average_duration: found.average_duration_s,
            total_duration: found.total_duration_s,
            call_trends: (0..).zip(found.by_hour).map(hour).collect(),
            calls_over_time: CallsOverTime { labels, data },
            by_status: CallsByStatus {
                completed: found.by_status.completed,
                failed: found.by_status.failed,
                no_answer: found.by_status.no_answer,
                busy: found.by_status.busy,
            },
            by_direction: CallsByDirection {
                inbound: found.inbound,
                outbound: found.outbound,
            },
            range: CoveredView {
                from: found.covered.from,
                to: found.covered.to,
            },
            timezone: found.covered.zone.name(),
        }
    }
}

/// The calls at a glance.
///
/// Read from sums per quarter of an hour, UTC: an instant inside a quarter covers all of it; `range` says what was covered.
#[utoipa::path(get, path = "/api/v1/analytics/dashboard", tag = "analytics v1", params(AnalyticsQueryV1),
    responses((status = 200, body = AnalyticsEnvelope<DashboardView>), (status = "4XX", body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(query): Query<AnalyticsQueryV1>,
) -> Result<Json<AnalyticsEnvelope<DashboardView>>, ApiError> {
    let found = app.engine.reports.dashboard(&actor, &query.into()).await?;
    Ok(Json(AnalyticsEnvelope::new(found)))
}
