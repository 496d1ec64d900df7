//! What happened to a campaign.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::CampaignId;
use engine::campaigns::CampaignEvent;
use engine::page::Paged;
use entity::user;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::example;
use super::view::CampaignStatus;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{Id, Query};
use crate::http::openapi::pages::EventPages;
use crate::http::page::{self, PageQuery};

/// One page of a campaign's history.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = example::event::page)]
pub struct EventPage {
    success: bool,
    #[schema(value_type = Uuid)]
    campaign_id: CampaignId,
    /// Events on this page
    count: usize,
    /// Events on all pages
    total: u64,
    page: u32,
    pages: u64,
    events: Vec<EventView>,
}

/// Something that happened to a campaign.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventView {
    /// Later ones are greater
    #[schema(example = 41)]
    id: i64,
    #[serde(rename = "type")]
    #[schema(value_type = EventType, example = "pause")]
    kind: String,
    /// `null` where the status did not change
    #[schema(value_type = Option<CampaignStatus>, example = "active")]
    from_status: Option<String>,
    /// `null` where the status did not change
    #[schema(value_type = Option<CampaignStatus>, example = "paused")]
    to_status: Option<String>,
    /// In words, where somebody gave one
    #[schema(example = "Holiday break")]
    reason: Option<String>,
    /// `null`: the system by itself
    actor: Option<ActorView>,
    created_at: DateTime<Utc>,
}

/// What can happen to a campaign.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum EventType {
    /// It was made.
    Create,
    /// Its fields were changed.
    Update,
    /// It was handed in for approval.
    Submit,
    /// An administrator approved it.
    Approve,
    /// It was started.
    Start,
    /// It was stopped for now: by somebody, or by the system because of a fault that the reason tells.
    Pause,
    /// It went on.
    Resume,
    /// Somebody declared it done.
    End,
    /// The system completed it: nobody was left to call, or its end date had passed.
    Finish,
    /// It was called off.
    Cancel,
    /// It was taken away.
    Delete,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActorView {
    id: Uuid,
    #[schema(example = "Ada Lovelace")]
    name: String,
    #[schema(example = "ada@example.com")]
    email: Option<String>,
}

impl From<user::Model> for ActorView {
    fn from(user: user::Model) -> Self {
        Self {
            id: user.id,
            name: user.name,
            email: user.email,
        }
    }
}

impl From<CampaignEvent> for EventView {
    fn from(event: CampaignEvent) -> Self {
        Self {
            id: event.row.id,
            kind: event.row.kind,
            from_status: event.row.from_status,
            to_status: event.row.to_status,
            reason: event.row.reason,
            actor: event.actor.map(ActorView::from),
            created_at: event.row.created_at,
        }
    }
}

impl EventPage {
    fn new(campaign_id: CampaignId, found: Paged<CampaignEvent>) -> Self {
        Self {
            success: true,
            campaign_id,
            count: found.items.len(),
            total: found.total,
            page: found.page.number,
            pages: found.pages(),
            events: found.items.into_iter().map(EventView::from).collect(),
        }
    }
}

/// One page of a campaign's history, the newest first: commands with their reasons and who gave them, changes, and what the
/// system did by itself.
#[utoipa::path(get, path = "/api/campaigns/{id}/events", tag = "campaigns",
    params(("id" = Uuid, Path), EventPages),
    responses((status = 200, body = EventPage), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<EventPage>, ApiError> {
    let page = page.read(page::EVENTS)?;
    let found = app.engine.campaigns.events(&actor, id, page).await?;
    Ok(Json(EventPage::new(id, found)))
}
