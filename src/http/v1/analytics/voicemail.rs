//! How often machines answer.

use axum::Json;
use axum::extract::State;
use engine::reports::analytics::per_hour::PerHour;
use engine::reports::analytics::voicemail::VoicemailAnalytics;
use serde::Serialize;
use utoipa::ToSchema;

use super::AnalyticsEnvelope;
use super::dashboard::DashboardView;
use super::request::AnalyticsQueryV1;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;

/// Calls that machines answered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VoicemailAnalyticsView {
    #[serde(flatten)]
    dashboard: DashboardView,
    /// Calls that a machine answered
    #[schema(minimum = 0, example = 18)]
    voicemails: i64,
    /// `voicemails` of `completedCalls`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 18.0)]
    voicemail_rate: f64,
    /// Calls taken for a machine's and marked as a person's afterwards; `voicemails` does not count them
    #[schema(minimum = 0, example = 2)]
    false_positives: i64,
    /// `falsePositives` of all that were taken for a machine's, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 10.0)]
    false_positive_rate: f64,
    /// Every hour of the day, on whatever day
    #[schema(min_items = 24, max_items = 24)]
    voicemails_by_hour: Vec<VoicemailHourView>,
}

/// Calls begun in one hour.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VoicemailHourView {
    /// 10 stands for 10:00 to 11:00
    #[schema(minimum = 0, maximum = 23, example = 10)]
    hour: u32,
    /// Answered, by whomever, and ended
    #[schema(minimum = 0, example = 18)]
    completed: i64,
    /// Those of them that a machine answered
    #[schema(minimum = 0, example = 3)]
    voicemails: i64,
    /// `voicemails` of `completed`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 16.7)]
    voicemail_rate: f64,
}

impl From<VoicemailAnalytics> for VoicemailAnalyticsView {
    fn from(found: VoicemailAnalytics) -> Self {
        let hours = found.by_hour.into_iter();
        Self {
            dashboard: found.dashboard.into(),
            voicemails: found.voicemails,
            voicemail_rate: found.rate,
            false_positives: found.false_positives,
            false_positive_rate: found.false_positive_rate,
            voicemails_by_hour: hours.map(VoicemailHourView::from).collect(),
        }
    }
}

impl From<PerHour> for VoicemailHourView {
    fn from(found: PerHour) -> Self {
        Self {
            hour: found.hour,
            completed: found.completed,
            voicemails: found.voicemails,
            voicemail_rate: found.voicemail_rate,
        }
    }
}

/// How often machines answer.
#[utoipa::path(get, path = "/api/v1/analytics/voicemail", tag = "analytics v1", params(AnalyticsQueryV1),
    responses((status = 200, body = AnalyticsEnvelope<VoicemailAnalyticsView>), (status = "4XX", body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(query): Query<AnalyticsQueryV1>,
) -> Result<Json<AnalyticsEnvelope<VoicemailAnalyticsView>>, ApiError> {
    let found = app
        .engine
        .reports
        .voicemail_analytics(&actor, &query.into())
        .await?;
    Ok(Json(AnalyticsEnvelope::new(found)))
}
