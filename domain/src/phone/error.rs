//! Why a text is not a phone number.

/// Why a text is not a phone number, in sentences for the person who wrote it. None repeats the number, so that a
/// refused one is not logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// No digit at all.
    #[error("the phone number is empty")]
    Empty,
    /// A character that does not belong in a phone number: a letter, a second `+`, an extension's sign.
    #[error(
        "{found:?} does not belong in a phone number; write digits, with spaces, dashes, dots or parentheses if you like"
    )]
    Unexpected {
        /// The first such character.
        found: char,
    },
    /// No `+`, and nobody said which region the number belongs to.
    #[error("write the number with + and country code, or say which region it belongs to")]
    NotE164,
    /// It begins with 00, which dials abroad from some countries only.
    #[error("write + instead of 00 before the country code")]
    InternationalPrefix,
    /// What follows the `+` is no country's code.
    #[error("no country has the code that follows the +")]
    UnknownCountryCode,
    /// The country has no number of this length.
    #[error(
        "a number of +{country_code} has {} digits after the country code, and not {digits}",
        span(*shortest, *longest)
    )]
    WrongLength {
        /// The country's code, without `+`.
        country_code: u16,
        /// The fewest digits that a number of the country has.
        shortest: usize,
        /// The most digits. Not every length in between need exist.
        longest: usize,
        /// How many there are.
        digits: usize,
    },
    /// More digits than any number has, with whatever is dialled before it.
    #[error("a phone number has at most 15 digits, country code included")]
    TooLong,
    /// A text that is no region.
    #[error("{text:?} is not a region; write the two letters of ISO 3166, such as IN, US or GB")]
    UnknownRegion {
        /// What was given, shortened.
        text: String,
    },
}

fn span(shortest: usize, longest: usize) -> String {
    if shortest == longest {
        shortest.to_string()
    } else {
        format!("{shortest} to {longest}")
    }
}
