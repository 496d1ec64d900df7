//! `GET …/Recordings` and `…/Calls/{sid}/Recordings`: recordings are looked for.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde_json::{Value, json};
use uuid::Uuid;

use super::auth::Authorized;
use super::carrier::Filter;
use super::error::ApiError;
use super::fields::Fields;
use super::list::Asked;
use super::recording;
use super::update;
use super::wire::PREFIX;
use crate::network::Network;

/// One page of the project's recordings, newest first.
pub(crate) async fn list(
    State(network): State<Arc<Network>>,
    _: Authorized,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let call = fields.get("CallSid").map(Uuid::try_parse).transpose();
    let call = call.map_err(|_| ApiError::invalid(10000, "CallSid is not valid"))?;
    page(&network, "/Recordings", &fields, call)
}

/// One page of the recordings of one call, of which there is one at most.
pub(crate) async fn list_of_call(
    State(network): State<Arc<Network>>,
    _: Authorized,
    Path((_, sid)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let call = update::find(&network, &sid)?.sid;
    let path = format!("/Calls/{call}/Recordings");
    page(&network, &path, &fields, Some(call))
}

/// The page that `fields` ask for, of what there is below `path`: of one call, or of all.
fn page(
    network: &Network,
    path: &str,
    fields: &Fields,
    call: Option<Uuid>,
) -> Result<Json<Value>, ApiError> {
    let asked = Asked::read(fields)?;
    let all = network
        .carrier
        .list(&Filter::default(), usize::MAX, asked.start);
    let mut found = all
        .calls
        .iter()
        .filter(|candidate| call.is_none_or(|sid| candidate.sid == sid))
        .filter_map(|call| Some((call.index, recording::object(network, call)?)));
    let recordings: Vec<Value> = found
        .by_ref()
        .take(asked.size)
        .map(|(_, object)| object)
        .collect();
    let path = format!("{PREFIX}/Accounts/{}{path}", network.config.project_id);
    let narrowed = match (fields.get("CallSid"), call) {
        (Some(_), Some(call)) => format!("&CallSid={call}"),
        _ => String::new(),
    };
    let uri = |page: usize, token: String| {
        format!(
            "{path}?Page={page}&PageSize={}{token}{narrowed}",
            asked.size
        )
    };
    let token = |start: u32| format!("&PageToken=PA{start:08x}");
    let next = found
        .next()
        .map(|(start, _)| uri(asked.page + 1, token(start)));
    Ok(Json(json!({
        "uri": uri(asked.page, asked.start.map(token).unwrap_or_default()),
        "first_page_uri": uri(0, String::new()),
        "next_page_uri": next,
        "previous_page_uri": null,
        "page": asked.page,
        "page_size": asked.size,
        "recordings": recordings,
    })))
}
