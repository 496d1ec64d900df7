//! Who may ask Exotel.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

use super::error::{ApiError, Format, Refused};
use crate::network::Network;

/// Proof that the request carries the account's key and token and asks for its own account.
pub(crate) struct Authorized;

impl FromRequestParts<Arc<Network>> for Authorized {
    type Rejection = Refused;

    async fn from_request_parts(
        parts: &mut Parts,
        network: &Arc<Network>,
    ) -> Result<Self, Self::Rejection> {
        let Ok(format) = Format::from_request_parts(parts, network).await;
        let refused = || ApiError::unauthorized().answer(format);
        let account = &network.config.exotel;
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let given = header
            .and_then(|value| value.strip_prefix("Basic "))
            .and_then(|encoded| STANDARD.decode(encoded).ok())
            .ok_or_else(refused)?;
        let wanted = format!("{}:{}", account.api_key, account.api_token);
        if !bool::from(given.ct_eq(wanted.as_bytes())) {
            return Err(refused());
        }
        let path = RawPathParams::from_request_parts(parts, network)
            .await
            .map_err(|_| ApiError::not_found().answer(format))?;
        let mut asked = path.iter().filter(|(name, _)| *name == "account");
        if asked.next().map(|(_, value)| value) != Some(account.account_sid.as_str()) {
            return Err(refused());
        }
        Ok(Self)
    }
}
