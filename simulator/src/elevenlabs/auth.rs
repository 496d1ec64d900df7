//! Who may ask ElevenLabs.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use subtle::ConstantTimeEq;

use super::error::ApiError;
use crate::network::Network;

/// Proof that the request carries the right `xi-api-key`.
pub(crate) struct Authorized;

impl FromRequestParts<Arc<Network>> for Authorized {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        network: &Arc<Network>,
    ) -> Result<Self, Self::Rejection> {
        let given = parts
            .headers
            .get("xi-api-key")
            .map(|value| value.as_bytes());
        let wanted = network.config.elevenlabs_api_key.as_bytes();
        match given {
            Some(given) if bool::from(given.ct_eq(wanted)) => Ok(Self),
            _ => Err(ApiError::invalid_api_key()),
        }
    }
}
