//! Rows as JSON: `{"contacts": [{…}, …]}`.

use std::collections::BTreeMap;

use serde_json::error::Category;
use serde_json::value::RawValue;

use super::{RawRow, check_count, without_mark};
use crate::error::{EngineError, FieldError};

/// The elements of the list called `list`, each looked into only when its turn comes: a bad one must not spoil the others.
/// The text is read to its end before, so that one that breaks off, or is too long, changes nothing.
///
/// # Errors
/// `Unreadable` for what is no JSON; `Invalid` without the list; `TooLarge` for too many elements.
pub(crate) fn rows<'a>(
    text: &'a [u8],
    list: &'static str,
) -> Result<impl Iterator<Item = RawRow> + Send + use<'a>, EngineError> {
    let no_list = || EngineError::invalid(list, format!("must be a list of {list}"));
    let body: BTreeMap<String, &'a RawValue> =
        serde_json::from_slice(without_mark(text)).map_err(|error| match error.classify() {
            Category::Data => no_list(),
            _ => EngineError::Unreadable(format!("the body is no JSON: {error}")),
        })?;
    let elements = body.get(list).ok_or_else(no_list)?;
    let elements: Vec<&'a RawValue> =
        serde_json::from_str(elements.get()).map_err(|_| no_list())?;
    check_count(elements.len(), list)?;
    Ok(elements.into_iter().zip(1..).map(raw_row))
}

fn raw_row((element, number): (&RawValue, u64)) -> RawRow {
    let cells = serde_json::from_str(element.get())
        .map_err(|_| FieldError::new("", "must be an object with at least a phoneNumber"));
    RawRow { number, cells }
}
