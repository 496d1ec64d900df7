//! When calls are made, and when they may be.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::CampaignId;
use engine::reports::analytics::per_hour::PerHour;
use engine::reports::analytics::scheduling::{Opening, SchedulingAnalytics};
use serde::Serialize;
use utoipa::ToSchema;

use super::AnalyticsEnvelope;
use super::dashboard::DashboardView;
use super::request::AnalyticsQueryV1;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;

/// Calls by the time of the week.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulingAnalyticsView {
    #[serde(flatten)]
    dashboard: DashboardView,
    /// The hours of the week with calls, in order
    #[schema(max_items = 168)]
    by_weekday_and_hour: Vec<WeekdayHourView>,
    /// The newest ten active campaigns: those that open first come first, those that never do last
    #[schema(max_items = 10)]
    next_openings: Vec<OpeningView>,
}

/// Calls begun in one hour of the week.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WeekdayHourView {
    /// 1 Monday to 7 Sunday
    #[schema(minimum = 1, maximum = 7, example = 1)]
    weekday: u8,
    /// 10 stands for 10:00 to 11:00
    #[schema(minimum = 0, maximum = 23, example = 10)]
    hour: u32,
    /// Calls placed
    #[schema(minimum = 1, example = 25)]
    calls: i64,
    /// Answered, by whomever, and ended
    #[schema(minimum = 0, example = 18)]
    completed: i64,
    /// Reached their goal
    #[schema(minimum = 0, example = 12)]
    successful: i64,
    /// `completed` of `calls`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 72.0)]
    answer_rate: f64,
    /// `successful` of `calls`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 48.0)]
    success_rate: f64,
}

/// When a campaign may call, by its calendar as it stands and by its own zone.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpeningView {
    #[schema(value_type = uuid::Uuid)]
    campaign_id: CampaignId,
    #[schema(example = "Summer Sale Campaign")]
    campaign_name: String,
    #[schema(example = "Asia/Kolkata")]
    timezone: String,
    /// True where it may call now
    is_open: bool,
    /// When it may call next: now, where it may; `null`: never again
    opens_at: Option<DateTime<Utc>>,
    /// When that ends; `null`: not for years
    closes_at: Option<DateTime<Utc>>,
    /// Its calls begun in the range
    #[schema(minimum = 0, example = 150)]
    calls: i64,
    /// Those of `calls` that lie in its windows as they stand, percent, to one decimal. Contacts with a zone of their own
    /// may be called outside of them
    #[schema(minimum = 0, maximum = 100, example = 97.3)]
    inside_windows: f64,
}

impl From<SchedulingAnalytics> for SchedulingAnalyticsView {
    fn from(found: SchedulingAnalytics) -> Self {
        let hours = found.by_weekday.into_iter();
        Self {
            dashboard: found.dashboard.into(),
            by_weekday_and_hour: hours.map(WeekdayHourView::from).collect(),
            next_openings: found.openings.into_iter().map(OpeningView::from).collect(),
        }
    }
}

impl From<(u8, PerHour)> for WeekdayHourView {
    fn from((weekday, found): (u8, PerHour)) -> Self {
        Self {
            weekday,
            hour: found.hour,
            calls: found.calls,
            completed: found.completed,
            successful: found.successful,
            answer_rate: found.answer_rate,
            success_rate: found.success_rate,
        }
    }
}

impl From<Opening> for OpeningView {
    fn from(found: Opening) -> Self {
        Self {
            campaign_id: found.campaign,
            campaign_name: found.name,
            timezone: found.timezone,
            is_open: found.is_open,
            opens_at: found.opens_at,
            closes_at: found.closes_at,
            calls: found.calls,
            inside_windows: found.inside_windows,
        }
    }
}

/// When calls are made, and when they may be.
#[utoipa::path(get, path = "/api/v1/analytics/scheduling", tag = "analytics v1", params(AnalyticsQueryV1),
    responses((status = 200, body = AnalyticsEnvelope<SchedulingAnalyticsView>), (status = "4XX", body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(query): Query<AnalyticsQueryV1>,
) -> Result<Json<AnalyticsEnvelope<SchedulingAnalyticsView>>, ApiError> {
    let found = app
        .engine
        .reports
        .scheduling_analytics(&actor, &query.into())
        .await?;
    Ok(Json(AnalyticsEnvelope::new(found)))
}
