//! Exotel's webhook: one address per call, with a secret in it, as Exotel signs nothing.

use axum::extract::{FromRequestParts, Path, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use carriers::CarrierKind;
use carriers::exotel::status::parse_status_callback;
use carriers::exotel::token;
use domain::CallId;
use engine::EngineError;
use engine::dialing::{CallReport, CarrierSays, Learned};
use engine::store::inbox::Receipt;
use serde::Deserialize;

use super::signalwire::unreadable;
use super::{header, refused};
use crate::http::App;
use crate::http::error::ApiError;
use crate::http::extract::Body;

const PROVIDER: &str = "exotel";

/// The parts of the address that say who calls, and about what.
#[derive(Deserialize)]
pub struct Address {
    token: String,
    id: String,
}

/// The call that a request is about, whose address proves who sent it. Goes before the body: a stranger's is not read.
pub struct Believed(CallId);

impl FromRequestParts<App> for Believed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let address = Path::<Address>::from_request_parts(parts, app).await;
        let Path(Address { token, id }) = address.map_err(|_| EngineError::not_found("call"))?;
        token::verify(&app.trust.exotel_tokens, &token)
            .map_err(|error| refused(PROVIDER, error))?;
        let call = id.parse().map_err(|_| EngineError::not_found("call"))?;
        Ok(Self(call))
    }
}

/// The call was answered, or is over.
pub async fn status(
    State(app): State<App>,
    Believed(call): Believed,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<(), ApiError> {
    let content_type = header(&headers, CONTENT_TYPE.as_str());
    let region = app.trust.exotel_region;
    let event = parse_status_callback(content_type, &body, region).map_err(unreadable)?;
    let receipt = Receipt {
        key: format!("{PROVIDER}:{}", event.event_key()),
        provider: PROVIDER.into(),
        kind: "status".into(),
        received_at: app.engine.clock.now(),
    };
    let says = CarrierSays {
        carrier: Some(CarrierKind::Exotel),
        is_in_short: event.is_in_short(),
        status: Some(event.status),
        news: event.news,
        recording_url: event.recording_url.map(String::from),
        ..CarrierSays::default()
    };
    let report = CallReport {
        call,
        receipt: Some(receipt),
        learned: Learned::Carrier(says),
    };
    Ok(app.engine.dialing.learn_soon(report).await?)
}
