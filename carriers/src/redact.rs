//! Makes a provider's sentence fit for logs and for operators: no whole phone number, no novel.

use domain::phone::mask;

/// Longest sentence kept, in characters.
const SENTENCE_MAX: usize = 300;

/// Fewer digits than this between two words are no phone number: an error code, an HTTP status, a year.
const NUMBER_DIGITS_MIN: usize = 7;

/// `text` on one line, at most 300 characters long, with every phone number in it masked.
///
/// Any seven digits between two words count as a number, however they are grouped.
pub(crate) fn sentence(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(SENTENCE_MAX)
        .collect();
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
