//! What outbound calls come to.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use engine::period::Period;
use engine::reports::OutboundStats;
use serde::Serialize;
use utoipa::ToSchema;

use super::request::CallsQueryV1;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::campaigns::call_view::decimal;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;

/// The quarters of an hour that are really covered.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct PeriodView {
    /// The first instant; `null`: from the first call on
    from: Option<DateTime<Utc>>,
    /// The first instant that is not covered; `null`: until now
    to: Option<DateTime<Utc>>,
}

impl From<Period> for PeriodView {
    fn from(period: Period) -> Self {
        Self {
            from: period.from,
            to: period.until,
        }
    }
}

/// What outbound calls come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutboundStatsEnvelope {
    success: bool,
    data: OutboundStatsView,
}

/// What the outbound calls that were begun in the period come to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutboundStatsView {
    period: PeriodView,
    /// Calls placed
    #[schema(minimum = 0, example = 150)]
    total: i64,
    /// Answered, by whomever, and ended
    #[schema(minimum = 0, example = 100)]
    completed: i64,
    /// Could not be carried
    #[schema(minimum = 0, example = 5)]
    failed: i64,
    /// The line was busy
    #[schema(minimum = 0, example = 15)]
    busy: i64,
    /// Rang out
    #[schema(minimum = 0, example = 28)]
    no_answer: i64,
    /// Answered by a machine; `completed` counts them too
    #[schema(minimum = 0, example = 18)]
    voicemail: i64,
    /// Placed and not ended
    #[schema(minimum = 0, example = 2)]
    in_progress: i64,
    /// Conversations that reached their goal
    #[schema(minimum = 0, example = 60)]
    successful: i64,
    /// `successful` of `total`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 40.0)]
    success_rate: f64,
    /// `completed` of `total`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 66.7)]
    answer_rate: f64,
    /// Calls in which a callback was asked for
    #[schema(minimum = 0, example = 4)]
    callback_requests: i64,
    /// Calls handed on, whether or not anybody took them
    #[schema(minimum = 0, example = 3)]
    transfers: i64,
    /// Seconds of talk of a completed call on average, whole
    #[schema(minimum = 0, example = 142)]
    average_duration: i64,
    /// Seconds of talk
    #[schema(minimum = 0, example = 14_200)]
    total_duration: i64,
    /// The carriers' prices as far as they are known, as they are, whatever the currency: a decimal number as text
    #[schema(example = "1.350000")]
    total_cost: String,
    /// What the agent's provider charges
    #[schema(minimum = 0, example = 42_000)]
    total_credits: i64,
}

impl From<OutboundStats> for OutboundStatsEnvelope {
    fn from(found: OutboundStats) -> Self {
        let data = OutboundStatsView {
            period: found.period.into(),
            total: found.total,
            completed: found.completed,
            failed: found.failed,
            busy: found.busy,
            no_answer: found.no_answer,
            voicemail: found.voicemail,
            in_progress: found.in_progress,
            successful: found.successful,
            success_rate: found.success_rate,
            answer_rate: found.answer_rate,
            callback_requests: found.callback_requests,
            transfers: found.transfers,
            average_duration: found.average_duration_s,
            total_duration: found.total_duration_s,
            total_cost: decimal(found.cost_micros),
            total_credits: found.credits,
        };
        Self {
            success: true,
            data,
        }
    }
}

/// What outbound calls come to: of all campaigns, and of those outside any. Costs the same however many calls there are.
#[utoipa::path(get, path = "/api/v1/calls/outbound/stats", tag = "calls v1", params(CallsQueryV1),
    responses((status = 200, body = OutboundStatsEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(query): Query<CallsQueryV1>,
) -> Result<Json<OutboundStatsEnvelope>, ApiError> {
    let found = app.engine.reports.outbound(&actor, &query.into()).await?;
    Ok(Json(found.into()))
}
