//! Campaigns with their contacts, for the page that tells numbers by names. Sent while it is read: however many contacts
//! there are, few of them are in memory at once.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use engine::EngineError;
use engine::contacts::Contacts;
use engine::store::contact_names::NamedNumber;
use futures::stream::{self, Stream, StreamExt, TryStreamExt};
use serde::Serialize;
use tracing::error;
use utoipa::ToSchema;

use super::crud::ALL;
use super::request::ListQueryV1;
use super::view::CampaignV1;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;
use crate::http::page::PageQuery;

/// All campaigns with the numbers and names of their contacts.
#[derive(Serialize, ToSchema)]
pub struct SummaryEnvelope {
    success: bool,
    data: SummaryView,
}

/// Campaigns with the numbers and names of their contacts.
#[derive(Serialize, ToSchema)]
pub struct SummaryView {
    campaigns: Vec<CampaignWithContacts>,
}

/// A campaign with the numbers and names of its contacts.
#[derive(Serialize, ToSchema)]
pub struct CampaignWithContacts {
    #[serde(flatten)]
    campaign: CampaignV1,
    contacts: Vec<NamedNumberView>,
}

/// A campaign of a list, with the numbers and names of its contacts where they were asked for.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes what is written as a campaign, and its contacts after it"
)]
pub struct ListedCampaignV1 {
    #[serde(flatten)]
    campaign: CampaignV1,
    /// With `includeContacts=true`
    #[schema(nullable = false)]
    contacts: Option<Vec<NamedNumberView>>,
}

/// Who has a number.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NamedNumberView {
    /// E.164
    #[schema(example = "+919812345678")]
    phone_number: String,
    /// `null` where it is not known
    #[schema(example = "John Doe")]
    name: Option<String>,
}

impl From<NamedNumber> for NamedNumberView {
    fn from(found: NamedNumber) -> Self {
        Self {
            phone_number: found.phone_number,
            name: found.name,
        }
    }
}

/// A piece of an answer.
type Piece = Result<Vec<u8>, EngineError>;

/// All campaigns one may see, at most 10,000, each with the numbers and names of all of its contacts.
#[utoipa::path(get, path = "/api/v1/campaigns/all", tag = "campaigns v1", params(ListQueryV1),
    responses((status = 200, body = SummaryEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn all(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(query): Query<ListQueryV1>,
) -> Result<Response, ApiError> {
    let campaigns = &app.engine.campaigns;
    let everything = PageQuery::default().within(ALL);
    let found = campaigns.list(&actor, query.into(), everything).await?;
    let found: Vec<CampaignV1> = found.items.into_iter().map(CampaignV1::from).collect();
    let list = with_contacts(app.engine.contacts.clone(), found.into());
    let head = text(r#"{"success":true,"data":{"campaigns":["#);
    Ok(sent(head.chain(list).chain(text("]}}"))))
}

/// The answer to a list of campaigns, `head` its first fields, with the contacts of each: as `data` and as `campaigns`.
pub(super) fn list_with_contacts(
    contacts: &Contacts,
    head: &str,
    campaigns: Vec<CampaignV1>,
) -> Response {
    let campaigns: Arc<[CampaignV1]> = campaigns.into();
    let list = || with_contacts(contacts.clone(), Arc::clone(&campaigns));
    let data = text(&format!(r#"{{{head},"data":["#)).chain(list());
    let again = text(r#"],"campaigns":["#).chain(list());
    sent(data.chain(again).chain(text("]}")))
}

/// The campaigns as the items of a list in JSON, each with its contacts.
fn with_contacts(
    contacts: Contacts,
    campaigns: Arc<[CampaignV1]>,
) -> impl Stream<Item = Piece> + Send + 'static {
    let places = stream::iter(0..campaigns.len());
    places.flat_map(move |place| {
        let campaign = &campaigns[place];
        let comma = if place == 0 { "" } else { "," };
        let names = contacts.names(campaign.id()).enumerate();
        let names = names.map(|(piece, names)| names.and_then(|names| items(piece > 0, names)));
        stream::iter([opened(comma, campaign)])
            .chain(names)
            .chain(text("]}"))
    })
}

/// The campaign without its last brace, and the begin of its contacts.
fn opened(comma: &str, campaign: &CampaignV1) -> Piece {
    let object = serde_json::to_string(campaign).map_err(EngineError::internal)?;
    let fields = object.strip_suffix('}').unwrap_or(&object);
    Ok(format!(r#"{comma}{fields},"contacts":["#).into_bytes())
}

/// `names` as the items of a list in JSON, after others or as the first.
fn items(is_after_others: bool, names: Vec<NamedNumber>) -> Piece {
    let mut piece = Vec::with_capacity(names.len() * 64);
    for (place, name) in names.into_iter().enumerate() {
        if is_after_others || place > 0 {
            piece.push(b',');
        }
        let name = NamedNumberView::from(name);
        serde_json::to_writer(&mut piece, &name).map_err(EngineError::internal)?;
    }
    Ok(piece)
}

fn text(text: &str) -> impl Stream<Item = Piece> + Send + 'static + use<> {
    stream::iter([Ok(text.to_owned().into_bytes())])
}

/// An error in the middle breaks the connection off, so that nobody takes what came until then for all of it.
fn sent(pieces: impl Stream<Item = Piece> + Send + 'static) -> Response {
    let pieces = pieces.inspect_err(|error| error!(?error, "a list broke off in the middle"));
    let kind = [(CONTENT_TYPE, "application/json")];
    (kind, Body::from_stream(pieces)).into_response()
}
