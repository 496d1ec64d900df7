//! Short texts of others: names of calls, and words such as a status.

use domain::phone::mask;

/// Longest name of a call, in bytes. Genuine ones are UUIDs, or have 32.
const ID_MAX: usize = 64;

/// Longest word kept, in characters.
const WORD_MAX: usize = 64;

/// True where `text` can be a carrier's name of something: short and printable, and no telephone number. Names are logged.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= ID_MAX
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'+')
}

/// `text` without control characters, at most as long as a genuine word, with any number in it hidden: words are logged.
pub(crate) fn word(text: &str) -> String {
    let printable = text.trim().chars().filter(|c| !c.is_control());
    let word: String = printable.take(WORD_MAX).collect();
    mask(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_the_place_of_a_word_or_a_name_is_not_shown() {
        assert_eq!(word(" compl\u{1f}eted "), "completed");
        assert_eq!(word("200"), "200");
        assert_eq!(word("bu\u{1f}To=+12025550143sy"), "buTo=+1********43sy");
        assert!(!is_id("+12025550143"));
        assert!(is_id("5b0f7f3e-8d0c-4a0e-9a53-3d2111111111"));
    }
}
