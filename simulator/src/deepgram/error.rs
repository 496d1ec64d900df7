//! Deepgram's error answers.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use uuid::Uuid;

/// An HTTP status, a word and a sentence. Two shapes of bodies occur; which one an error takes is fixed here, so that a
/// client has to read both.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub status: StatusCode,
    code: &'static str,
    message: String,
    retry_after_s: Option<u64>,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after_s: None,
        }
    }

    pub fn unauthorized() -> Self {
        let message = "Invalid credentials.";
        Self::new(StatusCode::UNAUTHORIZED, "INVALID_AUTH", message)
    }

    pub fn no_balance() -> Self {
        let message = "Project does not have enough credits for an ASR request.";
        Self::new(
            StatusCode::PAYMENT_REQUIRED,
            "ASR_PAYMENT_REQUIRED",
            message,
        )
    }

    pub fn too_many(retry_after_s: Option<u64>) -> Self {
        let message = "Too many requests. Please try again later.";
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", message);
        Self {
            retry_after_s,
            ..error
        }
    }

    pub fn unavailable() -> Self {
        let message = "Service unavailable.";
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "SERVICE_UNAVAILABLE",
            message,
        )
    }

    pub fn unreadable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_JSON", message)
    }

    pub fn bad_query(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_QUERY_PARAMETER", message)
    }

    pub fn unreachable(url: &str) -> Self {
        let message = format!("The remote server hosting {url} returned a client or server error");
        Self::new(StatusCode::BAD_REQUEST, "REMOTE_CONTENT_ERROR", message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let request_id = Uuid::new_v4();
        let body = match self.code {
            "INVALID_JSON" | "INVALID_QUERY_PARAMETER" => json!({
                "category": self.code, "message": "Invalid request.", "details": self.message,
                "request_id": request_id,
            }),
            code => json!({
                "err_code": code, "err_msg": self.message, "request_id": request_id,
            }),
        };
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}
