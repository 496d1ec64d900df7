//! How often machines answer.

use axum::Json;
use axum::extract::State;
use engine::reports::{VoicemailHour, VoicemailStats};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;
use crate::http::v1::calls::request::CallsQueryV1;
use crate::http::v1::calls::stats::PeriodView;

/// How often machines answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct VoicemailStatsEnvelope {
    success: bool,
    data: VoicemailStatsView,
}

/// How often machines answered the outbound calls that were begun in the period.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VoicemailStatsView {
    period: PeriodView,
    /// Calls placed
    #[schema(minimum = 0, example = 150)]
    total: i64,
    /// Answered, by whomever, and ended
    #[schema(minimum = 0, example = 100)]
    answered: i64,
    /// Answered by a machine
    #[schema(minimum = 0, example = 18)]
    voicemails: i64,
    /// Answered by a person, or nobody knows better
    #[schema(minimum = 0, example = 82)]
    answered_by_person: i64,
    /// `voicemails` of `answered`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 18.0)]
    voicemail_rate: f64,
    /// Taken for a machine's and marked as a person's afterwards; `voicemails` does not count them
    #[schema(minimum = 0, example = 2)]
    false_positives: i64,
    /// `falsePositives` of all that were taken for a machine's, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 10.0)]
    false_positive_rate: f64,
    /// Every hour of the day, UTC, on whatever day
    #[schema(min_items = 24, max_items = 24)]
    by_hour: Vec<VoicemailHourV1>,
}

/// Calls begun in one hour of the day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VoicemailHourV1 {
    /// 10 stands for 10:00 to 11:00 UTC
    #[schema(minimum = 0, maximum = 23, example = 10)]
    hour: u32,
    #[schema(minimum = 0, example = 18)]
    answered: i64,
    #[schema(minimum = 0, example = 3)]
    voicemails: i64,
    /// `voicemails` of `answered`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 16.7)]
    voicemail_rate: f64,
}

impl From<VoicemailStats> for VoicemailStatsEnvelope {
    fn from(found: VoicemailStats) -> Self {
        let by_hour = found.by_hour.into_iter().map(VoicemailHourV1::from);
        let data = VoicemailStatsView {
            period: found.period.into(),
            total: found.total,
            answered: found.answered,
            voicemails: found.voicemails,
            answered_by_person: found.answered_by_person,
            voicemail_rate: found.rate,
            false_positives: found.false_positives,
            false_positive_rate: found.false_positive_rate,
            by_hour: by_hour.collect(),
        };
        Self {
            success: true,
            data,
        }
    }
}

impl From<VoicemailHour> for VoicemailHourV1 {
    fn from(found: VoicemailHour) -> Self {
        Self {
            hour: found.hour,
            answered: found.answered,
            voicemails: found.voicemails,
            voicemail_rate: found.rate,
        }
    }
}

/// How often machines answer outbound calls.
#[utoipa::path(get, path = "/api/v1/calls/voicemail-stats", tag = "calls v1", params(CallsQueryV1),
    responses((status = 200, body = VoicemailStatsEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(query): Query<CallsQueryV1>,
) -> Result<Json<VoicemailStatsEnvelope>, ApiError> {
    let found = app.engine.reports.voicemails(&actor, &query.into()).await?;
    Ok(Json(found.into()))
}
