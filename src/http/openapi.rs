//! The API, described for programs and people.

mod descriptions;
mod examples;
mod ids;
mod names;
pub mod pages;
mod presence;
mod refusals;

use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use engine::EngineError;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi as _};

use super::body_within::BodyTimes;
use super::error::ApiError;
use super::{App, router};

/// Where the document is served.
pub const DOCUMENT_PATH: &str = "/api/openapi.json";
/// Where people read it.
pub const PAGE_PATH: &str = "/api/docs";

/// What stands above the routes, which are collected where they are routed.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Dialer",
        description = "Calls people: campaigns, allowed hours, retries, a limit of concurrent calls. \
            Both generations of the API act on the same campaigns."
    ),
    tags(
        (name = "campaigns", description = "Campaigns, first generation"),
        (name = "campaigns v1", description = "Campaigns, second generation"),
        (name = "suppressions", description = "Numbers that must not be called, first generation"),
        (name = "suppressions v1", description = "Numbers that must not be called, second generation"),
        (name = "directory v1", description = "Numbers and agents that providers offer"),
        (name = "users v1", description = "Users and their API keys"),
        (name = "live", description = "What goes on now"),
        (name = "analytics v1", description = "What calls come to, second generation"),
        (name = "calls v1", description = "Calls of all campaigns and of none, second generation"),
        (name = "agent tools", description = "What an agent calls during a call"),
        (name = "operations", description = "Health and metrics"),
    ),
    modifiers(&Bearer),
    security(("bearer" = []))
)]
pub(super) struct Head;

/// API keys and the dashboard's tokens travel alike; the tools of the agents have a token of their own.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key, or a token of the dashboard"))
            .build();
        let tools = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The token of the agent tools: ELEVENLABS_TOOLS_TOKEN"))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme("agent_tools", SecurityScheme::Http(tools));
    }
}

/// The whole document.
#[must_use]
pub fn document() -> OpenApi {
    finish(router::described(BodyTimes::default()).split_for_parts().1)
}

/// Serves `document`, which is finished and written out when it is first asked for: nobody waits for it who starts a
/// process, and nobody a second time.
pub(super) fn serve(document: OpenApi) -> MethodRouter<App> {
    let (document, written) = (Arc::new(document), Arc::new(OnceLock::<Bytes>::new()));
    get(async move || -> Result<Response, ApiError> {
        let text = match written.get() {
            Some(text) => text.clone(),
            None => {
                let text = finish(OpenApi::clone(&document)).to_json();
                let text = text.map_err(|error| EngineError::Internal(error.into()))?;
                written.get_or_init(|| Bytes::from(text)).clone()
            }
        };
        Ok(([(CONTENT_TYPE, "application/json")], text).into_response())
    })
}

/// Adds to what the routes describe what is so for all of them.
fn finish(mut document: OpenApi) -> OpenApi {
    names::give(&mut document);
    refusals::spell_out(&mut document);
    presence::require(&mut document);
    descriptions::add(&mut document);
    ids::exemplify(&mut document);
    examples::add(&mut document);
    document
}

/// Every operation, with its address and its method.
fn operations(
    document: &mut OpenApi,
) -> impl Iterator<Item = (String, HttpMethod, &mut Operation)> {
    document.paths.paths.iter_mut().flat_map(|(path, item)| {
        [
            (HttpMethod::Get, &mut item.get),
            (HttpMethod::Post, &mut item.post),
            (HttpMethod::Put, &mut item.put),
            (HttpMethod::Patch, &mut item.patch),
            (HttpMethod::Delete, &mut item.delete),
        ]
        .into_iter()
        .filter_map(|(method, operation)| Some((path.clone(), method, operation.as_mut()?)))
    })
}

/// The document before the routes are added.
pub(super) fn head() -> OpenApi {
    Head::openapi()
}
