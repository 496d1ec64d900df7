//! The calls with one number.

use axum::Json;
use axum::extract::State;
use engine::calls::history::History;
use engine::query::Param;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::CallLogView;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{Query, Text};

/// How many calls are told.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct HistoryQuery {
    /// How many calls; 10 where none is given
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, example = 10)]
    pub limit: Param,
}

/// The last calls with one number.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryEnvelope {
    success: bool,
    data: HistoryView,
}

/// The last calls with one number.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryView {
    /// The number, as it was understood
    #[schema(example = "+18005551234")]
    phone_number: String,
    /// Calls told
    count: usize,
    /// The last begun first
    calls: Vec<CallLogView>,
}

impl From<History> for HistoryEnvelope {
    fn from(found: History) -> Self {
        let calls: Vec<CallLogView> = found.calls.into_iter().map(CallLogView::from).collect();
        Self {
            success: true,
            data: HistoryView {
                phone_number: found.number.into_string(),
                count: calls.len(),
                calls,
            },
        }
    }
}

/// The last calls to a number, and those that came in from it, the last begun first. The number is E.164; its `+` may be
/// written `%2B`, or be missing.
#[utoipa::path(get, path = "/api/v1/calls/history/{phoneNumber}", tag = "calls v1",
    params(("phoneNumber" = String, Path, format = "phone-number", example = "+18005551234"), HistoryQuery),
    responses((status = 200, body = HistoryEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Text(number): Text,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<HistoryEnvelope>, ApiError> {
    let found = app
        .engine
        .calls
        .history(&actor, &number, query.limit)
        .await?;
    Ok(Json(found.into()))
}
