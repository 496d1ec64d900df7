//! Exotel's answers in JSON and in XML, those that are errors above all.

use std::convert::Infallible;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use quick_xml::escape::escape;
use serde_json::{Value, json};

/// What an answer is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// The path ends in `.json`, or belongs to version 2.
    Json,
    /// It does not.
    Xml,
}

impl<S: Send + Sync> FromRequestParts<S> for Format {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        // Nested routes see a shortened path; its end is the same.
        let path = parts.uri.path();
        let is_json = path.ends_with(".json") || path.ends_with("/IncomingPhoneNumbers");
        Ok(if is_json { Self::Json } else { Self::Xml })
    }
}

impl Format {
    /// Writes `body`, an object.
    pub fn write(self, status: StatusCode, body: &Value) -> Response {
        match self {
            Self::Json => (status, Json(body)).into_response(),
            Self::Xml => {
                let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned();
                push_xml(&mut xml, "TwilioResponse", body);
                (status, [(CONTENT_TYPE, "application/xml")], xml).into_response()
            }
        }
    }
}

fn push_xml(xml: &mut String, name: &str, value: &Value) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| push_xml(xml, name, value)),
        Value::Null => xml.push_str(&format!("<{name}/>")),
        Value::Object(map) => {
            xml.push_str(&format!("<{name}>"));
            map.iter()
                .for_each(|(name, value)| push_xml(xml, name, value));
            xml.push_str(&format!("</{name}>"));
        }
        Value::String(text) => {
            let text = escape(text.as_str());
            xml.push_str(&format!("<{name}>{text}</{name}>"));
        }
        other => xml.push_str(&format!("<{name}>{other}</{name}>")),
    }
}

/// An error: an HTTP status and a sentence.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub status: StatusCode,
    pub message: String,
}

/// An error, written.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub error: ApiError,
    format: Format,
}

impl ApiError {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Authenticate")
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found")
    }

    pub fn too_many_requests() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests")
    }

    pub fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Service temporarily unavailable",
        )
    }

    pub fn answer(self, format: Format) -> Refused {
        Refused {
            error: self,
            format,
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, message) = (self.error.status, self.error.message);
        let body = json!({"RestException": {"Status": status.as_u16(), "Message": message}});
        self.format.write(status, &body)
    }
}
