//! From what people write to E.164.

use std::borrow::Cow;

use phonenumber::Metadata;

use super::country::{self, Country};
use super::error::PhoneError;
use super::region::Region;

/// The most digits looked at: a number, and what is dialled before it.
const DIGITS_READ_MAX: usize = 24;

/// Reads `text` into `+` and digits.
pub(super) fn read(text: &str, region: Option<Region>) -> Result<Box<str>, PhoneError> {
    let written = Written::of(text)?;
    let digits = written.digits.as_str();
    if written.is_international {
        let (country, national) = Country::of(digits).ok_or(PhoneError::UnknownCountryCode)?;
        return e164(country, national);
    }
    if digits.starts_with("00") {
        return Err(PhoneError::InternationalPrefix);
    }
    let metadata = region
        .and_then(Region::metadata)
        .ok_or(PhoneError::NotE164)?;
    let country =
        Country::by_code(metadata.country_code()).ok_or(PhoneError::UnknownCountryCode)?;
    e164(country, &national_number(metadata, country, digits))
}

/// The digits of a text, and whether a `+` stood before them.
struct Written {
    is_international: bool,
    digits: String,
}

impl Written {
    fn of(text: &str) -> Result<Self, PhoneError> {
        let mut is_international = false;
        let mut digits = String::with_capacity(DIGITS_READ_MAX);
        for found in text.chars() {
            match found {
                '0'..='9' if digits.len() == DIGITS_READ_MAX => return Err(PhoneError::TooLong),
                '0'..='9' => digits.push(found),
                '+' if digits.is_empty() && !is_international => is_international = true,
                _ if is_separator(found) => {}
                _ => return Err(PhoneError::Unexpected { found }),
            }
        }
        if digits.is_empty() {
            return Err(PhoneError::Empty);
        }
        Ok(Self {
            is_international,
            digits,
        })
    }
}

const fn is_separator(c: char) -> bool {
    match c {
        ' ' | '\t' | '-' | '.' | '(' | ')' | '/' => true,
        // What spreadsheets, word processors and address books put in: hard spaces, long dashes, invisible marks.
        '\u{a0}' | '\u{202f}' | '\u{2010}'..='\u{2015}' | '\u{2212}' => true,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' => true,
        '\u{2066}'..='\u{2069}' | '\u{feff}' => true,
        _ => false,
    }
}

/// Checks the length and puts the number together.
fn e164(country: &Country, national: &str) -> Result<Box<str>, PhoneError> {
    let national = without_trunk_prefix(country, national);
    if !country.has_length(national.len()) {
        return Err(PhoneError::WrongLength {
            country_code: country.code,
            shortest: country.shortest(),
            longest: country.longest(),
            digits: national.len(),
        });
    }
    Ok(format!("+{}{national}", country.code).into())
}

/// `national`, which stood behind a country code, without a trunk prefix that does not belong there: +44 (0)20 7946 0018.
///
/// The prefix goes only where the number makes no sense with it and does without: +7 812 123 45 67 begins with Russia's
/// prefix 8 and has none.
fn without_trunk_prefix<'a>(country: &Country, national: &'a str) -> &'a str {
    country
        .trunk_prefix()
        .and_then(|prefix| national.strip_prefix(prefix))
        .filter(|rest| !country.assigns(national) && country.assigns(rest))
        .unwrap_or(national)
}

/// The national number in `digits` as somebody in the region writes them: with trunk prefix, without, or with the country
/// code of an international number whose `+` got lost, as spreadsheets do.
///
/// A reading that the metadata knows goes first, in this order; else the first one of a length that exists.
fn national_number<'a>(metadata: &Metadata, country: &Country, digits: &'a str) -> Cow<'a, str> {
    let dialled = dialled_inside(metadata, digits);
    let as_written = Some(Cow::Borrowed(digits));
    let abroad = digits
        .strip_prefix(country.code.to_string().as_str())
        .map(|rest| Cow::Borrowed(without_trunk_prefix(country, rest)));
    let readings = || [&dialled, &as_written, &abroad].into_iter().flatten();
    readings()
        .find(|national| country::assigns(metadata, national))
        .or_else(|| readings().find(|national| country.has_length(national.len())))
        .or(as_written.as_ref())
        .cloned()
        .unwrap_or_default()
}

/// `digits` without the trunk prefix, and with the area code where the region completes it; `None`: there is no prefix.
fn dialled_inside<'a>(metadata: &Metadata, digits: &'a str) -> Option<Cow<'a, str>> {
    let Some(pattern) = metadata.national_prefix_for_parsing() else {
        return digits
            .strip_prefix(metadata.national_prefix()?)
            .map(Cow::Borrowed);
    };
    let found = pattern.captures(digits)?;
    let whole = found
        .get(0)
        .filter(|whole| whole.start() == 0 && whole.end() > 0)?;
    let has_last_group = found.len() > 1 && found.get(found.len() - 1).is_some();
    match metadata.national_prefix_transform_rule() {
        Some(rule) if has_last_group => Some(pattern.replace(digits, rule)),
        _ => Some(Cow::Borrowed(&digits[whole.end()..])),
    }
}
