//! A campaign's contacts: brought in, found.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::CampaignId;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::view::{ContactPageV1, ImportEnvelope};
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::campaigns::request::ContactListQuery;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{Body, Id, Query, content_type, unsupported};
use crate::http::page::{self, PageQuery};

/// Contacts to add. The engine reads them one by one, so that a bad one does not spoil the others; this describes them.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "describes a body that the engine reads")]
pub struct NewContacts {
    /// At most 100,000
    contacts: Vec<NewContact>,
}

/// A contact to add. Names that are not listed here are kept with its metadata.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes a body that the engine reads")]
pub struct NewContact {
    /// E.164, or as dialled in the campaign's region
    #[schema(example = "+919812345678")]
    phone_number: String,
    #[schema(example = "John Doe")]
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    /// IANA name; absent: the campaign's
    timezone: Option<String>,
    /// Reaches the agent
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
}

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
    let contacts = &app.engine.contacts;
    let report = match content_type(&headers).as_deref() {
        Some("application/json") => contacts.import_json(&actor, id, &body).await?,
        Some("text/csv") => contacts.import_csv(&actor, id, &body).await?,
        _ => return Err(unsupported("send contacts as application/json or text/csv")),
    };
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
