//! Who may use an agent's tools: whoever has their token.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use crate::http::App;
use crate::http::auth::bearer;
use crate::http::error::ApiError;

/// Proof that a request comes from an agent of ours: it carries the token that is written into the tools.
pub struct FromAgent;

impl FromRequestParts<App> for FromAgent {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Some(known) = &app.trust.agent_tools_token else {
            return Err(ApiError::Forbidden(
                "agent tools are off: set ELEVENLABS_TOOLS_TOKEN",
            ));
        };
        let known = known.expose_secret().as_bytes();
        let is_known = |token: &str| bool::from(token.as_bytes().ct_eq(known));
        if bearer(parts).is_some_and(is_known) {
            return Ok(Self);
        }
        Err(ApiError::Unauthenticated(
            "send the token of the agent tools: Authorization: Bearer …",
        ))
    }
}
