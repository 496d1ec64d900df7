//! Many suppressions at once.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;

use super::request::{self, NewSuppressions, SuppressionImportQuery, SuppressionsCsv};
use super::view::ImportedSuppressionsEnvelope;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{Body, Query};

/// Adds numbers, as JSON or as `text/csv` whose first line names the columns. Good rows are kept, bad ones reported, numbers
/// that are on the list already counted. Once this has answered no campaign of the list's owner begins a call to them.
#[utoipa::path(post, path = "/api/suppressions/import", tag = "suppressions",
    params(SuppressionImportQuery),
    request_body(content((NewSuppressions = "application/json"), (SuppressionsCsv = "text/csv"))),
    responses((status = 200, body = ImportedSuppressionsEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn add(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(query): Query<SuppressionImportQuery>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Json<ImportedSuppressionsEnvelope>, ApiError> {
    let list = &app.engine.suppressions;
    let report = request::import(list, &actor, query, (&headers, &body)).await?;
    Ok(Json(report.into()))
}
