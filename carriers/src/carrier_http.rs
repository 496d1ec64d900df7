//! What the clients of all carriers make of an answer, or of none. Knows nothing of any carrier.

use anyhow::anyhow;
use reqwest::{RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

use crate::carrier::{CarrierError, PlaceError, Placed};
use crate::http::{self, Answer, NoAnswer, NoBody};
use crate::word::is_id;

/// Longest answer to a call that was asked for, in bytes. It has about 1.5 kB.
const PLACED_MAX: usize = 1 << 20;
/// Longest other answer, in bytes. A page of a thousand calls, the most that anybody lists at once, has about 1.5 MB.
const PAGE_MAX: usize = 4 << 20;

/// Asks for a call. Where nothing came back, the call may still have been placed.
pub(crate) async fn ask_to_place(request: RequestBuilder) -> Result<Answer, PlaceError> {
    let answer = http::exchange(request, PLACED_MAX).await;
    answer.map_err(|error| match error {
        NoAnswer::NeverSent(source) => PlaceError::Retryable {
            not_before: None,
            source,
        },
        NoAnswer::Unknown(source) => PlaceError::Ambiguous(source),
    })
}

/// The call that the carrier `named` accepted as `sid`: what we cannot name may have been placed.
pub(crate) fn placed(sid: Option<String>, named: &str) -> Result<Placed, PlaceError> {
    match sid {
        Some(sid) if is_id(&sid) => Ok(Placed {
            carrier_call_id: sid,
        }),
        _ => Err(PlaceError::Ambiguous(anyhow!(
            "{named} accepted the call without naming it"
        ))),
    }
}

/// Asks for anything else: asking again does no harm.
pub(crate) async fn ask(request: RequestBuilder) -> Result<Answer, CarrierError> {
    let answer = http::exchange(request, PAGE_MAX).await;
    answer.map_err(|error| retryable(error.into_source()))
}

/// Asks for one JSON object. `Ok(None)` where the carrier does not know it; `refused` says what any other refusal means.
pub(crate) async fn get<T: DeserializeOwned>(
    request: RequestBuilder,
    refused: impl FnOnce(&Answer) -> CarrierError,
) -> Result<Option<T>, CarrierError> {
    let answer = ask(request).await?;
    if answer.status == StatusCode::NOT_FOUND {
        return Ok(None);
    }
    if !answer.status.is_success() {
        return Err(refused(&answer));
    }
    let body = answer.body.map_err(|no_body| match no_body {
        NoBody::CutOff(source) => retryable(source),
        NoBody::TooLong(source) => CarrierError::Unreadable(source),
    })?;
    let read = serde_json::from_slice(&body).map_err(|e| CarrierError::Unreadable(e.into()))?;
    Ok(Some(read))
}

fn retryable(source: anyhow::Error) -> CarrierError {
    CarrierError::Retryable {
        not_before: None,
        source,
    }
}
