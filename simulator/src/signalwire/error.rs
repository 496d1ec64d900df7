//! SignalWire's error answers.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error with SignalWire's code. Three shapes occur in the wild; which one an error takes is
/// fixed here, so that a client has to read all three.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub status: StatusCode,
    pub code: u32,
    pub message: String,
}

impl ApiError {
    pub fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// 400: this request can never work.
    pub fn invalid(code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 20003, "Authentication failed")
    }

    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            20404,
            "The requested resource was not found",
        )
    }

    pub fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            20001,
            "Service temporarily unavailable",
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let more_info = "https://signalwire.com/docs/compatibility-api/reference/errors";
        let body = match self.status {
            // The list with codes as strings.
            StatusCode::PAYMENT_REQUIRED => json!({"errors": [{
                "code": self.code.to_string(), "message": self.message, "more_info": more_info,
            }]}),
            // The list of bare sentences.
            StatusCode::SERVICE_UNAVAILABLE => json!({"errors": [self.message]}),
            status => json!({
                "code": self.code, "message": self.message, "more_info": more_info,
                "status": status.as_u16(),
            }),
        };
        (self.status, Json(body)).into_response()
    }
}
