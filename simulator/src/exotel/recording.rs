//! `GET /_simulator/exotel/recordings/{sid}.mp3`: the sound of a recorded call, open to whoever knows the address.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use crate::network::Network;

/// The first bytes of an MP3 file; nobody listens.
const SOUND: &[u8] = b"ID3\x04\x00\x00\x00\x00\x00\x00";

/// The recording of a call that was answered and is over.
pub(crate) async fn fetch(
    State(network): State<Arc<Network>>,
    Path(name): Path<String>,
) -> Response {
    let call = name
        .strip_suffix(".mp3")
        .and_then(|sid| Uuid::try_parse(sid).ok())
        .and_then(|sid| network.exchange.find(sid));
    let is_there = call.is_some_and(|call| {
        let facts = call.facts();
        call.settings.is_recorded && facts.is_answered && facts.end.is_some()
    });
    if is_there {
        ([(CONTENT_TYPE, "audio/mpeg")], SOUND).into_response()
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}
