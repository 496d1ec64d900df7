//! What somebody wants a contact to be.

use domain::by_hand::SETTABLE;
use domain::{ContactStatus, PhoneNumber, Region};
use entity::contact::Model;
use serde_json::Value;

use super::reading::{Cells, Meaning, joined};
use crate::error::EngineError;
use crate::field::{Field, Kind, Sieve};

/// A value as it stands in a row of an import, whatever its kind: what reads it says what is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell(Value);

impl Kind for Cell {
    const WORDS: &'static str = "a value";

    fn read(value: Value) -> Option<Self> {
        Some(Self(value))
    }
}

/// Fields of a contact as a request gives them: absent fields stay as they are, `null` and the empty text clear a field.
/// Nothing is checked yet; what is given is read by the rules of an import.
#[derive(Clone, Debug, Default)]
pub struct ContactChange {
    /// As people write it; cannot be cleared.
    pub phone_number: Field<Cell>,
    /// Full name; cleared: the first and the last one.
    pub name: Field<Cell>,
    /// First name.
    pub first_name: Field<Cell>,
    /// Last name.
    pub last_name: Field<Cell>,
    /// E-mail.
    pub email: Field<Cell>,
    /// IANA name; cleared: the campaign's.
    pub timezone: Field<Cell>,
    /// An object, in place of the one there is.
    pub metadata: Field<Cell>,
    /// A word of [`SETTABLE`], or the one the contact has already.
    pub status: Field<String>,
}

/// A change that makes sense.
pub(super) struct Wanted {
    /// The contact with everything in it but the status.
    pub row: Model,
    /// The status that it does not have yet.
    pub status: Option<ContactStatus>,
}

/// Reads `change` over `before`; national numbers are those of `region`.
///
/// A name that was put together from the first and the last one follows them; one that was given stays.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(super) fn read(
    before: &Model,
    change: ContactChange,
    region: Option<Region>,
) -> Result<Wanted, EngineError> {
    let mut sieve = Sieve::default();
    let status = status(&mut sieve, change.status, before);
    let mut mentioned = Mentioned::default();
    mentioned.take(&mut sieve, Meaning::PhoneNumber, change.phone_number);
    mentioned.take(&mut sieve, Meaning::FirstName, change.first_name);
    mentioned.take(&mut sieve, Meaning::LastName, change.last_name);
    mentioned.take(&mut sieve, Meaning::Name, change.name);
    mentioned.take(&mut sieve, Meaning::Email, change.email);
    mentioned.take(&mut sieve, Meaning::Timezone, change.timezone);
    mentioned.take(&mut sieve, Meaning::Metadata, change.metadata);
    let mut row = before.clone();
    mentioned.write_to(&mut row, &mut sieve, region);
    if sieve.errors.is_empty() {
        Ok(Wanted { row, status })
    } else {
        Err(EngineError::Invalid(sieve.errors))
    }
}

fn status(sieve: &mut Sieve, status: Field<String>, before: &Model) -> Option<ContactStatus> {
    let wanted = sieve.required("status", status, |word| {
        if word == before.status {
            return Ok(None);
        }
        let settable = SETTABLE.into_iter().find(|known| known.as_str() == word);
        settable.map(Some).ok_or_else(|| {
            let words = SETTABLE.map(ContactStatus::as_str).join(", ");
            format!("must be one of {words}, or what it is already")
        })
    });
    wanted.flatten()
}

/// The fields that a request mentions, sorted by meaning.
#[derive(Default)]
struct Mentioned {
    meanings: Vec<Meaning>,
    cells: Cells,
}

impl Mentioned {
    fn take(&mut self, sieve: &mut Sieve, meaning: Meaning, field: Field<Cell>) {
        match field {
            Field::Absent => {}
            Field::Cleared => self.meanings.push(meaning),
            Field::Given(Cell(value)) => {
                self.meanings.push(meaning);
                self.cells.take(meaning.wire().to_owned(), value);
            }
            Field::Unreadable(message) => sieve.refuse(meaning.wire(), message),
        }
    }

    fn has(&self, meaning: Meaning) -> bool {
        self.meanings.contains(&meaning)
    }

    fn write_to(mut self, row: &mut Model, sieve: &mut Sieve, region: Option<Region>) {
        if self.has(Meaning::PhoneNumber)
            && let Some(number) = self.cells.phone_number(sieve, region)
        {
            row.phone_number = PhoneNumber::into_string(number);
        }
        self.names(row, sieve);
        if self.has(Meaning::Email) {
            row.email = self.cells.email(sieve);
        }
        if self.has(Meaning::Timezone) {
            row.timezone = self.cells.timezone(sieve).unwrap_or_default();
        }
        if self.has(Meaning::Metadata) {
            row.metadata = self.cells.metadata(sieve).map(|(metadata, _)| metadata);
        }
    }

    fn names(&self, row: &mut Model, sieve: &mut Sieve) {
        let is_derived = row.name == joined(row.first_name.as_deref(), row.last_name.as_deref());
        if self.has(Meaning::FirstName) {
            row.first_name = self.cells.words(sieve, Meaning::FirstName);
        }
        if self.has(Meaning::LastName) {
            row.last_name = self.cells.words(sieve, Meaning::LastName);
        }
        if self.has(Meaning::Name) || is_derived {
            let given = self.cells.words(sieve, Meaning::Name);
            row.name =
                given.or_else(|| joined(row.first_name.as_deref(), row.last_name.as_deref()));
        }
    }
}
