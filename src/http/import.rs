//! Bodies of many rows, whatever they are rows of: the same in both generations.

use axum::http::HeaderMap;
use engine::import::RowError;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{content_type, unsupported};

/// What is wrong with a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowErrorView {
    /// The line of the file, or the place in the list, from 1 on
    row: u64,
    #[schema(example = "phoneNumber")]
    field: String,
    message: String,
}

impl From<RowError> for RowErrorView {
    fn from(error: RowError) -> Self {
        Self {
            row: error.row,
            field: error.field,
            message: error.message,
        }
    }
}

/// How the rows are written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Written {
    Json,
    Csv,
}

impl Written {
    /// As the request's headers say of the `rows` it brings.
    ///
    /// # Errors
    /// 415 for anything else.
    pub(super) fn of(headers: &HeaderMap, rows: &str) -> Result<Self, ApiError> {
        match content_type(headers).as_deref() {
            Some("application/json") => Ok(Self::Json),
            Some("text/csv") => Ok(Self::Csv),
            _ => Err(unsupported(format!(
                "send {rows} as application/json or text/csv"
            ))),
        }
    }
}
