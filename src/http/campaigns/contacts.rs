//! A campaign's contacts.

use axum::Json;
use axum::extract::State;
use domain::CampaignId;
use engine::page::Paged;
use entity::contact;
use serde::Serialize;
use utoipa::ToSchema;

use super::request::ContactListQuery;
use super::view::ContactView;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{Id, Query};
use crate::http::page::{self, PageQuery};

/// One page of contacts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactPage {
    success: bool,
    #[schema(value_type = uuid::Uuid)]
    campaign_id: CampaignId,
    /// Contacts on this page
    count: usize,
    /// Contacts on all pages
    total: u64,
    page: u32,
    pages: u64,
    contacts: Vec<ContactView>,
}

impl ContactPage {
    fn new(campaign_id: CampaignId, found: Paged<contact::Model>) -> Self {
        Self {
            success: true,
            campaign_id,
            count: found.items.len(),
            total: found.total,
            page: found.page.number,
            pages: found.pages(),
            contacts: found.items.into_iter().map(ContactView::from).collect(),
        }
    }
}

/// One page of a campaign's contacts, in the order of import.
#[utoipa::path(get, path = "/api/campaigns/{id}/contacts", tag = "campaigns",
    params(("id" = uuid::Uuid, Path), PageQuery, ContactListQuery),
    responses((status = 200, body = ContactPage), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
    Query(page): Query<PageQuery>,
    Query(query): Query<ContactListQuery>,
) -> Result<Json<ContactPage>, ApiError> {
    let page = page.read(page::CONTACTS)?;
    let found = app
        .engine
        .contacts
        .list(&actor, id, query.into(), page)
        .await?;
    Ok(Json(ContactPage::new(id, found)))
}
