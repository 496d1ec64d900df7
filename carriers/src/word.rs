//! Short texts of others: names of calls, and words such as a status.

/// Longest name of a call, in bytes. Genuine ones are UUIDs, or have 32.
const ID_MAX: usize = 64;

/// Longest word kept, in characters.
const WORD_MAX: usize = 64;

/// True where `text` can be a carrier's name of something: short and printable.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= ID_MAX && text.bytes().all(|b| b.is_ascii_graphic())
}

/// `text` without control characters, at most as long as a genuine word.
pub(crate) fn word(text: &str) -> String {
    text.trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(WORD_MAX)
        .collect()
}
