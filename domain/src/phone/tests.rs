//! Numbers as people write them. Those of persons are made up: 555 in North America, Ofcom's drama range in Britain.

use phonenumber::Metadata;
use phonenumber::metadata::DATABASE;
use proptest::prelude::*;

use super::country::{Country, descriptors};
use super::{PhoneError, PhoneNumber, Region};

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

/// What `text` is read as; a region of "" is none.
fn read(text: &str, code: &str) -> Result<String, PhoneError> {
    let region = Some(code).filter(|code| !code.is_empty()).map(region);
    PhoneNumber::parse(text, region).map(PhoneNumber::into_string)
}

#[track_caller]
fn reads_as(text: &str, code: &str, number: &str) {
    assert_eq!(
        read(text, code).as_deref(),
        Ok(number),
        "{text:?} in {code:?}"
    );
}

#[test]
fn an_international_number_is_read_however_it_is_spaced() {
    for text in [
        "+15551234567",
        "+1 555 123 4567",
        "+1 (555) 123-4567",
        " +1.555.123.4567\t",
        "+1\u{a0}555\u{2011}123\u{2013}4567",
        "\u{202a}+15551234567\u{202c}", // as copied from an address book
    ] {
        reads_as(text, "", "+15551234567");
    }
}

#[test]
fn an_international_number_does_not_care_for_the_region() {
    for code in ["", "IN", "US", "DE"] {
        reads_as("+91 98123 45678", code, "+919812345678");
    }
}

#[test]
fn a_number_in_a_range_that_nobody_assigned_passes() {
    reads_as("+15559876543", "", "+15559876543");
    reads_as("555 987 6543", "US", "+15559876543");
    reads_as("+910000000000", "", "+910000000000");
}

#[test]
fn a_national_number_is_read_as_dialled_in_its_region() {
    for (text, code, number) in [
        ("98123 45678", "IN", "+919812345678"),
        ("098123 45678", "IN", "+919812345678"),
        ("(555) 123-4567", "US", "+15551234567"),
        ("1-555-123-4567", "CA", "+15551234567"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("030/123456", "DE", "+4930123456"),
        ("06 1234 5678", "IT", "+390612345678"), // Italian zeros stay
        ("8 (812) 123-45-67", "RU", "+78121234567"),
        ("812 123 45 67", "RU", "+78121234567"),
        ("356 7890", "BS", "+12423567890"), // the area code is the country's
        ("011 15 2345-6789", "AR", "+5491123456789"), // mobile, as dialled in Buenos Aires
        ("0 21 11 98765 4321", "BR", "+5511987654321"), // 21 selects a carrier
    ] {
        reads_as(text, code, number);
    }
}

#[test]
fn a_number_that_lost_its_plus_in_a_spreadsheet_is_found() {
    reads_as("919812345678", "IN", "+919812345678");
    reads_as("15551234567", "US", "+15551234567");
    reads_as("442079460018", "GB", "+442079460018");
    reads_as("4402079460018", "GB", "+442079460018");
}

#[test]
fn a_trunk_prefix_behind_the_country_code_goes_only_where_it_is_one() {
    reads_as("+44 (0)20 7946 0018", "", "+442079460018");
    reads_as("+49 (0)30 123456", "", "+4930123456");
    reads_as("+39 06 1234 5678", "", "+390612345678");
    reads_as("+7 812 123-45-67", "", "+78121234567"); // St. Petersburg: 8 is Russia's trunk prefix, too
}

#[test]
fn without_plus_and_region_nobody_knows_the_country() {
    let error = read("98123 45678", "").unwrap_err();
    assert_eq!(error, PhoneError::NotE164);
    assert_eq!(
        error.to_string(),
        "write the number with + and country code, or say which region it belongs to"
    );
}

#[test]
fn letters_extensions_and_a_second_plus_are_refused() {
    for (text, found) in [
        ("+1 800 FLOWERS", 'F'),
        ("+15551234567x12", 'x'),
        ("+1 555 123 4567;ext=1", ';'),
        ("+1555+1234567", '+'),
        ("++15551234567", '+'),
        ("tel:+15551234567", 't'),
        ("+1555１234567", '１'),
    ] {
        assert_eq!(
            read(text, "US"),
            Err(PhoneError::Unexpected { found }),
            "{text:?}"
        );
    }
}

#[test]
fn a_text_without_digits_is_empty() {
    for text in ["", "   ", "+", "(-)", "\u{feff}"] {
        assert_eq!(read(text, "IN"), Err(PhoneError::Empty), "{text:?}");
    }
}

#[test]
fn zero_zero_is_not_a_plus() {
    assert_eq!(
        read("0091 98123 45678", "DE"),
        Err(PhoneError::InternationalPrefix)
    );
    assert_eq!(
        read("00919812345678", ""),
        Err(PhoneError::InternationalPrefix)
    );
}

#[test]
fn a_country_code_that_does_not_exist_is_refused() {
    for text in ["+0123456789", "+999123456789", "+2", "+21"] {
        assert_eq!(
            read(text, ""),
            Err(PhoneError::UnknownCountryCode),
            "{text:?}"
        );
    }
}

#[test]
fn a_length_that_the_country_does_not_have_is_refused_with_those_it_has() {
    let sentence = |text, code| read(text, code).unwrap_err().to_string();
    assert_eq!(
        sentence("+1 555 1234", ""),
        "a number of +1 has 10 digits after the country code, and not 7"
    );
    assert_eq!(
        sentence("12345", "IN"),
        "a number of +91 has 8 to 13 digits after the country code, and not 5"
    );
    assert_eq!(
        sentence("442079460018", "US"),
        "a number of +1 has 10 digits after the country code, and not 12"
    );
    assert_eq!(
        sentence("+491", ""),
        "a number of +49 has 5 to 13 digits after the country code, and not 1"
    );
    assert_eq!(read(&"1".repeat(25), "US"), Err(PhoneError::TooLong));
}

#[test]
fn no_error_repeats_the_number() {
    for text in [
        "5551234567",
        "005551234567",
        "+9995551234567",
        "+15551234567890",
        "+1555123456?",
    ] {
        let error = read(text, "").unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("55512345"), "{shown}");
    }
}

#[test]
fn a_region_is_two_letters_of_iso_3166() {
    assert_eq!(region("in"), region("IN"));
    assert_eq!(region("US").to_string(), "US");
    for wrong in ["", "IND", "91", "India", "XX", "UK"] {
        let error = wrong.parse::<Region>().unwrap_err();
        assert_eq!(
            error,
            PhoneError::UnknownRegion {
                text: wrong.to_owned()
            }
        );
    }
}

#[test]
fn display_and_debug_show_the_country_and_the_last_two_digits() {
    let shown = |text| PhoneNumber::parse(text, None).unwrap().to_string();
    assert_eq!(shown("+15551234543"), "+1********43");
    assert_eq!(shown("+919812345678"), "+91********78");
    let number = PhoneNumber::parse("+15551234543", None).unwrap();
    assert_eq!(format!("{number:?}"), "PhoneNumber(+1********43)");
    assert_eq!(
        format!("{:?}", Some(&number)),
        "Some(PhoneNumber(+1********43))"
    );
}

#[test]
fn a_stored_number_comes_back_as_it_was() {
    let number = PhoneNumber::parse("+1 555 123 4567", None).unwrap();
    let stored = PhoneNumber::from_stored(number.expose().to_owned());
    assert_eq!(stored, number);
    assert_eq!(stored.into_string(), "+15551234567");
}

#[test]
fn no_country_code_begins_another() {
    let codes: Vec<String> = (1..1_000)
        .filter(|code| Country::by_code(*code).is_some())
        .map(|code| code.to_string())
        .collect();
    assert!(codes.len() > 200, "{}", codes.len());
    for code in &codes {
        let is_beginning = |other: &&String| *other != code && other.starts_with(code.as_str());
        assert_eq!(codes.iter().find(is_beginning), None, "{code}");
    }
}

/// The metadata's own example of every kind of number in every region.
fn examples() -> impl Iterator<Item = (&'static Metadata, &'static str)> {
    DATABASE.iter().flat_map(|metadata| {
        descriptors(metadata)
            .filter_map(|kind| kind.example())
            .map(move |example| (metadata, example))
    })
}

/// True where the number can be called from abroad: some are too short.
fn is_dialable(metadata: &Metadata, national: &str) -> bool {
    Country::by_code(metadata.country_code())
        .unwrap()
        .has_length(national.len())
}

#[test]
fn every_example_of_the_metadata_is_read_as_itself() {
    for (metadata, national) in examples().filter(|(m, n)| is_dialable(m, n)) {
        let number = format!("+{}{national}", metadata.country_code());
        reads_as(&number, "", &number);
    }
}

#[test]
fn every_example_of_the_metadata_is_read_in_its_region_with_and_without_trunk_prefix() {
    for (metadata, national) in examples().filter(|(m, n)| is_dialable(m, n)) {
        if metadata.id() == "001" {
            continue; // ships and satellites belong to no region
        }
        let number = format!("+{}{national}", metadata.country_code());
        reads_as(national, metadata.id(), &number);
        let dialled = format!(
            "{}{national}",
            metadata.national_prefix().unwrap_or_default()
        );
        reads_as(&dialled, metadata.id(), &number);
    }
}

fn regions() -> impl Strategy<Value = Option<Region>> {
    prop::option::of(prop::sample::select(vec![
        "IN", "US", "DE", "IT", "RU", "AR", "BR", "BS", "KZ", "JP",
    ]))
    .prop_map(|code| code.map(region))
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[+0-9 ().-]{0,30}",
        "\\+[1-9][0-9]{6,14}",
        "[0-9]{5,14}"
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_was_read_reads_as_itself(text in texts(), region in regions()) {
        let Ok(number) = PhoneNumber::parse(&text, region) else { return Ok(()) };
        let digits = number.expose().strip_prefix('+').unwrap();
        prop_assert!((7..=15).contains(&digits.len()), "{}", number.expose());
        prop_assert!(digits.bytes().all(|b| b.is_ascii_digit()));
        prop_assert!(!digits.starts_with('0'));
        for region in [None, region] {
            prop_assert_eq!(&PhoneNumber::parse(number.expose(), region), &Ok(number.clone()));
        }
    }

    #[test]
    fn what_is_shown_never_holds_the_number(text in texts(), region in regions()) {
        let Ok(number) = PhoneNumber::parse(&text, region) else { return Ok(()) };
        let shown = format!("{number} {number:?} {number:>20}");
        let digits = &number.expose()[1..];
        for end in 5..=digits.len() {
            prop_assert!(!shown.contains(&digits[end - 5..end]), "{}", shown);
        }
    }
}
