//! Campaigns: found, made, changed.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::CampaignId;
use engine::EngineError;
use engine::field::Sieve;
use engine::page::PageSize;
use engine::query::truth;

use super::request::{CampaignFieldsV1, ListQueryV1, NewCampaignV1, ShapeQuery, in_own_words};
use super::view::{CampaignEnvelopeV1, CampaignListV1, OverviewEnvelopeV1};
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{self, Id, Query};
use crate::http::openapi::pages::CampaignPages;
use crate::http::page::{self, PageQuery};

/// Where no page is asked for all campaigns are meant; this many are all.
pub(super) const ALL: PageSize = PageSize {
    default: 10_000,
    max: 10_000,
};

/// The campaigns one may see: all of them, unless a page is asked for. With `includeContacts` each has `contacts`: the
/// numbers and names of all of its contacts.
#[utoipa::path(get, path = "/api/v1/campaigns", tag = "campaigns v1", params(CampaignPages, ListQueryV1, ShapeQuery),
    responses((status = 200, body = CampaignListV1), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(page): Query<PageQuery>,
    Query(query): Query<ListQueryV1>,
    Query(shape): Query<ShapeQuery>,
) -> Result<Response, ApiError> {
    let allowed = if page.is_given() {
        page::CAMPAIGNS
    } else {
        ALL
    };
    let page = page.within(allowed);
    let mut sieve = Sieve::default();
    let with_contacts = sieve.param("includeContacts", &shape.include_contacts, truth);
    let found = app.engine.campaigns.list(&actor, query.into(), page).await;
    let found = sieve.sift(found)?;
    // Nothing was wrong: then there is a list.
    let found = sieve.done(found).map_err(EngineError::Invalid)?;
    let list: CampaignListV1 = found
        .ok_or_else(|| EngineError::Invalid(Vec::new()))?
        .into();
    if with_contacts == Some(true) {
        return Ok(list.with_contacts(&app.engine.contacts));
    }
    Ok(Json(list).into_response())
}

/// Makes a campaign: a draft, unless the body names another status.
#[utoipa::path(post, path = "/api/v1/campaigns", tag = "campaigns v1", request_body = NewCampaignV1,
    responses((status = 201, body = CampaignEnvelopeV1), (status = "4XX", body = ErrorBody)))]
pub async fn create(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    extract::Json(fields): extract::Json<CampaignFieldsV1>,
) -> Result<(StatusCode, Json<CampaignEnvelopeV1>), ApiError> {
    let made = app.engine.campaigns.create(&actor, fields.into()).await;
    Ok((
        StatusCode::CREATED,
        Json(made.map_err(in_own_words)?.into()),
    ))
}

/// One campaign with everything its page shows.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}", tag = "campaigns v1", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = OverviewEnvelopeV1), (status = "4XX", body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
) -> Result<Json<OverviewEnvelopeV1>, ApiError> {
    let found = app.engine.campaigns.overview(&actor, id).await?;
    Ok(Json(found.into()))
}

/// Changes what the body mentions. A status is the command that leads there, such as `waiting_for_approval`.
#[utoipa::path(patch, path = "/api/v1/campaigns/{id}", tag = "campaigns v1", params(("id" = uuid::Uuid, Path)),
    request_body = CampaignFieldsV1,
    responses((status = 200, body = CampaignEnvelopeV1), (status = "4XX", body = ErrorBody)))]
pub async fn update(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
    extract::Json(fields): extract::Json<CampaignFieldsV1>,
) -> Result<Json<CampaignEnvelopeV1>, ApiError> {
    let changed = app.engine.campaigns.update(&actor, id, fields.into()).await;
    Ok(Json(changed.map_err(in_own_words)?.into()))
}
