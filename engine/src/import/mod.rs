//! Bringing rows in, whatever they are rows of: many of them, some wrong, some known.

mod batches;
pub(crate) mod cell;
pub(crate) mod csv;
pub(crate) mod json;
mod report;

pub(crate) use batches::{BatchLimit, take_in};
pub use report::{ImportReport, RowError};
use serde_json::{Map, Value};

use crate::error::{EngineError, FieldError};

/// Rows in one request.
pub const ROWS_MAX: usize = 100_000;
/// Errors listed in a report; the rest is counted.
pub const ERRORS_LISTED_MAX: usize = 1_000;

/// A row as it came.
#[derive(Debug)]
pub struct RawRow {
    /// Its number, as the sender counts: the line of the file, or the place in the list, from 1 on.
    pub number: u64,
    /// Its cells by name, or why there are none.
    pub cells: Result<Map<String, Value>, FieldError>,
}

/// # Errors
/// `TooLarge` for more rows of `what` than one request may bring.
fn check_count(rows: usize, what: &str) -> Result<(), EngineError> {
    if rows > ROWS_MAX {
        let message =
            format!("a request may bring at most {ROWS_MAX} {what}; send the rest in another");
        return Err(EngineError::TooLarge(message));
    }
    Ok(())
}

/// `text` without the mark that some programs put before UTF-8.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}
