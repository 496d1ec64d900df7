//! Makes a provider's sentence fit for logs and for operators: no whole phone number, no novel.

/// Longest sentence kept, in characters.
const SENTENCE_MAX: usize = 300;

/// Runs of at least this many digits are taken for a phone number.
const DIGITS_MIN: usize = 7;

/// How many digits of a number stay readable, at its end.
const DIGITS_SHOWN: usize = 2;

/// `text` on one line, at most 300 characters long, with every phone number in it masked but for its last two digits.
///
/// A phone number is a run of at least seven digits, however they are grouped by spaces, dots, dashes or brackets.
pub(crate) fn sentence(text: &str) -> String {
    let line: Vec<char> = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(SENTENCE_MAX)
        .collect();
    let mut shown = String::with_capacity(line.len());
    let mut at = 0;
    while at < line.len() {
        let run = run_of_digits(&line[at..]);
        let digits = line[at..at + run].iter().filter(|c| c.is_ascii_digit()).count();
        if digits < DIGITS_MIN {
            // Not a number: what was looked at is passed on, or the one character where nothing was.
            shown.extend(&line[at..at + run.max(1)]);
            at += run.max(1);
            continue;
        }
        let mut hidden = digits - DIGITS_SHOWN;
        for &c in &line[at..at + run] {
            if c.is_ascii_digit() && hidden > 0 {
                hidden -= 1;
                shown.push('*');
            } else {
                shown.push(c);
            }
        }
        at += run;
    }
    shown
}

/// Length of the run of digits and separators that `text` begins with; 0 where it does not begin with a digit.
fn run_of_digits(text: &[char]) -> usize {
    let is_part = |c: &char| c.is_ascii_digit() || matches!(c, ' ' | '.' | '-' | '(' | ')' | '/');
    if !text.first().is_some_and(char::is_ascii_digit) {
        return 0;
    }
    text.iter().take_while(|c| is_part(c)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::sentence;

    #[test]
    fn numbers_are_masked_however_they_are_written() {
        assert_eq!(
            sentence("The 'To' number +15559876543 is not valid"),
            "The 'To' number +*********43 is not valid"
        );
        assert_eq!(sentence("call (555) 987-6543 now"), "call (***) ***-**43 now");
    }

    #[test]
    fn short_figures_stay_readable() {
        assert_eq!(sentence("error 21211, status 400"), "error 21211, status 400");
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
