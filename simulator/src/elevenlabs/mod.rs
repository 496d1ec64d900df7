//! ElevenLabs' agents: conversations that carriers' calls are connected to, or that ElevenLabs
//! calls people for.

mod auth;
mod catalogue;
mod conversation;
mod error;
mod list;
mod opening;
mod outbound;
mod placed;
mod platform;
mod register;
mod tools;
mod view;
mod webhook;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

pub(crate) use conversation::Spoken;
pub(crate) use platform::Platform;
pub(crate) use tools::use_tool;

use crate::config::NumberProvider;
use crate::network::Network;

/// The API below `/v1/convai`.
pub(crate) fn router() -> Router<Arc<Network>> {
    let convai = Router::new()
        .route("/twilio/register-call", post(register::register_call))
        .route(
            "/sip-trunk/outbound-call",
            outbound::route(NumberProvider::SipTrunk),
        )
        .route(
            "/twilio/outbound-call",
            outbound::route(NumberProvider::Twilio),
        )
        .route(
            "/exotel/outbound-call",
            outbound::route(NumberProvider::Exotel),
        )
        .route("/conversations", get(list::list))
        .route("/conversations/{id}", get(list::fetch))
        .route("/agents", get(catalogue::agents))
        .route("/agents/{id}", get(catalogue::agent))
        .route("/phone-numbers", get(catalogue::phone_numbers))
        .fallback(|| async { error::ApiError::not_found() });
    Router::new().nest("/v1/convai", convai)
}
