//! Who asks: every handler that takes an [`Authenticated`] is closed to strangers.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use engine::Actor;

use super::App;
use super::error::ApiError;

/// Somebody we know.
#[derive(Clone, Debug)]
pub struct Authenticated(pub Actor);

impl FromRequestParts<App> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let bearer = bearer(parts).ok_or(ApiError::Unauthenticated(
            "send a token: Authorization: Bearer …",
        ))?;
        app.engine
            .access
            .authenticate(bearer)
            .await?
            .map(Self)
            .ok_or(ApiError::Unauthenticated(
                "the token is unknown, revoked or expired",
            ))
    }
}

/// The token that the request carries.
pub(super) fn bearer(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}
