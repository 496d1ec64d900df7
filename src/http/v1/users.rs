//! Users: oneself, and for administrators all of them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use engine::access::UserFields;
use engine::field::Field;
use engine::page::Paged;
use entity::user;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{self, Query};
use crate::http::openapi::pages::CampaignPages;
use crate::http::page::{self, PageQuery};

/// A user to be made.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct NewUserV1 {
    /// Required; 1 to 255 characters
    #[schema(required = true, value_type = String, min_length = 1, max_length = 255, pattern = "[^\\s\\u0085]", example = "Asha Rao")]
    #[serde(default)]
    name: Field<String>,
    /// Required; nobody else's, whatever its case
    #[schema(required = true, value_type = String, format = "email", max_length = 320, example = "asha@example.com")]
    #[serde(default)]
    email: Field<String>,
    /// `user` where none is given
    #[schema(value_type = Option<RoleWord>, example = "user")]
    #[serde(default)]
    role: Field<String>,
}

/// What a user may do.
#[derive(ToSchema)]
#[schema(as = Role, rename_all = "lowercase")]
pub enum RoleWord {
    /// Sees and changes everything.
    Admin,
    /// Sees and changes what it owns.
    User,
}

impl From<NewUserV1> for UserFields {
    fn from(new: NewUserV1) -> Self {
        Self {
            name: new.name,
            email: new.email,
            role: new.role,
        }
    }
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserV1 {
    #[serde(rename = "_id")]
    id: Uuid,
    #[schema(example = "Asha Rao")]
    name: String,
    #[schema(example = "asha@example.com")]
    email: Option<String>,
    #[schema(value_type = RoleWord, example = "user")]
    role: String,
    created_at: DateTime<Utc>,
}

impl From<user::Model> for UserV1 {
    fn from(row: user::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            email: row.email,
            role: row.role,
            created_at: row.created_at,
        }
    }
}

/// One user.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserEnvelopeV1 {
    success: bool,
    data: UserV1,
}

impl From<user::Model> for UserEnvelopeV1 {
    fn from(row: user::Model) -> Self {
        Self {
            success: true,
            data: row.into(),
        }
    }
}

/// One page of users.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserListV1 {
    success: bool,
    /// In the order in which they were made
    data: Vec<UserV1>,
    /// Users on this page
    count: usize,
    /// Users on all pages
    total: u64,
    page: u32,
    pages: u64,
}

impl From<Paged<user::Model>> for UserListV1 {
    fn from(found: Paged<user::Model>) -> Self {
        Self {
            success: true,
            count: found.items.len(),
            total: found.total,
            page: found.page.number,
            pages: found.pages(),
            data: found.items.into_iter().map(UserV1::from).collect(),
        }
    }
}

/// Who asks.
#[utoipa::path(get, path = "/api/v1/users/me", tag = "users v1",
    responses((status = 200, body = UserEnvelopeV1), (status = "4XX", body = ErrorBody)))]
pub async fn me(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
) -> Result<Json<UserEnvelopeV1>, ApiError> {
    let user = app.engine.access.me(&actor).await?;
    Ok(Json(user.into()))
}

/// One page of all users. For administrators.
#[utoipa::path(get, path = "/api/v1/users", tag = "users v1", params(CampaignPages),
    responses((status = 200, body = UserListV1), (status = "4XX", body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub async fn list(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(page): Query<PageQuery>,
) -> Result<Json<UserListV1>, ApiError> {
    let page = page.read(page::USERS)?;
    let found = app.engine.access.list_users(&actor, page).await?;
    Ok(Json(found.into()))
}

/// Makes a user, who comes in once it has a key. For administrators.
#[utoipa::path(post, path = "/api/v1/users", tag = "users v1", request_body = NewUserV1,
    responses((status = 201, body = UserEnvelopeV1), (status = "4XX", body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub async fn create(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    extract::Json(new): extract::Json<NewUserV1>,
) -> Result<(StatusCode, Json<UserEnvelopeV1>), ApiError> {
    let made = app.engine.access.create_user(&actor, new.into()).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}
