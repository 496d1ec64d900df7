//! Contacts as an import reads them, without a campaign to bring them into.

use domain::{PhoneNumber, Region};
use serde_json::Value;

use super::exported::SHEET;
use super::reading;
use crate::error::{EngineError, FieldError};
use crate::import::csv::Table;
use crate::import::{RawRow, json};

/// A row that was read: its number, and the contact or what is wrong with it.
pub type Row = (u64, Result<Contact, Vec<FieldError>>);

/// A contact that could be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    pub phone_number: PhoneNumber,
    /// Name, first and last name, e-mail, zone.
    pub texts: [Option<String>; 5],
    /// What is kept besides.
    pub metadata: Option<Value>,
}

/// The rows of a CSV text.
pub fn from_csv(text: &[u8], region: Option<Region>) -> Result<Vec<Row>, EngineError> {
    let mut table = Table::open(text, "contacts", &SHEET)?;
    Ok(table.rows().map(|row| read(row, region)).collect())
}

/// The rows of a JSON text.
pub fn from_json(text: &[u8], region: Option<Region>) -> Result<Vec<Row>, EngineError> {
    let rows = json::rows(text, "contacts")?;
    Ok(rows.map(|row| read(row, region)).collect())
}

fn read(row: RawRow, region: Option<Region>) -> Row {
    let cells = row.cells.map_err(|error| vec![error]);
    let read = cells.and_then(|cells| reading::read(cells, region));
    let read = read.map(|new| Contact {
        phone_number: new.phone_number,
        texts: [
            new.name,
            new.first_name,
            new.last_name,
            new.email,
            Some(new.timezone).filter(|zone| !zone.is_empty()),
        ],
        metadata: new.metadata,
    });
    (row.number, read)
}

/// Whatever a contact was made of, it fits what it is kept in.
pub fn assert_keepable(contact: &Contact) {
    for text in contact.texts.iter().flatten() {
        assert!(!text.is_empty() && text.chars().count() <= 255, "{text:?}");
        assert!(!text.contains('\0'), "{text:?}");
    }
    if let Some(zone) = &contact.texts[4] {
        assert!(zone.parse::<chrono_tz::Tz>().is_ok(), "{zone}");
    }
    if let Some(metadata) = &contact.metadata {
        let written = metadata.to_string();
        assert!(
            metadata.is_object() && written.len() <= 16 * 1024,
            "{written}"
        );
        assert!(!holds_nul(metadata), "{written}");
    }
    let shown = format!("{:?}", contact.phone_number);
    crate::assert_hides(&shown, Some(&contact.phone_number));
}

/// True where a text or a name in `value` has a NUL in it, which no database keeps. One that is spelled out is none.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
