//! Suppressions one by one, and the list of them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::suppressions::SuppressionKey;

use super::view::{RemovedSuppressionV1, SuppressionEnvelopeV1, SuppressionListV1};
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::csv::{BY_ACCEPT, attachment};
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{self, Id, Query};
use crate::http::openapi::pages::ContactPages;
use crate::http::suppressions::example;
use crate::http::suppressions::request::{
    OwnerQuery, SuppressionFields, SuppressionListQuery, SuppressionsFile, SuppressionsWanted,
};

/// One page of the suppressions, the newest first; as a CSV file, which has all of them unless a page is named, where
/// `Accept` asks for `text/csv`. Users see their own, administrators all.
#[utoipa::path(get, path = "/api/v1/suppressions", tag = "suppressions v1",
    params(ContactPages, SuppressionListQuery),
    responses((status = 200, content((SuppressionListV1 = "application/json"), (SuppressionsFile = "text/csv"))),
        (status = "4XX", body = ErrorBody)))]
pub async fn list(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    wanted: SuppressionsWanted,
) -> Result<Response, ApiError> {
    let list = &app.engine.suppressions;
    if wanted.as_csv {
        let rows = list.export(&actor, wanted.query, wanted.page).await?;
        return Ok(attachment("suppressions.csv", rows));
    }
    let found = list.list(&actor, wanted.query, wanted.page).await?;
    Ok((BY_ACCEPT, Json(SuppressionListV1::from(found))).into_response())
}

/// Adds a number: once this has answered no campaign of the list's owner begins a call to it, no retry and no callback
/// either. A number that is there already stays as it was.
#[utoipa::path(post, path = "/api/v1/suppressions", tag = "suppressions v1",
    params(OwnerQuery), request_body = SuppressionFields,
    responses((status = 201, body = SuppressionEnvelopeV1),
        (status = 200, description = "It was there already", body = SuppressionEnvelopeV1),
        (status = "4XX", body = ErrorBody)))]
pub async fn add(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(whose): Query<OwnerQuery>,
    extract::Json(fields): extract::Json<SuppressionFields>,
) -> Result<(StatusCode, Json<SuppressionEnvelopeV1>), ApiError> {
    let list = &app.engine.suppressions;
    let added = list.add(&actor, fields.into(), &whose.user_id).await?;
    let status = if added.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(added.suppression.into())))
}

/// One suppression, by its id or by its number.
#[utoipa::path(get, path = "/api/v1/suppressions/{id}", tag = "suppressions v1",
    params(("id" = String, Path, example = json!(example::ID),
        description = "Its id, or its number: E.164, the `+` may be written `%2B`, or be missing"), OwnerQuery),
    responses((status = 200, body = SuppressionEnvelopeV1), (status = "4XX", body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(key): Id<SuppressionKey>,
    Query(whose): Query<OwnerQuery>,
) -> Result<Json<SuppressionEnvelopeV1>, ApiError> {
    let list = &app.engine.suppressions;
    let found = list.get(&actor, &key, &whose.user_id).await?;
    Ok(Json(found.into()))
}

/// Takes a number off the list, by its id or by its number: from now on it may be called. Contacts that became `do_not_call`
/// meanwhile stay so.
#[utoipa::path(delete, path = "/api/v1/suppressions/{id}", tag = "suppressions v1",
    params(("id" = String, Path, example = json!(example::ID),
        description = "Its id, or its number: E.164, the `+` may be written `%2B`, or be missing"), OwnerQuery),
    responses((status = 200, body = RemovedSuppressionV1), (status = "4XX", body = ErrorBody)))]
pub async fn remove(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(key): Id<SuppressionKey>,
    Query(whose): Query<OwnerQuery>,
) -> Result<Json<RemovedSuppressionV1>, ApiError> {
    let list = &app.engine.suppressions;
    list.remove(&actor, &key, &whose.user_id).await?;
    Ok(Json(RemovedSuppressionV1::new()))
}
