//! What wraps every request: an id, a line in the log, time and size limits, and errors that always look the same.

use std::any::Any;
use std::time::{Duration, Instant};

use anyhow::Context;
use axum::Json;
use axum::extract::{MatchedPath, Request};
use axum::http::header::{
    AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, RETRY_AFTER,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::{debug, error, info};

use super::around::{After, Around};
use super::error::ErrorBody;

/// How long a request may take.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// How long an import may take.
pub const IMPORT_TIMEOUT: Duration = Duration::from_secs(300);
/// Bytes of a body.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Bytes of a webhook of Exotel's: more is not read as one.
pub const EXOTEL_BYTES_MAX: usize = 64 << 10;
/// Bytes of an import.
pub const IMPORT_BYTES_MAX: usize = 32 << 20;
/// Imports read at once: each holds its whole body.
pub const IMPORTS_AT_ONCE_MAX: usize = 8;
/// Bytes of an agent provider's webhook: a long conversation has about one million.
pub const CONVERSATION_BYTES_MAX: usize = 8 << 20;

/// The header that carries a request's id, both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Characters of an id that a sender chose.
const REQUEST_ID_CHARS_MAX: usize = 128;

/// Forgets an id that is too long, or no plain word: it is repeated in the answer and in the log. Another one is made.
pub fn plain_request_id(mut request: Request) -> Request {
    let is_plain = |id: &HeaderValue| {
        let id = id.as_bytes();
        (1..=REQUEST_ID_CHARS_MAX).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic)
    };
    if !request.headers().get(REQUEST_ID).is_some_and(is_plain) {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

/// One line per request. The route's pattern, not the path, and no query: both may hold phone numbers.
#[derive(Clone, Copy, Debug)]
pub struct AccessLog;

/// What a line tells of a request.
#[derive(Debug)]
pub struct Line {
    begun: Instant,
    method: Method,
    route: Option<MatchedPath>,
    id: Option<HeaderValue>,
}

impl Around for AccessLog {
    type Kept = Line;

    fn before(&self, request: &mut Request) -> Line {
        Line {
            begun: Instant::now(),
            method: request.method().clone(),
            route: request.extensions().get().cloned(),
            id: request.headers().get(REQUEST_ID).cloned(),
        }
    }

    fn after(line: Line, response: Response) -> After {
        let method = line.method;
        let route = line
            .route
            .as_ref()
            .map_or("(no such route)", MatchedPath::as_str);
        let id = line.id.as_ref().and_then(|id| id.to_str().ok());
        let id = id.unwrap_or_default();
        let status = response.status().as_u16();
        let duration_ms = line.begun.elapsed().as_millis();
        if is_routine(route) && response.status().is_success() {
            debug!(request.id = id, %method, route, status, duration_ms, "{method} {route} {status}");
        } else {
            info!(request.id = id, %method, route, status, duration_ms, "{method} {route} {status}");
        }
        After::Now(response)
    }
}

/// What comes many times a second and is counted anyway.
fn is_routine(route: &str) -> bool {
    route.starts_with("/webhooks/") || matches!(route, "/healthz" | "/readyz" | "/metrics")
}

/// Errors that never reached a handler (no such route, wrong method, too slow) say so in the same shape as all others.
#[derive(Clone, Copy, Debug)]
pub struct DressErrors;

impl Around for DressErrors {
    type Kept = Method;

    fn before(&self, request: &mut Request) -> Method {
        request.method().clone()
    }

    fn after(method: Method, response: Response) -> After {
        let status = response.status();
        let is_dressed = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        if is_dressed || !(status.is_client_error() || status.is_server_error()) {
            return After::Now(response);
        }
        let (code, message) = describe(status, &method);
        let (mut parts, _) = response.into_parts();
        let dressed = Json(ErrorBody::new(code, message)).into_response();
        let (dressed_parts, body) = dressed.into_parts();
        parts.headers.extend(dressed_parts.headers);
        parts.headers.remove(CONTENT_LENGTH);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            parts.headers.insert(RETRY_AFTER, HeaderValue::from(1_u64));
        }
        After::Now(Response::from_parts(parts, body))
    }
}

fn describe(status: StatusCode, method: &Method) -> (&'static str, String) {
    match status {
        StatusCode::NOT_FOUND => (
            "route_not_found",
            "there is nothing at this address".to_owned(),
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            "method_not_allowed",
            format!("{method} is not possible at this address"),
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "too_large",
            "the body is larger than is allowed here".to_owned(),
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            "unavailable",
            "this took too long, try again in a moment".to_owned(),
        ),
        status if status.is_server_error() => ("internal", "internal error".to_owned()),
        status => (
            "refused",
            status
                .canonical_reason()
                .unwrap_or("the request was refused")
                .to_lowercase(),
        ),
    }
}

/// A panic is a mistake of ours: logged here, answered without a word about it.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that catching panics asks for"
)]
pub fn on_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    error!(panic = text, "a handler panicked");
    let body = Json(ErrorBody::new("internal", "internal error"));
    (StatusCode::INTERNAL_SERVER_ERROR, body).into_response()
}

/// Which pages may call the API; `None`: only those of the same origin.
///
/// # Errors
/// An origin that is none.
pub fn cors(origins: &[String]) -> anyhow::Result<Option<CorsLayer>> {
    let origins: Vec<&str> = origins
        .iter()
        .map(|origin| origin.trim())
        .filter(|origin| !origin.is_empty())
        .collect();
    if origins.is_empty() {
        return Ok(None);
    }
    let allowed = if origins.contains(&"*") {
        AllowOrigin::any()
    } else {
        let values: Vec<HeaderValue> = origins
            .iter()
            .map(|origin| origin.parse())
            .collect::<Result<_, _>>()
            .context(
                "CORS_ORIGINS: must be origins such as https://example.com, separated by commas",
            )?;
        AllowOrigin::list(values)
    };
    let layer = CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, REQUEST_ID])
        .expose_headers([REQUEST_ID, CONTENT_DISPOSITION])
        .max_age(Duration::from_secs(3_600));
    Ok(Some(layer))
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::on_panic;

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_in_json_and_the_server_lives_on() {
        let router = Router::new()
            .route(
                "/panic",
                get(async || -> &'static str { panic!("on purpose") }),
            )
            .route("/fine", get(async || "fine"))
            .layer(CatchPanicLayer::custom(on_panic));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let answer = reqwest::get(format!("{base}/panic")).await.unwrap();
        assert_eq!(answer.status(), 500);
        let body: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(body["success"], false);
        assert_eq!(body["code"], "internal");
        assert!(
            !body.to_string().contains("on purpose"),
            "what went wrong is for the log"
        );
        let fine = reqwest::get(format!("{base}/fine")).await.unwrap();
        assert_eq!(fine.text().await.unwrap(), "fine");
    }
}
