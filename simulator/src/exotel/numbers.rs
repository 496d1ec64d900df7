//! `GET /v2_beta/…/IncomingPhoneNumbers`: the account's ExoPhones.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::auth::Authorized;
use super::error::{ApiError, Format, Refused};
use crate::faults::Fault;
use crate::network::Network;

/// All numbers, on one page.
pub(crate) async fn list(
    State(network): State<Arc<Network>>,
    _: Authorized,
    format: Format,
) -> Result<Json<Value>, Refused> {
    if network.faults.strikes(Fault::NumbersUnavailable) {
        return Err(ApiError::unavailable().answer(format));
    }
    let account = &network.config.exotel;
    let numbers: Vec<Value> = account
        .numbers
        .iter()
        .map(|number| {
            json!({
                "sid": account.national(&number.phone_number),
                "phone_number": number.phone_number,
                "friendly_name": number.friendly_name,
                "capabilities": {"voice": true, "sms": true},
                "country": "IN",
                "region": "KA",
            })
        })
        .collect();
    Ok(Json(json!({
        "page": 0, "page_size": 50, "incoming_phone_numbers": numbers,
    })))
}
