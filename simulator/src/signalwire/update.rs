//! `GET` and `POST …/Calls/{sid}`: a call is looked at, ended, taken back, redirected.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde_json::Value;
use uuid::Uuid;

use super::auth::Authorized;
use super::call::{Call, Ending, Phase};
use super::error::ApiError;
use super::fields::Fields;
use super::request::target;
use super::wire;
use crate::faults::Fault;
use crate::network::Network;
use crate::recorder::EndStatus;

/// The call of the path, with or without `.json`.
pub(crate) fn find(network: &Network, sid: &str) -> Result<Arc<Call>, ApiError> {
    let sid = sid.strip_suffix(".json").unwrap_or(sid);
    Uuid::try_parse(sid)
        .ok()
        .and_then(|sid| network.carrier.find(sid))
        .ok_or_else(ApiError::not_found)
}

/// `GET …/Calls/{sid}`.
pub(crate) async fn fetch(
    State(network): State<Arc<Network>>,
    _: Authorized,
    Path((_, sid)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    if network.faults.strikes(Fault::LookupUnavailable) {
        return Err(ApiError::unavailable());
    }
    let call = find(&network, &sid)?;
    Ok(Json(wire::call_object(&network, &call)))
}

/// `POST …/Calls/{sid}`: `Status=canceled`, `Status=completed`, or `Url`.
pub(crate) async fn update(
    State(network): State<Arc<Network>>,
    _: Authorized,
    Path((_, sid)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    if network.faults.strikes(Fault::UpdateUnavailable) {
        return Err(ApiError::unavailable());
    }
    let call = find(&network, &sid)?;
    let fields = Fields::parse(&body);
    match fields.get("Status") {
        Some("canceled") => cancel(&network, &call)?,
        Some("completed") => complete(&network, &call)?,
        Some(other) => {
            return Err(ApiError::invalid(
                10000,
                format!("Status is not valid: {other}"),
            ));
        }
        None => redirect(&call, &fields)?,
    }
    Ok(Json(wire::call_object(&network, &call)))
}

/// Takes back a call that nobody has answered.
fn cancel(network: &Arc<Network>, call: &Call) -> Result<(), ApiError> {
    if call.facts().phase == Phase::InProgress {
        return Err(ApiError::invalid(
            10000,
            "Call is in progress and cannot be canceled",
        ));
    }
    // If it was answered just now, it is hung up: the caller wanted it gone.
    ended(call.end(network, EndStatus::Canceled, Ending::CutShort))
}

/// Ends a call, whatever it is doing; one that nobody answered counts as canceled.
fn complete(network: &Arc<Network>, call: &Call) -> Result<(), ApiError> {
    let status = match call.facts().phase {
        Phase::InProgress => EndStatus::Completed,
        _ => EndStatus::Canceled,
    };
    ended(call.end(network, status, Ending::CutShort))
}

fn ended(is_first: bool) -> Result<(), ApiError> {
    let message = "Call has ended and cannot be changed";
    if is_first {
        Ok(())
    } else {
        Err(ApiError::invalid(10000, message))
    }
}

/// Gives a call in progress another document.
fn redirect(call: &Call, fields: &Fields) -> Result<(), ApiError> {
    let target = target(fields, "Url", "Method", 21402)?
        .ok_or_else(|| ApiError::invalid(10000, "Either Status or Url is required"))?;
    match call.facts().phase {
        Phase::InProgress => {}
        Phase::Ended(_) => return ended(false),
        Phase::Queued | Phase::Initiated | Phase::Ringing => {
            return Err(ApiError::invalid(21220, "Call is not in-progress"));
        }
    }
    let live = call
        .live()
        .ok_or_else(|| ApiError::invalid(10000, "Call cannot be redirected"))?;
    ended(live.redirects.send(target).is_ok())
}
