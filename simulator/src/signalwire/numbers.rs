//! `GET …/IncomingPhoneNumbers`: the numbers the project owns.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde_json::{Value, json};

use super::auth::Authorized;
use super::error::ApiError;
use super::fields::Fields;
use super::list::Asked;
use super::wire::PREFIX;
use crate::config::OwnedNumber;
use crate::faults::Fault;
use crate::network::Network;

/// One page of numbers, in the order of the configuration.
pub(crate) async fn list(
    State(network): State<Arc<Network>>,
    _: Authorized,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    if network.faults.strikes(Fault::NumbersUnavailable) {
        return Err(ApiError::unavailable());
    }
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let asked = Asked::read(&fields)?;
    let config = &network.config;
    let matches = |number: &&OwnedNumber| {
        fields
            .get("PhoneNumber")
            .is_none_or(|text| number.phone_number.contains(text))
            && fields
                .get("FriendlyName")
                .is_none_or(|text| number.friendly_name == text)
    };
    let start = asked.start.unwrap_or(0) as usize;
    let mut found = config.numbers.iter().filter(matches).skip(start);
    let page: Vec<Value> = found
        .by_ref()
        .take(asked.size)
        .map(|n| object(&config.project_id, n))
        .collect();
    let path = format!(
        "{PREFIX}/Accounts/{}/IncomingPhoneNumbers",
        config.project_id
    );
    let uri = |page: usize, start: usize| {
        format!(
            "{path}?Page={page}&PageSize={}&PageToken=PA{start:08x}",
            asked.size
        )
    };
    let next = found
        .next()
        .map(|_| uri(asked.page + 1, start + asked.size));
    Ok(Json(json!({
        "uri": uri(asked.page, start),
        "first_page_uri": format!("{path}?Page=0&PageSize={}", asked.size),
        "next_page_uri": next,
        "previous_page_uri": null,
        "page": asked.page,
        "page_size": asked.size,
        "incoming_phone_numbers": page,
    })))
}

/// One number by its sid.
pub(crate) async fn fetch(
    State(network): State<Arc<Network>>,
    _: Authorized,
    Path((_, sid)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    let sid = sid.strip_suffix(".json").unwrap_or(&sid);
    let config = &network.config;
    let number = config.numbers.iter().find(|number| number.sid == sid);
    number
        .map(|n| Json(object(&config.project_id, n)))
        .ok_or_else(ApiError::not_found)
}

fn object(project: &str, number: &OwnedNumber) -> Value {
    let created = "Thu, 04 Apr 2024 18:30:40 +0000";
    json!({
        "sid": number.sid,
        "account_sid": project,
        "account_id": project,
        "phone_number": number.phone_number,
        "friendly_name": number.friendly_name,
        "country_code": "US",
        "capabilities": {"voice": true, "sms": true, "mms": true, "fax": false},
        "origin": "signalwire",
        "voice_url": null, "voice_method": "POST", "voice_fallback_url": null,
        "status_callback": null, "status_callback_method": "POST",
        "voice_application_sid": null,
        "beta": false,
        "address_requirements": "none",
        "date_created": created, "date_updated": created,
        "uri": format!("{PREFIX}/Accounts/{project}/IncomingPhoneNumbers/{}", number.sid),
    })
}
