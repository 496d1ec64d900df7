//! Phone numbers: E.164 inside, masked outside.
//!
//! Countries, lengths and prefixes come from the metadata of the `phonenumber` crate, the reading itself is ours: that
//! crate takes trunk prefixes off numbers that have none (it reads +7 812 123 45 67 as +7 121 234 567) and accepts
//! letters. A wrong digit here calls a stranger.

mod country;
mod error;
mod masking;
mod reading;
mod region;

#[cfg(test)]
mod tests;

use std::fmt;

pub use error::PhoneError;
pub use masking::mask;
pub use region::Region;

/// A phone number in E.164 form, e.g. `+919812345678`: `+`, country code, national number; at most 15 digits.
///
/// `Display` and `Debug` hide all but the country code and the last two digits, and there is no `Serialize`: a whole
/// number leaves only through [`PhoneNumber::expose`] or [`PhoneNumber::into_string`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PhoneNumber(Box<str>);

impl PhoneNumber {
    /// Reads a number as people write it: digits with spaces, dashes, dots, slashes and parentheses between them.
    ///
    /// With a leading `+` it is international and `region` does not matter. Without, it is read as somebody in `region`
    /// would dial it, with or without trunk prefix; also with the country code where only the `+` got lost.
    ///
    /// The national number must have a length that exists in its country. Whether the number is in service, or its range
    /// was ever assigned, is not asked: ranges are assigned every week, and the carrier knows.
    ///
    /// # Errors
    /// [`PhoneError::Empty`] without any digit; [`PhoneError::Unexpected`] for a letter or any other strange character;
    /// [`PhoneError::NotE164`] without `+` and without region; [`PhoneError::InternationalPrefix`] where 00 stands for
    /// the `+`; [`PhoneError::UnknownCountryCode`]; [`PhoneError::WrongLength`] for a length the country does not have;
    /// [`PhoneError::TooLong`] for more digits than can be dialled. None of them repeats the number.
    pub fn parse(text: &str, region: Option<Region>) -> Result<Self, PhoneError> {
        reading::read(text, region).map(Self)
    }

    /// Loads the metadata that numbers are read by, which takes about 50 ms of CPU time. The first number that is read does so
    /// otherwise, and that may be one in the middle of a transaction. A second time it does nothing.
    pub fn load_metadata() {
        country::Country::load_all();
    }

    /// Takes a number from our own database, which only holds what [`PhoneNumber::parse`] returned. Not checked again:
    /// lengths that exist change with the metadata, and a stored contact must stay readable.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text.into())
    }

    /// The whole number, to dial or to store it. Never log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The whole number, to dial or to store it. Never log it.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0.into()
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&mask(&self.0))
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({self})")
    }
}
