//! Whom it may be worth to call again.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use engine::calls::RetryCandidate;
use engine::page::Paged;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::request::RetriableQueryV1;
use super::view::names;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::campaigns::call_view::{CallOutcome, CallStatus, Direction};
use crate::http::campaigns::view::{CampaignStatus, ContactStatus};
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;
use crate::http::openapi::pages::CallPages;
use crate::http::page::{self, PageQuery};

/// Who calls again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Retriable {
    /// The campaign does, by itself; a paused one once it is resumed.
    Automatic,
    /// Nobody does, unless somebody sees to it.
    Manual,
}

/// Somebody who was not reached: the last call, and what comes next.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetryCandidateView {
    /// Of the call
    #[serde(rename = "_id")]
    id: Uuid,
    #[schema(example = "b3877c40-da60-4998-90ad-b792e98472ca")]
    call_sid: String,
    #[schema(example = "conv_01k4f2")]
    session_id: String,
    /// Whom to call
    #[schema(example = "+18005551234")]
    phone_number: String,
    #[schema(example = "+12025550100")]
    from_phone: String,
    #[schema(example = "+18005551234")]
    to_phone: String,
    #[schema(value_type = Direction, example = "outbound")]
    direction: String,
    #[schema(value_type = CallStatus, example = "busy")]
    status: String,
    #[schema(value_type = Option<CallOutcome>, example = "busy")]
    outcome: Option<String>,
    /// Why it reached nobody
    #[schema(example = "the line was busy")]
    last_error: Option<String>,
    /// How often they were called, by the campaign or outside any
    #[schema(example = 2)]
    attempts: i64,
    /// How often the campaign may still call; `null` outside campaigns
    #[schema(example = 1)]
    attempts_left: Option<i64>,
    /// When the campaign calls again by itself; `null` where it does not, or the call is waiting for a worker
    next_attempt_at: Option<DateTime<Utc>>,
    retriable: Retriable,
    campaign_id: Option<Uuid>,
    campaign_name: Option<String>,
    #[schema(value_type = Option<CampaignStatus>)]
    campaign_status: Option<String>,
    contact_id: Option<i64>,
    #[schema(example = "John Doe")]
    contact_name: Option<String>,
    #[schema(value_type = Option<ContactStatus>)]
    contact_status: Option<String>,
    agent_id: Option<String>,
    agent_name: Option<String>,
    /// When the last call was begun
    started_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl From<RetryCandidate> for RetryCandidateView {
    fn from(found: RetryCandidate) -> Self {
        let (call_sid, session_id) = names(&found.call.row);
        let retriable = if found.is_automatic {
            Retriable::Automatic
        } else {
            Retriable::Manual
        };
        let call = found.call;
        let row = call.row;
        Self {
            id: row.id,
            call_sid,
            session_id,
            phone_number: row.to_number.clone(),
            from_phone: row.from_number,
            to_phone: row.to_number,
            direction: row.direction,
            status: row.status,
            outcome: row.outcome,
            last_error: found.last_error,
            attempts: found.attempts,
            attempts_left: found.attempts_left,
            next_attempt_at: found.next_attempt_at,
            retriable,
            campaign_id: row.campaign_id,
            campaign_name: call.campaign_name,
            campaign_status: found.campaign_status,
            contact_id: row.contact_id,
            contact_name: call.contact_name,
            contact_status: found.contact_status,
            agent_id: row.agent_id,
            agent_name: call.agent_name,
            started_at: row.begun_at,
            ended_at: row.ended_at,
        }
    }
}

/// A page of people who were not reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetriableEnvelope {
    success: bool,
    data: RetriablePage,
}

/// A page of people who were not reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetriablePage {
    /// The last called first
    calls: Vec<RetryCandidateView>,
    /// On all pages; 10,000 where there are more
    #[schema(maximum = 10_000, example = 1)]
    total: u64,
    page: u32,
    limit: u32,
    pages: u64,
}

impl From<Paged<RetryCandidate>> for RetriableEnvelope {
    fn from(found: Paged<RetryCandidate>) -> Self {
        let (total, page, pages) = (found.total, found.page, found.pages());
        let calls = found.items.into_iter().map(RetryCandidateView::from);
        Self {
            success: true,
            data: RetriablePage {
                calls: calls.collect(),
                total,
                page: page.number,
                limit: page.size,
                pages,
            },
        }
    }
}

/// Who was not reached and may be called again: of each contact, and of each number called outside campaigns, the last call,
/// where it failed, was busy, rang out, or reached a machine. Without those who were reached after all or must not be called.
#[utoipa::path(get, path = "/api/v1/calls/retriable", tag = "calls v1", params(CallPages, RetriableQueryV1),
    responses((status = 200, body = RetriableEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(page): Query<PageQuery>,
    Query(query): Query<RetriableQueryV1>,
) -> Result<Json<RetriableEnvelope>, ApiError> {
    let calls = &app.engine.calls;
    let page = page.within(page::CALLS);
    let found = calls.retriable(&actor, query.into(), page).await?;
    Ok(Json(found.into()))
}
