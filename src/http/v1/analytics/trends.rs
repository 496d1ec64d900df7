//! How the days differ from each other.

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use engine::reports::analytics::trends::{Figure, TrendAnalytics, TrendDay};
use serde::Serialize;
use utoipa::ToSchema;

use super::AnalyticsEnvelope;
use super::dashboard::DashboardView;
use super::request::AnalyticsQueryV1;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;

/// Day after day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrendAnalyticsView {
    #[serde(flatten)]
    dashboard: DashboardView,
    /// Every day of the range, in order
    #[schema(max_items = 367)]
    days: Vec<TrendDayView>,
}

/// One day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrendDayView {
    /// Which
    #[schema(example = "2030-01-31")]
    date: NaiveDate,
    /// Calls placed
    #[schema(minimum = 0, example = 25)]
    calls: i64,
    /// Answered, by whomever, and ended
    #[schema(minimum = 0, example = 18)]
    completed: i64,
    /// Ended otherwise: failed, busy or not answered
    #[schema(minimum = 0, example = 7)]
    failed: i64,
    /// Reached their goal
    #[schema(minimum = 0, example = 12)]
    successful: i64,
    /// `successful` of `calls`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 48.0)]
    success_rate: f64,
    /// Seconds of talk of a completed call on average, whole
    #[schema(minimum = 0, example = 142)]
    average_duration: i64,
    change: DayChangeView,
}

/// How the day's counts differ from those of the day before.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayChangeView {
    calls: ChangeView,
    completed: ChangeView,
    failed: ChangeView,
    successful: ChangeView,
}

/// How a count differs from that of the day before; `null` on the first day of the range.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeView {
    /// How many more
    #[schema(example = -5)]
    absolute: Option<i64>,
    /// The same in percent of the day before, to one decimal; `null` after a day without any
    #[schema(example = -16.7)]
    relative: Option<f64>,
}

impl From<TrendAnalytics> for TrendAnalyticsView {
    fn from(found: TrendAnalytics) -> Self {
        Self {
            dashboard: found.dashboard.into(),
            days: found.days.into_iter().map(TrendDayView::from).collect(),
        }
    }
}

impl From<TrendDay> for TrendDayView {
    fn from(found: TrendDay) -> Self {
        Self {
            date: found.date,
            calls: found.calls.count,
            completed: found.completed.count,
            failed: found.failed.count,
            successful: found.successful.count,
            success_rate: found.success_rate,
            average_duration: found.average_duration_s,
            change: DayChangeView {
                calls: found.calls.into(),
                completed: found.completed.into(),
                failed: found.failed.into(),
                successful: found.successful.into(),
            },
        }
    }
}

impl From<Figure> for ChangeView {
    fn from(found: Figure) -> Self {
        Self {
            absolute: found.change,
            relative: found.change_percent,
        }
    }
}

/// How the days differ from each other.
#[utoipa::path(get, path = "/api/v1/analytics/trends", tag = "analytics v1", params(AnalyticsQueryV1),
    responses((status = 200, body = AnalyticsEnvelope<TrendAnalyticsView>), (status = "4XX", body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(query): Query<AnalyticsQueryV1>,
) -> Result<Json<AnalyticsEnvelope<TrendAnalyticsView>>, ApiError> {
    let found = app
        .engine
        .reports
        .trend_analytics(&actor, &query.into())
        .await?;
    Ok(Json(AnalyticsEnvelope::new(found)))
}
