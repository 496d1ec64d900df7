//! Campaigns: started, paused, resumed, canceled. No bodies; what comes along is not looked at.

use axum::Json;
use axum::extract::State;
use domain::CampaignId;
use domain::lifecycle::Command;
use engine::Actor;

use super::request::in_own_words;
use super::view::CampaignEnvelopeV1;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Id;

/// Begins to call, whenever the calendar is open.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/start", tag = "campaigns v1",
    params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CampaignEnvelopeV1), (status = "4XX", body = ErrorBody)))]
pub async fn start(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
) -> Result<Json<CampaignEnvelopeV1>, ApiError> {
    command(&app, &actor, id, Command::Start).await
}

/// Stops calling for now. Once this has answered no further call is begun; live calls go on to their end.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/pause", tag = "campaigns v1",
    params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CampaignEnvelopeV1), (status = "4XX", body = ErrorBody)))]
pub async fn pause(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
) -> Result<Json<CampaignEnvelopeV1>, ApiError> {
    command(&app, &actor, id, Command::Pause).await
}

/// Goes on after a pause.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/resume", tag = "campaigns v1",
    params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CampaignEnvelopeV1), (status = "4XX", body = ErrorBody)))]
pub async fn resume(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
) -> Result<Json<CampaignEnvelopeV1>, ApiError> {
    command(&app, &actor, id, Command::Resume).await
}

/// Calls the campaign off. Once this has answered no further call is begun; live calls go on and are counted.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/cancel", tag = "campaigns v1",
    params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CampaignEnvelopeV1), (status = "4XX", body = ErrorBody)))]
pub async fn cancel(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
) -> Result<Json<CampaignEnvelopeV1>, ApiError> {
    command(&app, &actor, id, Command::Cancel).await
}

async fn command(
    app: &App,
    actor: &Actor,
    id: CampaignId,
    command: Command,
) -> Result<Json<CampaignEnvelopeV1>, ApiError> {
    let campaigns = &app.engine.campaigns;
    let campaign = campaigns.command(actor, id, command, None).await;
    Ok(Json(campaign.map_err(in_own_words)?.into()))
}
