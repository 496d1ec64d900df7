//! Numbers as Exotel writes them: E.164 here, national with a 0 before it there.

use domain::PhoneNumber;
use domain::phone::Region;

/// What is dialled before a national number.
const TRUNK_PREFIX: &str = "0";

/// How many digits at the end make two spellings one number.
const DIGITS_COMPARED: usize = 10;

/// Fewer digits than this are no telephone number.
const DIGITS_MIN: usize = 7;

/// How the number shown is written when a call is placed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallerIdForm {
    /// `0…` where the number belongs to the account's region, as Exotel's own examples and its dashboard write it; a number
    /// of another region in E.164.
    #[default]
    National,
    /// `+…`.
    E164,
}

impl CallerIdForm {
    /// `number` in this form.
    pub(super) fn write(self, number: &PhoneNumber, region: Region) -> String {
        match self {
            Self::National => national(number, region),
            Self::E164 => None,
        }
        .unwrap_or_else(|| number.expose().to_owned())
    }
}

/// `0…`, where somebody in `region` would dial `number` so.
fn national(number: &PhoneNumber, region: Region) -> Option<String> {
    (1..=3).find_map(|code_digits| {
        let (_, local) = number.expose().get(1..)?.split_at_checked(code_digits)?;
        let dialled = format!("{TRUNK_PREFIX}{local}");
        let is_read_back = PhoneNumber::parse(&dialled, Some(region)).as_ref() == Ok(number);
        is_read_back.then_some(dialled)
    })
}

/// Every form in which Exotel may know `number`, for a filter: separated by commas.
pub(super) fn spellings(number: &PhoneNumber, region: Region) -> String {
    let full = number.expose();
    match national(number, region) {
        Some(national) => format!("{full},{national}"),
        None => full.to_owned(),
    }
}

/// Reads a number in whichever form; `None` where it is something else.
pub(super) fn read(text: &str, region: Region) -> Option<PhoneNumber> {
    PhoneNumber::parse(text, Some(region)).ok()
}

/// Whether `written` is `number` in some form. Compares the last ten digits, or as many as are left of a shorter number
/// without its trunk prefix.
pub(super) fn is_same(number: &PhoneNumber, written: &str) -> bool {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let local = digits.trim_start_matches('0');
    let compared = &local[local.len().saturating_sub(DIGITS_COMPARED)..];
    compared.len() >= DIGITS_MIN && number.expose().ends_with(compared)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text, None).unwrap()
    }

    fn region(text: &str) -> Region {
        text.parse().unwrap()
    }

    #[test]
    fn a_number_of_the_region_is_written_with_a_zero_and_others_in_full() {
        let write = |text, at| CallerIdForm::National.write(&number(text), region(at));
        assert_eq!(write("+919876543210", "IN"), "09876543210");
        assert_eq!(write("+918030752400", "IN"), "08030752400");
        assert_eq!(write("+6561234567", "IN"), "+6561234567");
        assert_eq!(write("+6561234567", "SG"), "+6561234567"); // no trunk prefix there
        let full = CallerIdForm::E164.write(&number("+919876543210"), region("IN"));
        assert_eq!(full, "+919876543210");
    }

    #[test]
    fn a_number_is_recognised_by_its_last_ten_digits() {
        let called = number("+919876543210");
        for written in [
            "09876543210",
            "9876543210",
            "+919876543210",
            "00919876543210",
        ] {
            assert!(is_same(&called, written), "{written}");
            assert_eq!(
                read(written, region("IN")).is_some(),
                !written.starts_with("00")
            );
        }
        for written in ["09876543211", "543210", "0000000000", "", "sip:x@y"] {
            assert!(!is_same(&called, written), "{written}");
        }
        assert!(is_same(&number("+6561234567"), "061234567"));
    }
}
