//! What several targets look at.
//!
//! The reading of rows belongs to the engine, which stands on a database and a queue. They would be built anew for this,
//! and take longer than all the targets run; so only the files that read are taken in here.

pub mod contacts;
pub mod error;
mod export;
#[path = "../../engine/src/field.rs"]
#[allow(dead_code, reason = "some of it is for requests")]
pub(crate) mod field;
#[path = "../../engine/src/import/mod.rs"]
#[allow(dead_code, unused_imports, reason = "some of it is for keeping rows")]
pub(crate) mod import;

/// A request as the corpora have it: the content type in the first line, the body behind it.
pub fn request(input: &[u8]) -> (Option<&str>, &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n');
    let (head, body) = input.split_at(end.unwrap_or(0));
    let body = body.strip_prefix(b"\n").unwrap_or(body);
    let content_type = str::from_utf8(head).ok().filter(|head| !head.is_empty());
    (content_type, body)
}

/// A name of something at a provider: short and printable, or it would not have been believed.
pub fn assert_id(id: &str) {
    assert!((1..=64).contains(&id.len()), "{} bytes", id.len());
    assert!(id.bytes().all(|byte| byte.is_ascii_graphic()), "{id:?}");
}

/// A word of a provider's: short, on one line.
pub fn assert_word(word: &str) {
    assert!(word.chars().count() <= 64, "{word:?}");
    assert!(!word.contains(char::is_control), "{word:?}");
}

/// The key of an event is kept under a unique index: it has its bounds.
pub fn assert_key(key: &str) {
    assert!(key.len() <= 1_024, "{} bytes", key.len());
    assert!(!key.contains('\0'), "{key:?}");
}

/// What is written into logs shows no number whole.
pub fn assert_hides(shown: &str, number: Option<&domain::PhoneNumber>) {
    if let Some(number) = number {
        let number = number.expose();
        assert!(number.starts_with('+') && number.len() <= 16, "{number}");
        assert!(!shown.contains(number), "{shown}");
    }
}
