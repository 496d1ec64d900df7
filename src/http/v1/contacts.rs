//! A campaign's contacts: brought in, found.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::CampaignId;

use super::view::{ContactPageV1, ImportEnvelope};
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::campaigns::request::ContactListQuery;
use crate::http::contact_import::{NewContacts, Written};
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{Body, Id, Query};
use crate::http::page::{self, PageQuery};

/// Adds contacts, as JSON or as `text/csv` whose first line names the columns. Good rows are kept, bad ones reported,
/// numbers that the campaign has already counted.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/contacts", tag = "campaigns v1",
    params(("id" = uuid::Uuid, Path)),
    request_body(content((NewContacts = "application/json"), (String = "text/csv"))),
    responses((status = 200, body = ImportEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn add(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Json<ImportEnvelope>, ApiError> {
    let written = Written::of(&headers)?;
    let contacts = &app.engine.contacts;
    let report = written.import(contacts, &actor, id, &body).await?;
    Ok(Json(report.into()))
}

/// One page of a campaign's contacts, in the order of import.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/contacts", tag = "campaigns v1",
    params(("id" = uuid::Uuid, Path), PageQuery, ContactListQuery),
    responses((status = 200, body = ContactPageV1), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
    Query(page): Query<PageQuery>,
    Query(query): Query<ContactListQuery>,
) -> Result<Json<ContactPageV1>, ApiError> {
    let page = page.read(page::CONTACTS)?;
    let found = app
        .engine
        .contacts
        .list(&actor, id, query.into(), page)
        .await?;
    Ok(Json(found.into()))
}
