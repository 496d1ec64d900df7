//! Who wants to watch: a token in one of three places, as pages cannot send headers with a WebSocket.

use axum::extract::FromRequestParts;
use axum::http::header::SEC_WEBSOCKET_PROTOCOL;
use axum::http::request::Parts;
use engine::Actor;
use engine::access::Pass;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::App;
use crate::http::auth::bearer;
use crate::http::error::ApiError;
use crate::http::extract::Query;

/// The subprotocol that is followed by a token, and that is agreed on.
pub(super) const TOKEN_PROTOCOL: &str = "bearer";

/// A token in the address, for clients that can say it nowhere else.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct TokenQuery {
    /// A token, where neither a header nor a subprotocol can carry it
    token: Option<String>,
}

/// Somebody who may watch, by the right of a token that is asked for again while the connection lasts.
pub struct Admitted {
    /// On whose behalf.
    pub actor: Actor,
    /// By which right.
    pub pass: Pass,
}

impl FromRequestParts<App> for Admitted {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let given = bearer(parts).map(str::to_owned).or_else(|| offered(parts));
        let given = match given {
            Some(token) => Some(token),
            None => {
                let Query(query) = Query::<TokenQuery>::from_request_parts(parts, app).await?;
                query.token.filter(|token| !token.is_empty())
            }
        };
        let token = given.ok_or(ApiError::Unauthenticated(
            "send a token: Authorization: Bearer …, Sec-WebSocket-Protocol: bearer, …, or ?token=…",
        ))?;
        let admitted = app.engine.access.admit(&token).await?;
        let (actor, pass) = admitted.ok_or(ApiError::Unauthenticated(
            "the token is unknown, revoked or expired",
        ))?;
        Ok(Self { actor, pass })
    }
}

/// The protocol that is offered right after [`TOKEN_PROTOCOL`].
fn offered(parts: &Parts) -> Option<String> {
    let headers = parts.headers.get_all(SEC_WEBSOCKET_PROTOCOL).into_iter();
    let mut protocols = headers
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(','))
        .map(str::trim);
    protocols.find(|protocol| *protocol == TOKEN_PROTOCOL)?;
    let token = protocols.next()?;
    (!token.is_empty()).then(|| token.to_owned())
}
