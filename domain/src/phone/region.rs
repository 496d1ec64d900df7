//! The region a national number belongs to.

use std::fmt;
use std::str::FromStr;

use phonenumber::Metadata;
use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;
use serde::{Deserialize, Serialize};

use super::error::PhoneError;

/// A region of the world with telephones of its own, by its ISO 3166 alpha-2 code, e.g. `IN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Id);

impl Region {
    /// The code, in capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    /// `None` only for a region without a numbering plan; none such is read.
    pub(super) fn metadata(self) -> Option<&'static Metadata> {
        DATABASE.by_id(self.as_str())
    }
}

impl FromStr for Region {
    type Err = PhoneError;

    /// Reads the two letters, in capitals or not. Does not read the numbering plans of the world: every program reads a
    /// region when it starts.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = text.to_ascii_uppercase().parse();
        id.map(Self).map_err(|_| PhoneError::UnknownRegion {
            text: text.chars().take(20).collect(),
        })
    }
}

impl TryFrom<String> for Region {
    type Error = PhoneError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.as_str().to_owned()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_one_whose_numbers_are_known() {
        for first in 'A'..='Z' {
            for second in 'A'..='Z' {
                let code = format!("{first}{second}");
                let is_known = DATABASE.by_id(&code).is_some();
                assert_eq!(code.parse::<Region>().is_ok(), is_known, "{code}");
            }
        }
    }
}
