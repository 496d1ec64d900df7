//! ElevenLabs' error answers, in the three dialects that occur.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An HTTP status and what stands under `detail`.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    detail: Value,
}

impl ApiError {
    /// The old dialect.
    fn old(status: StatusCode, word: &str, message: &str) -> Self {
        Self {
            status,
            detail: json!({"status": word, "message": message}),
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What is wrong, in short.
    pub fn why(&self) -> String {
        let word = ["code", "status"]
            .iter()
            .find_map(|key| self.detail[key].as_str());
        word.or_else(|| self.detail.as_str())
            .map_or_else(|| self.detail.to_string(), str::to_owned)
    }

    /// The new dialect.
    fn new(status: StatusCode, kind: &str, code: &str, message: &str) -> Self {
        let request_id = uuid::Uuid::new_v4().simple().to_string();
        let detail = json!({
            "type": kind, "code": code, "message": message, "status": code,
            "request_id": request_id, "param": null,
        });
        Self { status, detail }
    }

    pub fn invalid_api_key() -> Self {
        Self::old(
            StatusCode::UNAUTHORIZED,
            "invalid_api_key",
            "Invalid API key",
        )
    }

    pub fn conversation_not_found(id: &str) -> Self {
        let message = format!("Conversation with id {id} was not found");
        Self::old(StatusCode::NOT_FOUND, "conversation_not_found", &message)
    }

    pub fn agent_not_found(id: &str) -> Self {
        let message = format!("Agent with id {id} was not found");
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "agent_not_found",
            &message,
        )
    }

    pub fn number_not_found(id: &str) -> Self {
        let message = format!("Phone number with id {id} was not found");
        Self::old(StatusCode::NOT_FOUND, "phone_number_not_found", &message)
    }

    /// The number belongs to another provider than the address is for.
    pub fn wrong_provider(id: &str, wanted: &str) -> Self {
        let message = format!("Phone number {id} is not a {wanted} phone number");
        let mut error = Self::new(
            StatusCode::BAD_REQUEST,
            "validation_error",
            "invalid_parameters",
            &message,
        );
        error.detail["param"] = "agent_phone_number_id".into();
        error
    }

    /// The credits are used up: a 401, and yet the key is right.
    pub fn quota_exceeded() -> Self {
        let message = "This request exceeds your quota";
        Self::new(
            StatusCode::UNAUTHORIZED,
            "authentication_error",
            "quota_exceeded",
            message,
        )
    }

    pub fn not_found() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            detail: json!("Not Found"),
        }
    }

    /// 422 in the list form.
    pub fn unprocessable(field: &str, message: &str) -> Self {
        let detail = json!([{"loc": ["body", field], "msg": message, "type": "value_error"}]);
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            detail,
        }
    }

    /// Too many requests of any kind.
    pub fn busy() -> Self {
        let message = "Our services are experiencing high traffic, please try again";
        Self::old(StatusCode::TOO_MANY_REQUESTS, "system_busy", message)
    }

    /// Too many requests of any kind, in the new dialect with the old code as `status`.
    pub fn rate_limit_exceeded() -> Self {
        let mut error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limit_error",
            "rate_limit_exceeded",
            "Our services are experiencing high traffic, please try again",
        );
        error.detail["status"] = "system_busy".into();
        error
    }

    /// Too many conversations at once, in the old dialect.
    pub fn too_many_concurrent_requests() -> Self {
        Self::old(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_concurrent_requests",
            "Too many concurrent requests for this workspace",
        )
    }

    /// Too many conversations at once.
    pub fn too_many_conversations() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limit_error",
            "concurrent_limit_exceeded",
            "Too many concurrent conversations for this workspace",
        )
    }

    pub fn internal() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            detail: json!("Internal Server Error"),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"detail": self.detail}))).into_response()
    }
}
