//! `GET …/Calls` and `GET …/Calls/{sid}`: calls are looked for, and looked at.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use super::auth::Authorized;
use super::call::Call;
use super::error::{ApiError, Format, Refused};
use super::fields::Fields;
use super::view;
use crate::faults::Fault;
use crate::network::Network;

const PAGE_SIZE: usize = 50;
const PAGE_SIZE_MAX: usize = 100;

/// Most numbers that a list is filtered by.
const NUMBERS_MAX: usize = 5;

/// One call.
pub(crate) async fn fetch(
    State(network): State<Arc<Network>>,
    _: Authorized,
    format: Format,
    Path((_, sid)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    if network.faults.strikes(Fault::LookupUnavailable) {
        return Err(ApiError::unavailable().answer(format));
    }
    let query = Fields::parse(query.unwrap_or_default().as_bytes());
    let sid = sid.strip_suffix(".json").unwrap_or(&sid);
    let call = Uuid::try_parse(sid)
        .ok()
        .and_then(|sid| network.exchange.find(sid))
        .ok_or_else(|| ApiError::not_found().answer(format))?;
    let object = view::call(&network, &call, query.get("details") == Some("true"));
    Ok(format.write(StatusCode::OK, &view::envelope(object)))
}

/// A page of calls, the newest first unless asked otherwise.
pub(crate) async fn list(
    State(network): State<Arc<Network>>,
    _: Authorized,
    format: Format,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    if network.faults.strikes(Fault::LookupUnavailable) {
        return Err(ApiError::unavailable().answer(format));
    }
    let encoded = query.unwrap_or_default();
    let query = Fields::parse(encoded.as_bytes());
    let asked = Asked::read(&network, &query).map_err(|e| e.answer(format))?;
    let mut found = network.exchange.calls(asked.people.as_deref());
    found.retain(|call| asked.passes(&network, call));
    if !asked.is_ascending {
        found.reverse();
    }
    let total = found.len();
    let page = found.iter().skip(asked.start).take(asked.size);
    let calls: Vec<Value> = page.map(|call| view::call(&network, call, false)).collect();
    let next = asked.start + calls.len();
    let path = format!(
        "/v1/Accounts/{}/Calls.json",
        network.config.exotel.account_sid
    );
    let uri = |name: &str, at: usize| {
        let kept = form_urlencoded::parse(encoded.as_bytes())
            .filter(|(key, _)| key != "After" && key != "Before");
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair(name, &format!("{at:08x}"))
            .finish();
        format!("{path}?{query}")
    };
    let body = json!({
        "Metadata": {
            "Total": total,
            "PageSize": asked.size,
            "FirstPageUri": uri("After", 0),
            "PrevPageUri": (asked.start > 0).then(|| uri("Before", asked.start)),
            "NextPageUri": (next < total).then(|| uri("After", next)),
        },
        "Calls": calls,
    });
    Ok(format.write(StatusCode::OK, &body))
}

/// What a list is narrowed to.
struct Asked {
    people: Option<Vec<String>>,
    sids: Option<Vec<Uuid>>,
    status: Option<String>,
    /// Bounds of the creation's date, both included, as the account writes dates.
    dates: Vec<(bool, String)>,
    is_ascending: bool,
    size: usize,
    start: usize,
}

impl Asked {
    fn read(network: &Network, query: &Fields) -> Result<Self, ApiError> {
        let account = &network.config.exotel;
        let items = |name: &str| {
            let list = query.get(name)?.split(',').map(str::to_owned);
            Some(list.collect::<Vec<_>>())
        };
        let bad = |name: &str| ApiError::invalid(format!("{name} is not valid"));
        let people = items("From");
        if people.as_ref().is_some_and(|list| list.len() > NUMBERS_MAX) {
            return Err(bad("From"));
        }
        // Compared as texts: one form of a number does not find the other.
        let people = people.map(|list| {
            let is_listed = |text: &String| text.starts_with('+') != account.lists_by_national;
            let known = list.into_iter().filter(is_listed);
            known.filter_map(|text| account.e164(&text)).collect()
        });
        let sids = items("Sid").map(|list| list.iter().filter_map(|s| s.parse().ok()).collect());
        let mut dates = Vec::new();
        for bound in query.get("DateCreated").unwrap_or_default().split(';') {
            match bound.split_once(':') {
                Some(("gte", date)) => dates.push((true, date.to_owned())),
                Some(("lte", date)) => dates.push((false, date.to_owned())),
                None if bound.is_empty() => {}
                _ => return Err(bad("DateCreated")),
            }
        }
        let size = match query.get("PageSize").map(str::parse) {
            None => PAGE_SIZE,
            Some(Ok(size)) if (1..=PAGE_SIZE_MAX).contains(&size) => size,
            Some(_) => return Err(bad("PageSize")),
        };
        let start = match query
            .get("After")
            .map(|text| usize::from_str_radix(text, 16))
        {
            None => 0,
            Some(Ok(start)) => start,
            Some(Err(_)) => return Err(bad("After")),
        };
        Ok(Self {
            people,
            sids,
            status: query.get("Status").map(str::to_owned),
            dates,
            is_ascending: query.get("SortBy") == Some("DateCreated:asc"),
            size,
            start,
        })
    }

    fn passes(&self, network: &Network, call: &Call) -> bool {
        let created = view::date(network, call.created_at);
        let status = call.facts().end.map_or("in-progress", |end| end.as_str());
        self.sids.as_ref().is_none_or(|sids| sids.contains(&call.sid))
            && self.status.as_deref().is_none_or(|wanted| wanted == status)
            // Written this way, dates sort as texts.
            && self.dates.iter().all(|(is_lower, bound)| {
                if *is_lower { created >= *bound } else { created <= *bound }
            })
    }
}
