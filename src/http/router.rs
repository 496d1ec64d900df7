//! The whole API on a page.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{get, post};
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::util::MapRequestLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::around::AroundLayer;
use super::body_within::{BodyTimes, body_within};
use super::hear_out::HearOut;
use super::layers::{
    AccessLog, BODY_BYTES_MAX, CONVERSATION_BYTES_MAX, DressErrors, EXOTEL_BYTES_MAX,
    IMPORT_BYTES_MAX, IMPORT_TIMEOUT, IMPORTS_AT_ONCE_MAX, REQUEST_ID, TIMEOUT, cors, on_panic,
    plain_request_id,
};
use super::{App, agent_tools, campaigns, health, metrics, openapi, suppressions, v1, webhooks};

/// Every route that the OpenAPI document describes.
pub(super) fn described(times: BodyTimes) -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::head())
        .merge(first_generation())
        .merge(second_generation())
        .merge(sums_and_calls())
        .merge(tools_of_agents())
        .merge(operations())
        .layer(
            ServiceBuilder::new()
                .layer(timeout(TIMEOUT))
                .map_request(move |request| body_within(times.most, request))
                .layer(DefaultBodyLimit::max(BODY_BYTES_MAX)),
        )
        .merge(imports(times.import))
}

/// `/api/campaigns` and `/api/suppressions`
fn first_generation() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(campaigns::crud::list, campaigns::crud::create))
        .routes(routes!(
            campaigns::crud::get,
            campaigns::crud::update,
            campaigns::crud::delete
        ))
        .routes(routes!(campaigns::lifecycle::start))
        .routes(routes!(campaigns::lifecycle::pause))
        .routes(routes!(campaigns::lifecycle::resume))
        .routes(routes!(campaigns::lifecycle::end))
        .routes(routes!(campaigns::contacts::list))
        .routes(routes!(campaigns::statistics::get))
        .routes(routes!(
            campaigns::contact::get,
            campaigns::contact::update,
            campaigns::contact::delete
        ))
        .routes(routes!(campaigns::events::list))
        .routes(routes!(campaigns::calls::list))
        .routes(routes!(campaigns::calls::get))
        .routes(routes!(campaigns::conversations::list))
        .routes(routes!(campaigns::conversations::get))
        .routes(routes!(campaigns::debug::debug))
        .routes(routes!(suppressions::crud::list, suppressions::crud::add))
        .routes(routes!(suppressions::crud::get, suppressions::crud::remove))
}

/// `/api/v1`: campaigns, what they call with, who has them, and watching them live.
fn second_generation() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        // Campaigns
        .routes(routes!(v1::crud::list, v1::crud::create))
        .routes(routes!(v1::summary::all))
        .routes(routes!(v1::crud::get, v1::crud::update))
        .routes(routes!(v1::lifecycle::start))
        .routes(routes!(v1::lifecycle::pause))
        .routes(routes!(v1::lifecycle::resume))
        .routes(routes!(v1::lifecycle::cancel))
        .routes(routes!(v1::contacts::list))
        // Numbers that must not be called
        .routes(routes!(
            v1::suppressions::crud::list,
            v1::suppressions::crud::add
        ))
        .routes(routes!(
            v1::suppressions::crud::get,
            v1::suppressions::crud::remove
        ))
        // The directory, users and their keys
        .routes(routes!(v1::phone_numbers::list))
        .routes(routes!(v1::agents::list))
        .routes(routes!(v1::users::me))
        .routes(routes!(v1::users::list, v1::users::create))
        .routes(routes!(v1::api_keys::list, v1::api_keys::create))
        .routes(routes!(v1::api_keys::delete))
        // Live
        .routes(routes!(v1::stats::get))
        .routes(routes!(v1::ws::watch))
}

/// `/api/v1/calls` and `/api/v1/analytics`
fn sums_and_calls() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        // Sums
        .routes(routes!(v1::analytics::dashboard::get))
        .routes(routes!(v1::analytics::calls::get))
        .routes(routes!(v1::analytics::retry::get))
        .routes(routes!(v1::analytics::scheduling::get))
        .routes(routes!(v1::analytics::voicemail::get))
        .routes(routes!(v1::analytics::performance::get))
        .routes(routes!(v1::analytics::cost::get))
        .routes(routes!(v1::analytics::trends::get))
        // Calls
        .routes(routes!(v1::calls::outbound::place))
        .routes(routes!(v1::calls::stats::get))
        .routes(routes!(v1::calls::history::get))
        .routes(routes!(v1::calls::retriable::list))
        .routes(routes!(v1::calls::voicemail::stats::get))
        .routes(routes!(v1::calls::detail::get))
        .routes(routes!(v1::calls::voicemail::analysis::get))
        .routes(routes!(v1::calls::voicemail::correct::mark))
        .routes(routes!(v1::calls::logs::list)) // GET /api/v1/analytics/calls/logs
}

/// `/webhooks/elevenlabs/tools`
fn tools_of_agents() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(agent_tools::transfer))
        .routes(routes!(agent_tools::schedule_callback))
        .routes(routes!(agent_tools::do_not_call))
        .routes(routes!(agent_tools::get_contact))
}

/// What operators look at.
fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(metrics::metrics))
}

/// Bodies that are larger and take longer than any other.
fn imports(body_max: Duration) -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(campaigns::contacts::add)) // POST /api/campaigns/{id}/contacts
        .routes(routes!(v1::contacts::add)) // POST /api/v1/campaigns/{id}/contacts
        .routes(routes!(suppressions::import::add)) // POST /api/suppressions/import
        .routes(routes!(v1::suppressions::import::add)) // POST /api/v1/suppressions/import
        .layer(DefaultBodyLimit::max(IMPORT_BYTES_MAX))
        .layer(MapRequestLayer::new(move |request| {
            body_within(body_max, request)
        }))
        .layer(GlobalConcurrencyLimitLayer::new(IMPORTS_AT_ONCE_MAX))
        // By itself, so that waiting for a place takes of its time, too.
        .layer(timeout(IMPORT_TIMEOUT))
}

/// What providers call. They sign what they send; no token is asked for.
fn from_providers(body_max: Duration) -> Router<App> {
    let around = |bytes_max| {
        ServiceBuilder::new()
            .layer(AroundLayer(webhooks::Measured))
            .layer(timeout(TIMEOUT))
            .map_request(move |request| body_within(body_max, request))
            .layer(DefaultBodyLimit::max(bytes_max))
    };
    let signalwire = Router::new()
        .route(
            "/webhooks/signalwire/calls/{id}/answer",
            post(webhooks::signalwire::answer),
        )
        .route(
            "/webhooks/signalwire/calls/{id}/status",
            post(webhooks::signalwire::status),
        )
        .route(
            "/webhooks/signalwire/calls/{id}/amd",
            post(webhooks::signalwire::amd),
        )
        .route(
            "/webhooks/signalwire/calls/{id}/dial-result",
            post(webhooks::signalwire::dial_result),
        )
        .route(
            "/webhooks/signalwire/calls/{id}/recording",
            post(webhooks::signalwire::recording),
        )
        .route(
            "/webhooks/signalwire/calls/{id}/transfer",
            post(webhooks::transfer::document),
        )
        .route(
            "/webhooks/signalwire/calls/{id}/transfer-result",
            post(webhooks::transfer::result),
        )
        .route(
            "/webhooks/signalwire/inbound",
            post(webhooks::inbound::status),
        )
        .layer(around(BODY_BYTES_MAX));
    let exotel = Router::new()
        .route(
            "/webhooks/exotel/{token}/calls/{id}/status",
            post(webhooks::exotel::status),
        )
        .layer(around(EXOTEL_BYTES_MAX));
    let elevenlabs = Router::new()
        .route("/webhooks/elevenlabs", post(webhooks::elevenlabs::event))
        .layer(around(CONVERSATION_BYTES_MAX));
    signalwire.merge(exotel).merge(elevenlabs)
}

/// 503 for a request that takes longer than `longest`.
fn timeout(longest: Duration) -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, longest)
}

/// Every route there is, without what [`router`] puts around them all. There are no others.
pub fn routes(times: BodyTimes) -> Router<App> {
    let (described, document) = described(times).split_for_parts();
    let reference = SwaggerUi::new(openapi::PAGE_PATH).config(Config::from(openapi::DOCUMENT_PATH));
    described
        .merge(from_providers(times.most))
        .route(
            "/webhooks/deepgram/calls/{id}/{claim}/recording",
            get(webhooks::deepgram::recording), // As long as a recording takes
        )
        .route(openapi::DOCUMENT_PATH, openapi::serve(document))
        .merge(reference)
}

/// The API, ready to be served.
///
/// # Errors
/// Origins that are none.
pub fn router(app: App, cors_origins: &[String], times: BodyTimes) -> anyhow::Result<Router> {
    // One layer to the router: each of its own layers would be boxed, and copied with all within it for every request.
    let around = ServiceBuilder::new()
        .map_request(plain_request_id)
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(AroundLayer(AccessLog))
        .layer(AroundLayer(HearOut))
        .layer(CatchPanicLayer::custom(on_panic))
        .option_layer(cors(cors_origins)?)
        .layer(CompressionLayer::new().compress_when(is_worth_it()))
        .layer(AroundLayer(DressErrors));
    Ok(routes(times)
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(around)
        .with_state(app))
}

/// Sound is compressed already, or whoever asks for it does not care.
fn is_worth_it() -> impl Predicate {
    let text = DefaultPredicate::new();
    text.and(NotForContentType::const_new("audio/"))
}
