//! Who may ask SignalWire.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

use super::error::ApiError;
use crate::network::Network;

/// Proof that the request carries the project's Basic credentials and asks for its own account.
pub(crate) struct Authorized;

impl FromRequestParts<Arc<Network>> for Authorized {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        network: &Arc<Network>,
    ) -> Result<Self, Self::Rejection> {
        let config = &network.config;
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let given = header
            .and_then(|value| value.strip_prefix("Basic "))
            .and_then(|encoded| STANDARD.decode(encoded).ok())
            .ok_or_else(ApiError::unauthorized)?;
        let wanted = format!("{}:{}", config.project_id, config.api_token);
        if !bool::from(given.ct_eq(wanted.as_bytes())) {
            return Err(ApiError::unauthorized());
        }
        let path = RawPathParams::from_request_parts(parts, network)
            .await
            .map_err(|_| ApiError::not_found())?;
        let account = path
            .iter()
            .find(|(name, _)| *name == "project")
            .map(|(_, value)| value);
        let account = account.map(|value| value.strip_suffix(".json").unwrap_or(value));
        if account != Some(config.project_id.as_str()) {
            return Err(ApiError::unauthorized());
        }
        Ok(Self)
    }
}
