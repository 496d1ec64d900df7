//! What further attempts are good for, and which are to come.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use engine::reports::analytics::retry::{Attempt, Pending, RetryAnalytics};
use serde::Serialize;
use utoipa::ToSchema;

use super::AnalyticsEnvelope;
use super::dashboard::DashboardView;
use super::request::AnalyticsQueryV1;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;

/// Calls by attempt.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetryAnalyticsView {
    #[serde(flatten)]
    dashboard: DashboardView,
    /// One entry per attempt with calls, in order. Calls outside campaigns are no attempts
    by_attempt: Vec<AttemptView>,
    retries: RetriesView,
    /// The mean number of the attempt that reached the person, callbacks not counted, to two decimals; `null` where nobody
    /// was reached
    #[schema(minimum = 1, example = 1.6)]
    average_attempts_until_reached: Option<f64>,
    pending_retries: PendingView,
}

/// What became of one attempt.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttemptView {
    /// 1 for the first; 50 stands for the fiftieth and all later
    #[schema(minimum = 1, maximum = 50, example = 2)]
    attempt: u32,
    /// Calls placed
    #[schema(minimum = 1, example = 40)]
    calls: i64,
    /// Answered, by whomever, and ended
    #[schema(minimum = 0, example = 25)]
    completed: i64,
    /// A person spoke with the agent
    #[schema(minimum = 0, example = 20)]
    reached: i64,
    /// Reached their goal
    #[schema(minimum = 0, example = 15)]
    successful: i64,
    /// `reached` of `calls`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 50.0)]
    reach_rate: f64,
    /// `successful` of `calls`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 37.5)]
    success_rate: f64,
    /// Persons whom it took this many attempts to reach: `reached`, callbacks not counted
    #[schema(minimum = 0, example = 18)]
    first_reached: i64,
    /// Persons reached by this attempt or an earlier one, of all reached, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 81.7)]
    reached_so_far: f64,
}

/// Second and later attempts together.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetriesView {
    /// Calls placed
    #[schema(minimum = 0, example = 50)]
    calls: i64,
    /// A person spoke with the agent
    #[schema(minimum = 0, example = 22)]
    reached: i64,
    /// Reached their goal
    #[schema(minimum = 0, example = 16)]
    successful: i64,
    /// `reached` of `calls`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 44.0)]
    reach_rate: f64,
    /// `successful` of `calls`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 32.0)]
    success_rate: f64,
}

/// Retries and callbacks of the newest 20 active campaigns that fall due within 48 hours from now, whatever the range. What
/// is due already is not among them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PendingView {
    /// How many
    #[schema(minimum = 0, maximum = 5_000, example = 31)]
    total: i64,
    /// True where there may be more: only the 5,000 contacts that fall due first are looked at
    is_capped: bool,
    /// The hours in which some fall due, in order
    #[schema(max_items = 49)]
    by_hour: Vec<DueHourView>,
}

/// Retries that fall due in one hour.
#[derive(Debug, Serialize, ToSchema)]
pub struct DueHourView {
    /// When the hour begins
    #[schema(example = "2030-01-31T10:00:00Z")]
    time: DateTime<Utc>,
    /// How many
    #[schema(minimum = 1, example = 12)]
    retries: i64,
}

impl From<RetryAnalytics> for RetryAnalyticsView {
    fn from(found: RetryAnalytics) -> Self {
        Self {
            dashboard: found.dashboard.into(),
            by_attempt: found
                .by_attempt
                .into_iter()
                .map(AttemptView::from)
                .collect(),
            retries: found.retries.into(),
            average_attempts_until_reached: found.average_attempts,
            pending_retries: found.pending.into(),
        }
    }
}

impl From<Attempt> for AttemptView {
    fn from(found: Attempt) -> Self {
        Self {
            attempt: found.number,
            calls: found.calls,
            completed: found.completed,
            reached: found.reached,
            successful: found.successful,
            reach_rate: found.reach_rate,
            success_rate: found.success_rate,
            first_reached: found.needed,
            reached_so_far: found.reached_so_far,
        }
    }
}

impl From<Attempt> for RetriesView {
    fn from(found: Attempt) -> Self {
        Self {
            calls: found.calls,
            reached: found.reached,
            successful: found.successful,
            reach_rate: found.reach_rate,
            success_rate: found.success_rate,
        }
    }
}

impl From<Pending> for PendingView {
    fn from(found: Pending) -> Self {
        let hour = |(time, retries)| DueHourView { time, retries };
        Self {
            total: found.total,
            is_capped: found.is_capped,
            by_hour: found.by_hour.into_iter().map(hour).collect(),
        }
    }
}

/// What further attempts are good for, and which are to come.
#[utoipa::path(get, path = "/api/v1/analytics/retry", tag = "analytics v1", params(AnalyticsQueryV1),
    responses((status = 200, body = AnalyticsEnvelope<RetryAnalyticsView>), (status = "4XX", body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(query): Query<AnalyticsQueryV1>,
) -> Result<Json<AnalyticsEnvelope<RetryAnalyticsView>>, ApiError> {
    let found = app
        .engine
        .reports
        .retry_analytics(&actor, &query.into())
        .await?;
    Ok(Json(AnalyticsEnvelope::new(found)))
}
