//! Hiding numbers in what people and logs get to see.

/// Fewer digits than this in a row are no phone number: an HTTP status, a year.
const DIGITS_HIDDEN_FROM: usize = 5;

/// `text` with every phone number in it hidden but for the country code after a `+` and the last two digits:
/// `+15551234543` becomes `+1********43`.
///
/// Any five digits count as a number, whatever stands between them other than letters. It hides too much rather than too
/// little; use it for a text that may be a number, not for prose.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (run, after_run) = split_at(rest, char::is_alphabetic);
        push_masked(&mut masked, run);
        let (words, after_words) = split_at(after_run, |c| !c.is_alphabetic());
        masked.push_str(words);
        rest = after_words;
    }
    masked
}

/// `text` up to the first character that `stops`, and the rest.
fn split_at(text: &str, stops: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(stops).unwrap_or(text.len()))
}

fn push_masked(masked: &mut String, run: &str) {
    // Digits of any script: who reads the log reads them too.
    let digits = run.chars().filter(|c| c.is_numeric()).count();
    if digits < DIGITS_HIDDEN_FROM {
        masked.push_str(run);
        return;
    }
    let hidden = code_digits(run, digits)..digits - 2;
    let mut seen = 0;
    masked.extend(run.chars().map(|c| {
        if !c.is_numeric() {
            return c;
        }
        seen += 1;
        if hidden.contains(&(seen - 1)) { '*' } else { c }
    }));
}

/// How many of the first digits are the country's, and may be seen: one for +1 and +7, two of the others.
fn code_digits(run: &str, digits: usize) -> usize {
    const WHOLE_NUMBER_DIGITS_MIN: usize = 7;
    let Some(first) = run.find(char::is_numeric) else {
        return 0;
    };
    let (before, number) = run.split_at(first);
    if digits < WHOLE_NUMBER_DIGITS_MIN || !before.ends_with('+') {
        return 0;
    }
    if number.starts_with(['1', '7']) { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::mask;

    #[test]
    fn mask_hides_every_number_in_a_text_and_leaves_what_is_none() {
        for (text, masked) in [
            ("+15551234543", "+1********43"),
            ("98123 45678", "***** ***78"),
            ("+1 (555) 123-4543", "+1 (***) ***-**43"),
            (
                "sip:+15551234543@example.com",
                "sip:+1********43@example.com",
            ),
            (
                "The 'To' number +15551234543 is not valid",
                "The 'To' number +1********43 is not valid",
            ),
            (
                "from +15551234543 to +15559876521",
                "from +1********43 to +1********21",
            ),
            ("٠١٢٣٤٥٦٧٨", "*******٧٨"),
            ("12345", "***45"),
            ("error 404 in 2026", "error 404 in 2026"),
            ("call me", "call me"),
            ("", ""),
        ] {
            assert_eq!(mask(text), masked, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn mask_hides_all_but_four_digits_and_changes_nothing_else(text in prop_oneof![any::<String>(), "[+0-9 a-z().-]{0,40}"]) {
            let masked = mask(&text);
            prop_assert_eq!(masked.chars().count(), text.chars().count());
            let mut run = 0;
            for (before, after) in text.chars().zip(masked.chars()) {
                prop_assert!(before == after || (before.is_numeric() && after == '*'));
                run = match after {
                    _ if after.is_alphabetic() => 0,
                    _ if after.is_numeric() => run + 1,
                    _ => run,
                };
                prop_assert!(run <= 4, "{:?}", masked);
            }
        }
    }
}
