//! A campaign's contacts: brought in, found, carried out.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use domain::CampaignId;

use super::contact_view::{ContactPageV1, ImportEnvelope};
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::campaigns::request::ContactListQuery;
use crate::http::contact_import::{ContactsCsv, NewContacts, import};
use crate::http::contact_list::{ContactsFile, ContactsWanted};
use crate::http::csv::{BY_ACCEPT, attachment};
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{Body, Id};
use crate::http::openapi::pages::ContactPages;

/// Adds contacts, as JSON or as `text/csv` whose first line names the columns. Good rows are kept, bad ones reported,
/// numbers that the campaign has already counted.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/contacts", tag = "campaigns v1",
    params(("id" = uuid::Uuid, Path)),
    request_body(content((NewContacts = "application/json"), (ContactsCsv = "text/csv"))),
    responses((status = 200, body = ImportEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn add(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Json<ImportEnvelope>, ApiError> {
    let contacts = &app.engine.contacts;
    let report = import(contacts, &actor, id, (&headers, &body)).await?;
    Ok(Json(report.into()))
}

/// One page of a campaign's contacts, in the order of import; as a CSV file, which has all of them unless a page is named,
/// where `Accept` asks for `text/csv`.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/contacts", tag = "campaigns v1",
    params(("id" = uuid::Uuid, Path), ContactPages, ContactListQuery),
    responses((status = 200, content((ContactPageV1 = "application/json"), (ContactsFile = "text/csv"))),
        (status = "4XX", body = ErrorBody)))]
pub async fn list(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
    wanted: ContactsWanted,
) -> Result<Response, ApiError> {
    let contacts = &app.engine.contacts;
    if wanted.as_csv {
        let rows = contacts
            .export(&actor, id, wanted.query, wanted.page)
            .await?;
        return Ok(attachment(&format!("contacts-{id}.csv"), rows));
    }
    let found = contacts.list(&actor, id, wanted.query, wanted.page).await?;
    Ok((BY_ACCEPT, Json(ContactPageV1::from(found))).into_response())
}
