//! Makes a provider's sentence fit for logs and for operators: no whole phone number, no address, no novel.

use domain::phone::mask;

/// Longest sentence kept, in characters.
const SENTENCE_MAX: usize = 300;

/// Fewer digits than this between two words are no phone number: an error code, an HTTP status, a year.
const NUMBER_DIGITS_MIN: usize = 7;

/// What stands in place of an address.
const ADDRESS: &str = "(address)";

/// What makes a word an address, or a part of one of ours. Some of ours hold a secret, as some providers sign nothing.
const ADDRESS_MARKS: [&str; 4] = ["://", ":\\/\\/", "%3a%2f%2f", "/webhooks/"];

/// `text` on one line, at most 300 characters long, with every address cut out and every phone number masked.
///
/// Any seven digits between two words count as a number, however they are grouped.
pub(crate) fn sentence(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(SENTENCE_MAX)
        .collect();
    let line = without_addresses(&line);
    let mut shown = String::with_capacity(line.len());
    let mut rest = line.as_str();
    while !rest.is_empty() {
        let (run, words) = rest.split_at(rest.find(char::is_alphabetic).unwrap_or(rest.len()));
        if run.chars().filter(|c| c.is_numeric()).count() < NUMBER_DIGITS_MIN {
            shown.push_str(run);
        } else {
            shown.push_str(&mask(run));
        }
        let (words, after) = words.split_at(
            words
                .find(|c: char| !c.is_alphabetic())
                .unwrap_or(words.len()),
        );
        shown.push_str(words);
        rest = after;
    }
    shown
}

fn without_addresses(line: &str) -> String {
    let shown = |word: &str| {
        let lower = word.to_ascii_lowercase();
        let is_address = ADDRESS_MARKS.iter().any(|mark| lower.contains(mark));
        if is_address { ADDRESS } else { word }.to_owned()
    };
    line.split(' ').map(shown).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::sentence;

    #[test]
    fn numbers_are_masked_however_they_are_written() {
        assert_eq!(
            sentence("The 'To' number +15559876543 is not valid"),
            "The 'To' number +1********43 is not valid"
        );
        assert_eq!(
            sentence("call (555) 987-6543 now"),
            "call (***) ***-**43 now"
        );
    }

    #[test]
    fn short_figures_stay_readable() {
        assert_eq!(
            sentence("error 21211, status 400"),
            "error 21211, status 400"
        );
    }

    #[test]
    fn addresses_are_cut_out_however_they_are_written() {
        for address in [
            "https://dialer.example/webhooks/exotel/token/calls/1/status",
            "'HTTP://dialer.example/?key=token'",
            "https:\\/\\/dialer.example\\/token",
            "url=https%3A%2F%2Fdialer.example%2Ftoken",
            "dialer.example/webhooks/exotel/token",
        ] {
            let shown = sentence(&format!("StatusCallback {address} is not valid"));
            assert_eq!(shown, "StatusCallback (address) is not valid", "{address}");
        }
    }

    #[test]
    fn a_sentence_is_one_line_and_bounded() {
        assert_eq!(sentence("a\r\nb"), "a  b");
        assert_eq!(sentence(&"x".repeat(10_000)).len(), 300);
    }

    proptest! {
        #[test]
        fn no_text_keeps_seven_digits_in_a_row(text in "[0-9+ ().a-z-]{0,80}") {
            let shown = sentence(&text);
            let longest = shown.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
            prop_assert!(longest < 7, "{shown}");
        }

        #[test]
        fn any_text_is_survived(text in ".{0,400}") {
            sentence(&text);
        }
    }
}
