//! What became of the calls, by outcome and by hour.

use axum::Json;
use axum::extract::State;
use engine::reports::analytics::calls::{CallAnalytics, Outcomes};
use engine::reports::analytics::per_hour::PerHour;
use serde::Serialize;
use utoipa::ToSchema;

use super::AnalyticsEnvelope;
use super::dashboard::DashboardView;
use super::request::AnalyticsQueryV1;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;

/// What became of the calls.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallAnalyticsView {
    #[serde(flatten)]
    dashboard: DashboardView,
    by_outcome: CallOutcomesView,
    /// Every hour of the day, on whatever day
    #[schema(min_items = 24, max_items = 24)]
    by_hour: Vec<CallHourView>,
}

/// What calls came to. The first six exclude each other, and add up to the calls that ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallOutcomesView {
    /// A person spoke with the agent
    #[schema(minimum = 0, example = 80)]
    answered: i64,
    /// A machine answered
    #[schema(minimum = 0, example = 18)]
    voicemail: i64,
    /// Busy
    #[schema(minimum = 0, example = 10)]
    busy: i64,
    /// Rang out
    #[serde(rename = "no_answer")]
    #[schema(minimum = 0, example = 30)]
    no_answer: i64,
    /// Could not be carried
    #[schema(minimum = 0, example = 5)]
    failed: i64,
    /// Answered, and no agent could speak
    #[schema(minimum = 0, example = 2)]
    without_agent: i64,
    /// Reached their goal
    #[schema(minimum = 0, example = 60)]
    successful: i64,
    /// A callback was asked for
    #[schema(minimum = 0, example = 15)]
    callbacks_requested: i64,
    /// Led to a callback
    #[schema(minimum = 0, example = 12)]
    callbacks_scheduled: i64,
    /// Handed on, whether or not anybody took them
    #[schema(minimum = 0, example = 9)]
    transfers_initiated: i64,
    /// Handed on to somebody who took them
    #[schema(minimum = 0, example = 8)]
    transfers_completed: i64,
}

/// Calls begun in one hour.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallHourView {
    /// 10 stands for 10:00 to 11:00
    #[schema(minimum = 0, maximum = 23, example = 10)]
    hour: u32,
    /// Calls placed
    #[schema(minimum = 0, example = 25)]
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

impl From<CallAnalytics> for CallAnalyticsView {
    fn from(found: CallAnalytics) -> Self {
        Self {
            dashboard: found.dashboard.into(),
            by_outcome: found.outcomes.into(),
            by_hour: found.by_hour.into_iter().map(CallHourView::from).collect(),
        }
    }
}

impl From<Outcomes> for CallOutcomesView {
    fn from(found: Outcomes) -> Self {
        Self {
            answered: found.answered,
            voicemail: found.voicemail,
            busy: found.busy,
            no_answer: found.no_answer,
            failed: found.failed,
            without_agent: found.without_agent,
            successful: found.successful,
            callbacks_requested: found.callbacks_requested,
            callbacks_scheduled: found.callbacks_scheduled,
            transfers_initiated: found.transfers_initiated,
            transfers_completed: found.transfers_completed,
        }
    }
}

impl From<PerHour> for CallHourView {
    fn from(found: PerHour) -> Self {
        Self {
            hour: found.hour,
            calls: found.calls,
            completed: found.completed,
            successful: found.successful,
            answer_rate: found.answer_rate,
            success_rate: found.success_rate,
        }
    }
}

/// What became of the calls, by outcome and by hour.
#[utoipa::path(get, path = "/api/v1/analytics/calls", tag = "analytics v1", params(AnalyticsQueryV1),
    responses((status = 200, body = AnalyticsEnvelope<CallAnalyticsView>), (status = "4XX", body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(query): Query<AnalyticsQueryV1>,
) -> Result<Json<AnalyticsEnvelope<CallAnalyticsView>>, ApiError> {
    let found = app
        .engine
        .reports
        .call_analytics(&actor, &query.into())
        .await?;
    Ok(Json(AnalyticsEnvelope::new(found)))
}
