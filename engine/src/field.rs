//! One field of a request: left out, cleared, given, or given as something that cannot be read.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::error::FieldError;

/// What a request says about one field. Unlike an `Option` it remembers what could not be read, so that every wrong
/// field of a request is reported at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Field<T> {
    /// The request does not mention it.
    #[default]
    Absent,
    /// `null`.
    Cleared,
    /// A value of the right kind.
    Given(T),
    /// A value of another kind; the sentence says which kind is wanted.
    Unreadable(String),
}

impl<T> Field<T> {
    /// True where the request mentions the field.
    #[must_use]
    pub const fn is_mentioned(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// A field that must be there: where the request does not mention it, that is what is wrong.
    #[must_use]
    pub fn asked_for(self) -> Self {
        match self {
            Self::Absent => Self::Unreadable("is required".to_owned()),
            mentioned => mentioned,
        }
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Given(value)
    }
}

/// A kind of JSON value that a field can hold.
pub trait Kind: Sized {
    /// The kind in words, after "must be".
    const WORDS: &'static str;

    /// The value, if it is of this kind.
    fn read(value: Value) -> Option<Self>;
}

impl Kind for String {
    const WORDS: &'static str = "a text";

    fn read(value: Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl Kind for i64 {
    const WORDS: &'static str = "a whole number";

    fn read(value: Value) -> Option<Self> {
        /// Above, a float no longer tells whole numbers apart.
        const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
        value.as_i64().or_else(|| {
            // 10.0 is the number 10, whoever wrote it.
            let float = value
                .as_f64()
                .filter(|f| f.fract() == 0.0 && f.abs() <= EXACT_MAX)?;
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            let whole = float as Self;
            Some(whole)
        })
    }
}

impl Kind for bool {
    const WORDS: &'static str = "true or false";

    fn read(value: Value) -> Option<Self> {
        value.as_bool()
    }
}

impl Kind for Map<String, Value> {
    const WORDS: &'static str = "an object";

    fn read(value: Value) -> Option<Self> {
        match value {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }
}

impl Kind for Vec<Value> {
    const WORDS: &'static str = "a list";

    fn read(value: Value) -> Option<Self> {
        match value {
            Value::Array(list) => Some(list),
            _ => None,
        }
    }
}

impl<T: Kind> From<Value> for Field<T> {
    fn from(value: Value) -> Self {
        if value.is_null() {
            return Self::Cleared;
        }
        T::read(value).map_or_else(
            || Self::Unreadable(format!("must be {}", T::WORDS)),
            Self::Given,
        )
    }
}

impl<'de, T: Kind> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

/// Reads fields and collects everything that is wrong with them.
#[derive(Debug, Default)]
pub struct Sieve {
    /// What was wrong so far.
    pub errors: Vec<FieldError>,
}

impl Sieve {
    /// Notes that something is wrong with `field`.
    pub fn refuse(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, message));
    }

    /// A field that may be cleared. `None`: leave it as it is; `Some(None)`: clear it.
    pub fn optional<T, U>(
        &mut self,
        name: &str,
        field: Field<T>,
        read: impl FnOnce(T) -> Result<U, String>,
    ) -> Option<Option<U>> {
        match field {
            Field::Cleared => Some(None),
            other => self.required(name, other, read).map(Some),
        }
    }

    /// A field that cannot be cleared. `None`: leave it as it is.
    pub fn required<T, U>(
        &mut self,
        name: &str,
        field: Field<T>,
        read: impl FnOnce(T) -> Result<U, String>,
    ) -> Option<U> {
        let message = match field {
            Field::Absent => return None,
            Field::Cleared => "cannot be null".to_owned(),
            Field::Unreadable(message) => message,
            Field::Given(value) => match read(value) {
                Ok(read) => return Some(read),
                Err(message) => message,
            },
        };
        self.refuse(name, message);
        None
    }
}

/// `text` without the space around it, if it has at most `chars_max` characters and none that a database refuses.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn text_up_to(text: &str, chars_max: usize) -> Result<String, String> {
    let text = text.trim();
    if text.contains('\0') {
        return Err("must not contain the character NUL".to_owned());
    }
    if text.chars().count() > chars_max {
        return Err(format!("must not have more than {chars_max} characters"));
    }
    Ok(text.to_owned())
}

/// As [`text_up_to`], and not empty.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn words_up_to(text: &str, chars_max: usize) -> Result<String, String> {
    let text = text_up_to(text, chars_max)?;
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    Ok(text)
}

/// True where some text in `value` has a character that a database refuses.
#[must_use]
pub fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(list) => list.iter().any(has_nul),
        Value::Object(object) => object_has_nul(object),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// As [`has_nul`], names included.
#[must_use]
pub fn object_has_nul(object: &Map<String, Value>) -> bool {
    object
        .iter()
        .any(|(name, value)| name.contains('\0') || has_nul(value))
}
