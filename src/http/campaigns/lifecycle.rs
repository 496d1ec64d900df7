//! Campaigns: started, paused, resumed, ended.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::CampaignId;
use domain::lifecycle::Command;
use serde::Serialize;
use utoipa::ToSchema;

use super::request::Reason;
use super::view::CampaignStatus;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{Id, OptionalJson};

/// A campaign that was started.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "success": true, "message": "Campaign started successfully", "status": "active",
    "startedAt": "2023-07-29T15:30:00Z",
}))]
pub struct Started {
    success: bool,
    #[schema(example = "Campaign started successfully")]
    message: &'static str,
    #[schema(value_type = CampaignStatus, example = "active")]
    status: String,
    /// When it was first started
    started_at: Option<DateTime<Utc>>,
}

/// A campaign that was paused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "success": true, "message": "Campaign paused successfully", "status": "paused",
    "pausedAt": "2023-07-29T16:00:00Z",
}))]
pub struct Paused {
    success: bool,
    #[schema(example = "Campaign paused successfully")]
    message: &'static str,
    #[schema(value_type = CampaignStatus, example = "paused")]
    status: String,
    paused_at: Option<DateTime<Utc>>,
}

/// A campaign that was resumed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "success": true, "message": "Campaign resumed successfully", "status": "active",
    "resumedAt": "2023-07-29T17:00:00Z",
}))]
pub struct Resumed {
    success: bool,
    #[schema(example = "Campaign resumed successfully")]
    message: &'static str,
    #[schema(value_type = CampaignStatus, example = "active")]
    status: String,
    resumed_at: Option<DateTime<Utc>>,
}

/// A campaign that was ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "success": true, "message": "Campaign ended successfully", "status": "completed",
    "endedAt": "2023-07-29T18:00:00Z",
}))]
pub struct Ended {
    success: bool,
    #[schema(example = "Campaign ended successfully")]
    message: &'static str,
    #[schema(value_type = CampaignStatus, example = "completed")]
    status: String,
    ended_at: Option<DateTime<Utc>>,
}

/// Begins to call, whenever the calendar is open.
#[utoipa::path(post, path = "/api/campaigns/{id}/start", tag = "campaigns", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Started), (status = "4XX", body = ErrorBody)))]
pub async fn start(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
) -> Result<Json<Started>, ApiError> {
    let campaigns = &app.engine.campaigns;
    let row = campaigns
        .command(&actor, id, Command::Start, None)
        .await?
        .row;
    Ok(Json(Started {
        success: true,
        message: "Campaign started successfully",
        status: row.status,
        started_at: row.started_at,
    }))
}

/// Stops calling for now. Once this has answered no further call is begun; live calls go on to their end.
#[utoipa::path(post, path = "/api/campaigns/{id}/pause", tag = "campaigns", params(("id" = uuid::Uuid, Path)),
    request_body(content = Option<Reason>, example = json!({"reason": "Holiday break"})),
    responses((status = 200, body = Paused), (status = "4XX", body = ErrorBody)))]
pub async fn pause(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
    OptionalJson(body): OptionalJson<Reason>,
) -> Result<Json<Paused>, ApiError> {
    let (campaigns, reason) = (&app.engine.campaigns, body.words()?);
    let row = campaigns
        .command(&actor, id, Command::Pause, reason.as_deref())
        .await?
        .row;
    Ok(Json(Paused {
        success: true,
        message: "Campaign paused successfully",
        status: row.status,
        paused_at: row.paused_at,
    }))
}

/// Goes on after a pause.
#[utoipa::path(post, path = "/api/campaigns/{id}/resume", tag = "campaigns", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Resumed), (status = "4XX", body = ErrorBody)))]
pub async fn resume(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
) -> Result<Json<Resumed>, ApiError> {
    let campaigns = &app.engine.campaigns;
    let row = campaigns
        .command(&actor, id, Command::Resume, None)
        .await?
        .row;
    Ok(Json(Resumed {
        success: true,
        message: "Campaign resumed successfully",
        status: row.status,
        resumed_at: row.resumed_at,
    }))
}

/// Declares the campaign done. Once this has answered no further call is begun; live calls go on and are counted.
#[utoipa::path(post, path = "/api/campaigns/{id}/end", tag = "campaigns", params(("id" = uuid::Uuid, Path)),
    request_body(content = Option<Reason>, example = json!({"reason": "Campaign goals met"})),
    responses((status = 200, body = Ended), (status = "4XX", body = ErrorBody)))]
pub async fn end(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
    OptionalJson(body): OptionalJson<Reason>,
) -> Result<Json<Ended>, ApiError> {
    let (campaigns, reason) = (&app.engine.campaigns, body.words()?);
    let row = campaigns
        .command(&actor, id, Command::End, reason.as_deref())
        .await?
        .row;
    Ok(Json(Ended {
        success: true,
        message: "Campaign ended successfully",
        status: row.status,
        ended_at: row.ended_at,
    }))
}
