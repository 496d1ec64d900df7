//! Campaigns: found, made, changed, taken away.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::CampaignId;

use super::request::{CampaignFields, ListQuery, NewCampaign};
use super::view::{CampaignEnvelope, CampaignPage, ChangedEnvelope, Done};
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{self, Id, Query};
use crate::http::openapi::pages::CampaignPages;
use crate::http::page::{self, PageQuery};

/// One page of the campaigns one may see.
#[utoipa::path(get, path = "/api/campaigns", tag = "campaigns", params(CampaignPages, ListQuery),
    responses((status = 200, body = CampaignPage), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(page): Query<PageQuery>,
    Query(query): Query<ListQuery>,
) -> Result<Json<CampaignPage>, ApiError> {
    let page = page.within(page::CAMPAIGNS);
    let found = app
        .engine
        .campaigns
        .list(&actor, query.into(), page)
        .await?;
    Ok(Json(found.into()))
}

/// Makes a campaign: a draft, unless the body names another status.
#[utoipa::path(post, path = "/api/campaigns", tag = "campaigns", request_body = NewCampaign,
    responses((status = 201, body = ChangedEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn create(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    extract::Json(fields): extract::Json<CampaignFields>,
) -> Result<(StatusCode, Json<ChangedEnvelope>), ApiError> {
    let made = app.engine.campaigns.create(&actor, fields.into()).await?;
    let body = ChangedEnvelope::new("Campaign created successfully", made);
    Ok((StatusCode::CREATED, Json(body)))
}

/// One campaign and what it comes to.
#[utoipa::path(get, path = "/api/campaigns/{id}", tag = "campaigns", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CampaignEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
) -> Result<Json<CampaignEnvelope>, ApiError> {
    let found = app.engine.campaigns.get(&actor, id).await?;
    Ok(Json(found.into()))
}

/// Changes what the body mentions, also while the campaign runs: new limits and windows hold at once. A status is the
/// command that leads there.
#[utoipa::path(put, path = "/api/campaigns/{id}", tag = "campaigns", params(("id" = uuid::Uuid, Path)),
    request_body = CampaignFields,
    responses((status = 200, body = ChangedEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn update(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
    extract::Json(fields): extract::Json<CampaignFields>,
) -> Result<Json<ChangedEnvelope>, ApiError> {
    let changed = app
        .engine
        .campaigns
        .update(&actor, id, fields.into())
        .await?;
    Ok(Json(ChangedEnvelope::new(
        "Campaign updated successfully",
        changed,
    )))
}

/// Stops a campaign that is not over, and takes it away; its calls stay in the books.
#[utoipa::path(delete, path = "/api/campaigns/{id}", tag = "campaigns", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Done), (status = "4XX", body = ErrorBody)))]
pub async fn delete(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
) -> Result<Json<Done>, ApiError> {
    app.engine.campaigns.delete(&actor, id).await?;
    Ok(Json(Done::new("Campaign deleted successfully")))
}
