//! What Deepgram fetches from us: recordings that it is to listen to, which carriers give to nobody without credentials.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::CallId;
use engine::EngineError;
use uuid::Uuid;

use crate::http::App;
use crate::http::error::ApiError;

/// What a sound is where nobody says.
const SOUND: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// A recording, as long as somebody waits for what it says. The address is the proof: it was told to nobody else, and is
/// good for minutes.
pub async fn recording(
    State(app): State<App>,
    path: Result<Path<(Uuid, Uuid)>, PathRejection>,
) -> Result<Response, ApiError> {
    let Ok(Path((call, claim))) = path else {
        return Err(EngineError::not_found("recording").into());
    };
    let call = CallId::from_uuid(call);
    let sound = app.engine.recordings.open(call, claim).await?;
    let kind = sound.content_type.and_then(|kind| kind.parse().ok());
    let mut response = Body::from_stream(sound.chunks).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, kind.unwrap_or(SOUND));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(length) = sound.length {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    Ok(response)
}
