//! How errors look on the wire: one shape, everywhere.

use std::time::Duration;

use axum::Json;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::{EngineError, FieldError};
use serde::Serialize;
use tracing::{error, warn};
use utoipa::ToSchema;

/// An answer that is no success.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "success": false, "message": "the request is not valid: name: is required", "code": "invalid",
    "errors": [{"field": "name", "message": "is required"}],
}))]
pub struct ErrorBody {
    /// Always false.
    #[schema(example = false)]
    pub success: bool,
    /// A sentence for people.
    #[schema(example = "campaign not found")]
    pub message: String,
    /// A word for programs.
    #[schema(pattern = "^[a-z_]+$", example = "campaign_not_found")]
    pub code: String,
    /// Every field that is wrong, where fields are.
    pub errors: Vec<WrongField>,
}

/// A field that is not as it should be.
#[derive(Debug, Serialize, ToSchema)]
pub struct WrongField {
    /// Its path in the request.
    #[schema(example = "transferConfig.transferTargets[0].number")]
    pub field: String,
    /// What is wrong with it.
    #[schema(example = "is required")]
    pub message: String,
}

impl ErrorBody {
    /// An error without fields.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            success: false,
            message: message.into(),
            code: code.into(),
            errors: Vec::new(),
        }
    }
}

/// Why a request is not answered as hoped.
#[derive(Debug)]
pub enum ApiError {
    /// The engine says so.
    Engine(EngineError),
    /// Nobody, or nobody we know, asks.
    Unauthenticated(&'static str),
    /// Somebody who must not.
    Forbidden(&'static str),
    /// The request does not get as far as the engine.
    Refused {
        /// What HTTP calls it.
        status: StatusCode,
        /// A word for programs.
        code: &'static str,
        /// A sentence for people.
        message: String,
    },
}

impl<E: Into<EngineError>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self::Engine(error.into())
    }
}

impl ApiError {
    /// A request that cannot be read.
    pub fn unreadable(message: impl Into<String>) -> Self {
        Self::Refused {
            status: StatusCode::BAD_REQUEST,
            code: "unreadable",
            message: message.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Engine(error) => engine_error(error),
            Self::Unauthenticated(message) => {
                let body = ErrorBody::new("unauthenticated", message);
                let challenge = [(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))];
                (StatusCode::UNAUTHORIZED, challenge, Json(body)).into_response()
            }
            Self::Forbidden(message) => (
                StatusCode::FORBIDDEN,
                Json(ErrorBody::new("forbidden", message)),
            )
                .into_response(),
            Self::Refused {
                status,
                code,
                message,
            } => (status, Json(ErrorBody::new(code, message))).into_response(),
        }
    }
}

/// The one place where the engine's errors become HTTP, and where a fault of ours is logged.
fn engine_error(error: EngineError) -> Response {
    use EngineError as E;
    let message = error.to_string();
    let (status, body) = match error {
        E::NotFound { what } => {
            let code = format!("{}_not_found", what.to_ascii_lowercase().replace(' ', "_"));
            (StatusCode::NOT_FOUND, ErrorBody::new(code, message))
        }
        E::Conflict { code, .. } => (StatusCode::CONFLICT, ErrorBody::new(code, message)),
        E::Invalid(fields) => {
            let mut body = ErrorBody::new("invalid", message);
            body.errors = fields.into_iter().map(WrongField::from).collect();
            (StatusCode::UNPROCESSABLE_ENTITY, body)
        }
        E::Unreadable(_) => (
            StatusCode::BAD_REQUEST,
            ErrorBody::new("unreadable", message),
        ),
        E::TooLarge(_) => (
            StatusCode::PAYLOAD_TOO_LARGE,
            ErrorBody::new("too_large", message),
        ),
        E::Forbidden(_) => (StatusCode::FORBIDDEN, ErrorBody::new("forbidden", message)),
        E::TooMany { retry_after, .. } => {
            let body = Json(ErrorBody::new("too_many_requests", message));
            return (StatusCode::TOO_MANY_REQUESTS, wait(retry_after), body).into_response();
        }
        E::Unavailable {
            retry_after,
            source,
        } => {
            warn!(error = ?source, "a request could not be answered for now");
            let body = Json(ErrorBody::new("unavailable", message));
            return (StatusCode::SERVICE_UNAVAILABLE, wait(retry_after), body).into_response();
        }
        E::Internal(source) => {
            error!(error = ?source, "a request failed");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                ErrorBody::new("internal", message),
            )
        }
    };
    (status, Json(body)).into_response()
}

/// When to come back, in whole seconds.
fn wait(retry_after: Duration) -> [(HeaderName, HeaderValue); 1] {
    let seconds = retry_after.as_millis().div_ceil(1_000).clamp(1, 3_600);
    let seconds = u64::try_from(seconds).unwrap_or(1);
    [(RETRY_AFTER, HeaderValue::from(seconds))]
}

impl From<FieldError> for WrongField {
    fn from(error: FieldError) -> Self {
        Self {
            field: error.field,
            message: error.message,
        }
    }
}
