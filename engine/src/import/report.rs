//! What becomes of the rows of an import.

use serde_json::{Map, Value};

use super::{ERRORS_LISTED_MAX, RawRow};
use crate::error::FieldError;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Rows that are new.
    pub added: u64,
    /// Rows whose number is there already, in the table or earlier in the same request.
    pub duplicates: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// What was wrong with them, in order; the first [`ERRORS_LISTED_MAX`].
    pub errors: Vec<RowError>,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// The row's number, as the sender counts.
    pub row: u64,
    /// Which field.
    pub field: String,
    /// A sentence that helps.
    pub message: String,
}

impl ImportReport {
    /// What `read` makes of `row`, or an entry in the report.
    pub(super) fn sort_out<T>(
        &mut self,
        row: RawRow,
        read: impl Fn(Map<String, Value>) -> Result<T, Vec<FieldError>>,
    ) -> Option<T> {
        match row.cells.map_err(|error| vec![error]).and_then(read) {
            Ok(good) => Some(good),
            Err(errors) => {
                self.refused += 1;
                let room = ERRORS_LISTED_MAX.saturating_sub(self.errors.len());
                let listed = errors.into_iter().take(room).map(|error| RowError {
                    row: row.number,
                    field: error.field,
                    message: error.message,
                });
                self.errors.extend(listed);
                None
            }
        }
    }
}
