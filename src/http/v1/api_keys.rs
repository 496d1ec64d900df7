//! The API keys of users: one's own, and for administrators everybody's.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::{ApiKeyId, UserId};
use engine::access::IssuedKey;
use engine::field::Field;
use engine::page::Paged;
use entity::api_key;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{self, Id, Ids, Query};
use crate::http::openapi::pages::CampaignPages;
use crate::http::page::{self, PageQuery};

/// A key to be made.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct NewApiKeyV1 {
    /// Required; 1 to 255 characters
    #[schema(required = true, value_type = String, min_length = 1, max_length = 255, pattern = "[^\\s\\u0085]", example = "Dashboard of the sales team")]
    #[serde(default)]
    name: Field<String>,
}

/// A key just made, with its token.
// Not `Debug`: nobody is to print it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssuedApiKeyV1 {
    id: Uuid,
    /// What to send as `Authorization: Bearer`; told this once
    #[schema(example = "dlr_…")]
    token: String,
    #[schema(example = "Dashboard of the sales team")]
    name: String,
    created_at: DateTime<Utc>,
}

/// A key just made.
#[derive(Serialize, ToSchema)]
pub struct IssuedApiKeyEnvelopeV1 {
    success: bool,
    data: IssuedApiKeyV1,
}

impl From<IssuedKey> for IssuedApiKeyEnvelopeV1 {
    fn from(issued: IssuedKey) -> Self {
        Self {
            success: true,
            data: IssuedApiKeyV1 {
                id: issued.id,
                token: issued.token.expose_secret().to_owned(),
                name: issued.name,
                created_at: issued.created_at,
            },
        }
    }
}

/// A key, without its token: that is not kept.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyV1 {
    id: Uuid,
    #[schema(example = "Dashboard of the sales team")]
    name: String,
    created_at: DateTime<Utc>,
    /// Since when it opens nothing; `null`: it does
    revoked_at: Option<DateTime<Utc>>,
}

impl From<api_key::Model> for ApiKeyV1 {
    fn from(row: api_key::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            created_at: row.created_at,
            revoked_at: row.revoked_at,
        }
    }
}

/// One page of keys.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKeyListV1 {
    success: bool,
    /// In the order in which they were made, those that were taken back included
    data: Vec<ApiKeyV1>,
    /// Keys on this page
    count: usize,
    /// Keys on all pages
    total: u64,
    page: u32,
    pages: u64,
}

impl From<Paged<api_key::Model>> for ApiKeyListV1 {
    fn from(found: Paged<api_key::Model>) -> Self {
        Self {
            success: true,
            count: found.items.len(),
            total: found.total,
            page: found.page.number,
            pages: found.pages(),
            data: found.items.into_iter().map(ApiKeyV1::from).collect(),
        }
    }
}

/// A key that was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevokedApiKeyV1 {
    success: bool,
}

/// One page of a user's keys, never with their tokens. One's own, or for administrators anybody's.
#[utoipa::path(get, path = "/api/v1/users/{id}/api-keys", tag = "users v1",
    params(("id" = Uuid, Path), CampaignPages),
    responses((status = 200, body = ApiKeyListV1), (status = "4XX", body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub async fn list(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<UserId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ApiKeyListV1>, ApiError> {
    let page = page.read(page::USERS)?;
    let found = app.engine.access.list_keys(&actor, id, page).await?;
    Ok(Json(found.into()))
}

/// Makes a key and tells its token, this once. For oneself, or for administrators for anybody.
#[utoipa::path(post, path = "/api/v1/users/{id}/api-keys", tag = "users v1",
    params(("id" = Uuid, Path)), request_body = NewApiKeyV1,
    responses((status = 201, body = IssuedApiKeyEnvelopeV1), (status = "4XX", body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub async fn create(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<UserId>,
    extract::Json(new): extract::Json<NewApiKeyV1>,
) -> Result<Response, ApiError> {
    let issued = app.engine.access.create_key(&actor, id, new.name).await?;
    let body = IssuedApiKeyEnvelopeV1::from(issued);
    let nowhere = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::CREATED, nowhere, Json(body)).into_response())
}

/// Takes a key back. One's own, or for administrators anybody's.
///
/// It opens nothing from the answer on in the process that answers, and in others within ten seconds. The last key that lets
/// an administrator in stays.
#[utoipa::path(delete, path = "/api/v1/users/{id}/api-keys/{keyId}", tag = "users v1",
    params(("id" = Uuid, Path), ("keyId" = Uuid, Path)),
    responses((status = 200, body = RevokedApiKeyV1), (status = "4XX", body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn delete(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Ids(id, key): Ids<UserId, ApiKeyId>,
) -> Result<Json<RevokedApiKeyV1>, ApiError> {
    app.engine.access.take_back_key(&actor, id, key).await?;
    Ok(Json(RevokedApiKeyV1 { success: true }))
}
