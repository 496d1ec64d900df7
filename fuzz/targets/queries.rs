//! Queries: what is read can be written and read again, and says the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

// The reading itself needs nothing of the program around it.
#[path = "../../src/http/query.rs"]
mod query;

fuzz_target!(|text: &str| {
    let Some(said) = query::read(text) else {
        return;
    };
    let mut pairs = Vec::new();
    for (key, value) in said.as_object().expect("keys with their texts") {
        let texts: Vec<&Value> = match value {
            Value::Array(texts) => texts.iter().collect(),
            one => vec![one],
        };
        assert!(
            texts.len() > 1 || value.is_string(),
            "a list is of several: {said}"
        );
        for one in texts {
            let one = one.as_str().expect("a text");
            assert!(one.len() <= text.len() && key.len() <= text.len());
            let written = |part| utf8_percent_encode(part, NON_ALPHANUMERIC);
            pairs.push(format!("{}={}", written(key), written(one)));
        }
    }
    assert!(pairs.len() <= text.split('&').count());
    // An empty key alone may be written as nothing at all.
    assert_eq!(query::read(&pairs.join("&")), Some(said), "{text:?}");
});
