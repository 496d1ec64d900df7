//! What a query says, key by key.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// The query's keys, each with its text, or with the list of its texts where it was repeated. `names[0]` and what follows
/// counts as `names[]`, in the order in which it comes: some clients number what others repeat. `None` where it is no
/// UTF-8, which axum's own reading would bend into something that is.
pub(super) fn read(query: &str) -> Option<Value> {
    let mut said = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, text) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, text) = (unnumbered(decoded(key)?), Value::String(decoded(text)?));
        match said.get_mut(&key) {
            None => drop(said.insert(key, text)),
            Some(Value::Array(texts)) => texts.push(text),
            Some(first) => {
                let before = first.take();
                *first = Value::Array(vec![before, text]);
            }
        }
    }
    Some(Value::Object(said))
}

/// `key`, without the number between its brackets where it ends with one.
fn unnumbered(key: String) -> String {
    let bare = key.strip_suffix(']').and_then(|key| key.rsplit_once('['));
    match bare {
        Some((name, place)) if place.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{name}[]")
        }
        _ => key,
    }
}

/// A key or a text as it was before it was written into an address.
fn decoded(part: &str) -> Option<String> {
    let spaced = part.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .ok()
        .map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    #[test]
    fn keys_and_texts_are_decoded_and_repeated_ones_kept_together() {
        let said = read("a=1+2&b=%C3%A4%26&&c&a=&a=%2B&d=x=y");
        let expected = json!({ "a": ["1 2", "", "+"], "b": "ä&", "c": "", "d": "x=y" });
        assert_eq!(said, Some(expected));
        assert_eq!(read(""), Some(json!({})));
    }

    #[test]
    fn numbered_keys_are_a_list() {
        let said = read("names[0]=a&names%5B1%5D=b&names[]=c&one[0]=d&x[y]=e&z]=f&[2]=g");
        let expected =
            json!({ "names[]": ["a", "b", "c"], "one[]": "d", "x[y]": "e", "z]": "f", "[]": "g" });
        assert_eq!(said, Some(expected));
    }

    #[test]
    fn bytes_that_are_no_text_are_not_bent_into_one() {
        assert_eq!(read("a=%ff"), None);
        assert_eq!(read("%ff=a"), None);
        // A percent sign that begins nothing stands for itself.
        assert_eq!(read("a=100%"), Some(json!({ "a": "100%" })));
    }
}
