//! `POST /v1/listen`: a recording is to be transcribed.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use subtle::ConstantTimeEq;
use tokio::time::sleep;
use url::form_urlencoded;

use super::error::ApiError;
use super::talk::{self, Wanted};
use crate::faults::Fault;
use crate::network::Network;

#[derive(Default, Deserialize)]
struct Source {
    url: String,
}

/// Listens to the recording, unless a fault or the request itself prevents it. Whatever happens is recorded.
pub(crate) async fn listen(
    State(network): State<Arc<Network>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let query = query.unwrap_or_default();
    let read: Result<Source, _> = serde_json::from_slice(&body);
    let (source, unreadable) = match read {
        Ok(source) => (source, None),
        Err(e) => (Source::default(), Some(ApiError::unreadable(e.to_string()))),
    };
    let heard = match unreadable {
        Some(error) => Err(error),
        None => hear(&network, &headers, &query, &source.url).await,
    };
    let status = heard.as_ref().map_or_else(|e| e.status.as_u16(), |_| 200);
    network.listener.settled(&source.url, &query, status);
    match heard {
        Ok(heard) => Json(heard).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn hear(
    network: &Network,
    headers: &HeaderMap,
    query: &str,
    url: &str,
) -> Result<Value, ApiError> {
    let account = &network.config.deepgram;
    let given = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
    let wanted = format!("Token {}", account.api_key);
    if !given.is_some_and(|given| bool::from(given.ct_eq(wanted.as_bytes()))) {
        return Err(ApiError::unauthorized());
    }
    strike(network)?;
    let wanted = wanted_of(query)?;
    let Some(_seat) = network.listener.take_seat(account.concurrent_requests) else {
        return Err(ApiError::too_many(None));
    };
    if network.faults.strikes(Fault::DeepgramSlow) {
        sleep(Duration::from_millis(
            network.faults.timing().deepgram_slow_ms,
        ))
        .await;
    }
    if network.faults.strikes(Fault::RecordingUnreachable) {
        return Err(ApiError::unreachable(url));
    }
    if account.fetches_recordings {
        let reply = network.courier.fetch(url).await;
        if !reply.is_ok_and(|reply| (200..300).contains(&reply.status)) {
            return Err(ApiError::unreachable(url));
        }
    }
    sleep(network.pace.real(account.listen_ms)).await;
    Ok(talk::heard(&wanted))
}

/// The faults that prevent listening.
fn strike(network: &Network) -> Result<(), ApiError> {
    let strikes = |fault| network.faults.strikes(fault);
    if strikes(Fault::DeepgramUnauthorized) {
        return Err(ApiError::unauthorized());
    }
    if strikes(Fault::DeepgramNoBalance) {
        return Err(ApiError::no_balance());
    }
    if strikes(Fault::DeepgramTooMany) {
        let wait_s = network.faults.timing().deepgram_retry_after_s;
        return Err(ApiError::too_many(Some(wait_s)));
    }
    if strikes(Fault::DeepgramUnavailable) {
        return Err(ApiError::unavailable());
    }
    Ok(())
}

fn wanted_of(query: &str) -> Result<Wanted, ApiError> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let get = |name: &str| {
        let mut values = pairs.iter().filter(|(key, _)| key == name);
        values.next().map(|(_, value)| value.as_str())
    };
    let flag = |name: &str| match get(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(ApiError::bad_query(format!("{name}: {other}"))),
    };
    let model = get("model").unwrap_or("base");
    if model.is_empty() {
        return Err(ApiError::bad_query("model: no such model"));
    }
    Ok(Wanted {
        model: model.to_owned(),
        has_channels: flag("multichannel")?,
        tells_voices: flag("diarize")?,
        has_utterances: flag("utterances")?,
        finds_language: flag("detect_language")?,
    })
}
