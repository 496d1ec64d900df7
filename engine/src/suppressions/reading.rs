//! From a row as somebody sent it to a suppression.

use domain::{PhoneNumber, Region};
use serde_json::{Map, Value};

use super::add::REASON_CHARS_MAX;
use crate::error::FieldError;
use crate::field::{Sieve, text_up_to};
use crate::import::cell;

/// A number that must not be called.
pub(super) struct ReadSuppression {
    pub number: PhoneNumber,
    pub reason: Option<String>,
}

/// Reads one row; national numbers are those of its own region, else of `region`. Cells of other names are passed over.
pub(super) fn read(
    row: Map<String, Value>,
    region: Option<Region>,
) -> Result<ReadSuppression, Vec<FieldError>> {
    let cells = row.iter().filter(|(_, cell)| !cell::is_empty(cell));
    let cells: Vec<(String, &Value)> = cells
        .map(|(name, cell)| (cell::folded(name), cell))
        .collect();
    let cell = |meant: &str| {
        let found = cells.iter().find(|(name, _)| name == meant);
        found.map(|(_, cell)| *cell)
    };
    let mut sieve = Sieve::default();
    let own = cell("region").map(|cell| {
        let text = cell::text(cell)?;
        text.parse::<Region>().map_err(|error| error.to_string())
    });
    let region = match own {
        Some(Ok(own)) => Some(own),
        Some(Err(message)) => {
            sieve.refuse("region", message);
            region
        }
        None => region,
    };
    let number = cell::PHONE_NUMBER_NAMES.into_iter().find_map(cell);
    let number =
        cell::phone_number(number, region).map_err(|message| sieve.refuse("phoneNumber", message));
    let reason = cell("reason")
        .map(|cell| text_up_to(&cell::text(cell)?, REASON_CHARS_MAX))
        .transpose()
        .map_err(|message| sieve.refuse("reason", message));
    match (number, reason) {
        (Ok(number), Ok(reason)) if sieve.errors.is_empty() => {
            Ok(ReadSuppression { number, reason })
        }
        _ => Err(sieve.errors),
    }
}
