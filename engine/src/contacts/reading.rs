//! From a row as somebody sent it to a contact.

use std::str::FromStr;

use domain::calendar::parse_zone;
use domain::{PhoneNumber, Region};
use email_address::EmailAddress;
use serde_json::{Map, Value};

use crate::error::FieldError;
use crate::field::{Sieve, object_has_nul, text_up_to};
use crate::import::cell;

/// Characters of a name.
const NAME_CHARS_MAX: usize = 255;
/// Bytes of a contact's metadata, as JSON: they travel to the agent with every call.
const METADATA_BYTES_MAX: usize = 16 * 1024;

/// A contact that can be kept.
#[derive(Clone, Debug)]
pub(crate) struct NewContact {
    pub phone_number: PhoneNumber,
    pub name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    /// IANA name; empty: the campaign's.
    pub timezone: String,
    pub metadata: Option<Value>,
    /// How long it is, as JSON.
    pub metadata_bytes: usize,
}

/// What a column or a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    PhoneNumber,
    Name,
    FirstName,
    LastName,
    Email,
    Timezone,
    Metadata,
}

impl Meaning {
    const ALL: [Self; 7] = [
        Self::PhoneNumber,
        Self::Name,
        Self::FirstName,
        Self::LastName,
        Self::Email,
        Self::Timezone,
        Self::Metadata,
    ];

    /// What `name` stands for, however it is written: `phoneNumber`, `Phone Number`, `phone_number`. With how far it is from
    /// the name in requests, which is 0. `None`: a name of the sender's own.
    fn of(name: &str) -> Option<(Self, usize)> {
        let folded = cell::folded(name);
        Self::ALL.into_iter().find_map(|meaning| {
            let place = meaning.names().iter().position(|known| *known == folded)?;
            let is_exact = name == meaning.wire();
            Some((meaning, if is_exact { 0 } else { 1 + place }))
        })
    }

    /// What it is called, folded: the plainest first.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::PhoneNumber => &cell::PHONE_NUMBER_NAMES,
            Self::Name => &["name", "fullname"],
            Self::FirstName => &["firstname"],
            Self::LastName => &["lastname"],
            Self::Email => &["email"],
            Self::Timezone => &["timezone"],
            Self::Metadata => &["metadata"],
        }
    }

    /// Its name in requests.
    pub(super) const fn wire(self) -> &'static str {
        match self {
            Self::PhoneNumber => "phoneNumber",
            Self::Name => "name",
            Self::FirstName => "firstName",
            Self::LastName => "lastName",
            Self::Email => "email",
            Self::Timezone => "timezone",
            Self::Metadata => "metadata",
        }
    }
}

/// Reads one row. Names of the sender's own become metadata. So do, where several columns have one meaning, all but the one
/// whose name is closest to that in requests.
pub(super) fn read(
    row: Map<String, Value>,
    region: Option<Region>,
) -> Result<NewContact, Vec<FieldError>> {
    let mut cells = Cells::default();
    for (name, value) in row {
        cells.take(name, value);
    }
    let mut sieve = Sieve::default();
    let phone_number = cells.phone_number(&mut sieve, region);
    let first_name = cells.words(&mut sieve, Meaning::FirstName);
    let last_name = cells.words(&mut sieve, Meaning::LastName);
    let name = cells
        .words(&mut sieve, Meaning::Name)
        .or_else(|| joined(first_name.as_deref(), last_name.as_deref()));
    let email = cells.email(&mut sieve);
    let timezone = cells.timezone(&mut sieve);
    let metadata = cells.metadata(&mut sieve);
    let (metadata, metadata_bytes) = metadata.unzip();
    match phone_number {
        Some(phone_number) if sieve.errors.is_empty() => Ok(NewContact {
            phone_number,
            name,
            first_name,
            last_name,
            email,
            timezone: timezone.unwrap_or_default(),
            metadata,
            metadata_bytes: metadata_bytes.unwrap_or_default(),
        }),
        _ => Err(sieve.errors),
    }
}

/// A row, sorted by meaning; empty cells are left out.
#[derive(Default)]
pub(super) struct Cells {
    known: Vec<Known>,
    others: Map<String, Value>,
}

/// The cell that is taken for what its name means.
struct Known {
    meaning: Meaning,
    /// How far its name is from that in requests.
    distance: usize,
    name: String,
    value: Value,
}

impl Cells {
    pub(super) fn take(&mut self, name: String, value: Value) {
        if cell::is_empty(&value) {
            return;
        }
        let Some((meaning, distance)) = Meaning::of(&name) else {
            self.others.insert(name, value);
            return;
        };
        let mut new = Known {
            meaning,
            distance,
            name,
            value,
        };
        match self.known.iter_mut().find(|it| it.meaning == meaning) {
            None => self.known.push(new),
            Some(known) => {
                if distance < known.distance {
                    std::mem::swap(known, &mut new);
                }
                self.others.insert(new.name, new.value);
            }
        }
    }

    fn find(&self, meaning: Meaning) -> Option<&Value> {
        let known = self.known.iter().find(|it| it.meaning == meaning);
        known.map(|it| &it.value)
    }

    fn text(&self, sieve: &mut Sieve, meaning: Meaning) -> Option<String> {
        cell::text(self.find(meaning)?)
            .map_err(|message| sieve.refuse(meaning.wire(), message))
            .ok()
    }

    pub(super) fn words(&self, sieve: &mut Sieve, meaning: Meaning) -> Option<String> {
        let text = self.text(sieve, meaning)?;
        text_up_to(&text, NAME_CHARS_MAX)
            .map_err(|message| sieve.refuse(meaning.wire(), message))
            .ok()
    }

    pub(super) fn phone_number(
        &self,
        sieve: &mut Sieve,
        region: Option<Region>,
    ) -> Option<PhoneNumber> {
        cell::phone_number(self.find(Meaning::PhoneNumber), region)
            .map_err(|message| sieve.refuse(Meaning::PhoneNumber.wire(), message))
            .ok()
    }

    pub(super) fn email(&self, sieve: &mut Sieve) -> Option<String> {
        let text = self.words(sieve, Meaning::Email)?;
        EmailAddress::from_str(&text)
            .map_err(|error| {
                sieve.refuse(
                    Meaning::Email.wire(),
                    format!("is no e-mail address: {error}"),
                )
            })
            .map(|address| address.to_string())
            .ok()
    }

    pub(super) fn timezone(&self, sieve: &mut Sieve) -> Option<String> {
        let text = self.text(sieve, Meaning::Timezone)?;
        parse_zone(&text)
            .map_err(|error| sieve.refuse(Meaning::Timezone.wire(), error.to_string()))
            .map(|zone| zone.name().to_owned())
            .ok()
    }

    /// The metadata that was given, over whatever else the row holds; a text is read as JSON, as an exported file has it.
    /// With its length as JSON.
    pub(super) fn metadata(&mut self, sieve: &mut Sieve) -> Option<(Value, usize)> {
        let wire = Meaning::Metadata.wire();
        let given = match self.find(Meaning::Metadata).cloned() {
            Some(Value::String(text)) => serde_json::from_str(&text).unwrap_or(Value::Null),
            Some(value) => value,
            None => Value::Object(Map::new()),
        };
        let Value::Object(given) = given else {
            sieve.refuse(wire, "must be an object");
            return None;
        };
        let mut metadata = std::mem::take(&mut self.others);
        metadata.extend(given);
        if metadata.is_empty() {
            return None;
        }
        if object_has_nul(&metadata) {
            sieve.refuse(wire, "must not contain the character NUL");
            return None;
        }
        let metadata = Value::Object(metadata);
        let bytes = metadata.to_string().len();
        if bytes > METADATA_BYTES_MAX {
            sieve.refuse(
                wire,
                format!("must not have more than {METADATA_BYTES_MAX} bytes"),
            );
            return None;
        }
        Some((metadata, bytes))
    }
}

/// The name of somebody who gave only its parts.
pub(super) fn joined(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let parts: Vec<&str> = [first, last].into_iter().flatten().collect();
    let name = parts.join(" ");
    (!name.is_empty()).then(|| name.chars().take(NAME_CHARS_MAX).collect())
}
