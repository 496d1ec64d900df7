//! The people who are called.

use std::fmt::Write;
use std::ops::Range;

/// The most contacts that one import request may bring.
pub const REQUEST_CONTACTS: usize = 100_000;

/// The number at a place; each place has another one, up to eight millions.
pub fn number(place: usize) -> String {
    format!("+1{:03}555{:04}", 200 + place / 10_000, place % 10_000)
}

/// The contacts at some places, as CSV.
pub fn csv(places: Range<usize>) -> String {
    let mut csv = String::with_capacity(24 + places.len() * 28);
    csv.push_str("phoneNumber,name\n");
    for place in places {
        let _ = writeln!(csv, "{},Guest {place}", number(place));
    }
    csv
}

/// The same places in parts that one request may have.
pub fn batches(places: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let begins = places.clone().step_by(REQUEST_CONTACTS);
    begins.map(move |begin| begin..places.end.min(begin + REQUEST_CONTACTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_the_whole_without_gap_or_overlap() {
        let parts: Vec<Range<usize>> = batches(0..250_000).collect();
        assert_eq!(parts, [0..100_000, 100_000..200_000, 200_000..250_000]);
    }

    #[test]
    fn no_two_places_have_one_number() {
        let numbers: std::collections::BTreeSet<String> = (0..30_000).map(number).collect();
        assert_eq!(numbers.len(), 30_000);
    }
}
