//! What a query says: kept as it came until it is read, so that everything wrong with it is told at once.

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::error::{EngineError, FieldError};
use crate::field::Sieve;

/// What a query says to one question: nothing, one thing, or several. An empty text is as good as none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Param {
    /// Nothing.
    #[default]
    Absent,
    /// One text, which is not empty.
    Given(String),
    /// The same key more than once: nobody can tell which one is meant.
    Repeated,
}

impl Param {
    /// True where the query says something.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        !matches!(self, Self::Absent)
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        if text.is_empty() {
            Self::Absent
        } else {
            Self::Given(text)
        }
    }
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<Vec<String>> for Param {
    fn from(mut texts: Vec<String>) -> Self {
        match (texts.pop(), texts.is_empty()) {
            (None, _) => Self::Absent,
            (Some(text), true) => text.into(),
            (Some(_), false) => Self::Repeated,
        }
    }
}

/// A text, or a list of texts where the key was repeated.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Once(String),
    Repeatedly(Vec<String>),
}

impl<'de> Deserialize<'de> for Param {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Said::deserialize(deserializer)? {
            Said::Once(text) => text.into(),
            Said::Repeatedly(texts) => texts.into(),
        })
    }
}

/// What a query says to a question with several answers: every text of the key, and of each its parts between commas.
/// Empty ones are as good as none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(pub Vec<String>);

impl Params {
    /// The answers under this key and those under another one that means the same.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = match Said::deserialize(deserializer)? {
            Said::Once(text) => vec![text],
            Said::Repeatedly(texts) => texts,
        };
        let parts = texts.iter().flat_map(|text| text.split(','));
        let parts = parts.map(str::trim).filter(|part| !part.is_empty());
        Ok(Self(parts.map(str::to_owned).collect()))
    }
}

impl Sieve {
    /// What `param` says, by `read`. `None`: nothing, or nothing that can be read, which is noted under `name`.
    pub fn param<T>(
        &mut self,
        name: &str,
        param: &Param,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let message = match param {
            Param::Absent => return None,
            Param::Repeated => "must not be given more than once".to_owned(),
            Param::Given(text) => match read(text) {
                Ok(value) => return Some(value),
                Err(message) => message,
            },
        };
        self.refuse(name, message);
        None
    }

    /// `result` without its wrong fields, which are noted beside the others.
    ///
    /// # Errors
    /// Every other error of `result`, as it is.
    pub fn sift<T>(&mut self, result: Result<T, EngineError>) -> Result<Option<T>, EngineError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(EngineError::Invalid(errors)) => {
                self.errors.extend(errors);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// `value`, if nothing was wrong.
    ///
    /// # Errors
    /// Everything that was noted.
    pub fn done<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.errors.is_empty() {
            Ok(value)
        } else {
            Err(self.errors)
        }
    }
}

/// One of the words that `T` has.
///
/// # Errors
/// A sentence with all of them.
pub fn word<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// Yes or no, as a query says it: `true` or `1`, `false` or `0`.
///
/// # Errors
/// A sentence that says what is wanted.
pub fn truth(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::{Param, Params, Sieve, truth, word};
    use crate::error::EngineError;

    #[test]
    fn an_empty_text_is_as_good_as_none_and_a_repeated_key_is_known_as_one() {
        let read = |value| from_value::<Param>(value).expect("a parameter");
        assert_eq!(read(json!("")), Param::Absent);
        assert_eq!(read(json!("a")), Param::Given("a".to_owned()));
        assert_eq!(read(json!(["a", "a"])), Param::Repeated);
    }

    #[test]
    fn a_key_with_several_answers_may_be_repeated_or_hold_commas() {
        let read = |value| from_value::<Params>(value).expect("parameters").0;
        assert_eq!(read(json!("a, b,")), ["a", "b"]);
        assert_eq!(read(json!(["a", "", "b"])), ["a", "b"]);
        assert_eq!(read(json!("")), [""; 0]);
    }

    #[test]
    fn yes_and_no_are_told_in_two_ways_each() {
        assert_eq!(["true", "1"].map(truth), [Ok(true), Ok(true)]);
        assert_eq!(["false", "0"].map(truth), [Ok(false), Ok(false)]);
        for neither in ["yes", "TRUE", "2", " true"] {
            assert!(truth(neither).is_err(), "{neither}");
        }
    }

    #[test]
    fn everything_wrong_is_told_in_the_order_of_asking() {
        let mut sieve = Sieve::default();
        let whole = |text: &str| text.parse::<u8>().map_err(|error| error.to_string());
        assert_eq!(sieve.param("good", &"7".into(), whole), Some(7));
        assert_eq!(sieve.param("none", &Param::Absent, whole), None);
        assert_eq!(sieve.param("bad", &"x".into(), whole), None);
        assert_eq!(sieve.param("twice", &Param::Repeated, whole), None);
        let wrong: Result<(), _> = Err(EngineError::invalid("userId", "there is no such user"));
        assert!(matches!(sieve.sift(wrong), Ok(None)));
        let unknown = word::<domain::CallStatus>("asleep");
        assert!(unknown.is_err_and(|message| message.contains("no-answer")));
        let fields: Vec<String> = sieve
            .errors
            .iter()
            .map(|error| error.field.clone())
            .collect();
        assert_eq!(fields, ["bad", "twice", "userId"]);
        assert!(sieve.done(()).is_err());
    }
}
