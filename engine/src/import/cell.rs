//! What stands in a row: which column it is, and the text in it.

use domain::{PhoneNumber, Region};
use serde_json::Value;

/// The letters and digits of a column's name in lower case: `phoneNumber`, `Phone Number` and `phone_number` are one.
pub(crate) fn folded(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// What columns of phone numbers are called, [`folded`]. Of several in a row the earliest here is meant: a `number` beside a
/// `phoneNumber` may be anything.
pub(crate) const PHONE_NUMBER_NAMES: [&str; 3] = ["phonenumber", "phone", "number"];

/// True where a column whose [`folded`] name this is may hold the phone numbers.
pub(crate) fn is_phone_number(folded: &str) -> bool {
    PHONE_NUMBER_NAMES.contains(&folded)
}

/// True for a cell with nothing in it.
pub(crate) fn is_empty(cell: &Value) -> bool {
    cell.is_null() || cell.as_str().is_some_and(|text| text.trim().is_empty())
}

/// The cell as text. A number is taken for the text somebody forgot to put between quotes.
///
/// # Errors
/// A sentence that says what is wanted.
pub(crate) fn text(cell: &Value) -> Result<String, String> {
    match cell {
        Value::String(text) => Ok(text.trim().to_owned()),
        Value::Number(number) if number.is_u64() => Ok(number.to_string()),
        _ => Err("must be a text".to_owned()),
    }
}

/// The cell as a phone number, in `region` where it is a national one; `None`: there is no such cell.
///
/// # Errors
/// A sentence that says what is wrong, also where there is none.
pub(crate) fn phone_number(
    cell: Option<&Value>,
    region: Option<Region>,
) -> Result<PhoneNumber, String> {
    let cell = cell.ok_or("is required")?;
    PhoneNumber::parse(&text(cell)?, region).map_err(|error| error.to_string())
}
