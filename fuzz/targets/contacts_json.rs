//! Contacts as JSON: every good element can be kept, elements are numbered from 1, and a list that we write is read as it was.
#![no_main]

use domain::Region;
use fuzz::contacts::rows::{assert_keepable, from_json};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|text: &[u8]| {
    let region: Option<Region> = "IN".parse().ok();
    let Ok(rows) = from_json(text, region) else {
        return;
    };
    let mut again = Vec::new();
    for ((number, row), expected) in rows.iter().zip(1..) {
        assert_eq!(*number, expected);
        match row {
            Ok(contact) => {
                assert_keepable(contact);
                let [name, first, last, email, zone] = &contact.texts;
                again.push(json!({
                    "phoneNumber": contact.phone_number.expose(), "name": name, "firstName": first, "lastName": last,
                    "email": email, "timezone": zone, "metadata": contact.metadata,
                }));
            }
            Err(errors) => assert!(!errors.is_empty(), "a bad element has its reason"),
        }
    }
    let written = json!({ "contacts": Value::Array(again) }).to_string();
    let read = from_json(written.as_bytes(), region).expect("it is a list");
    let good: Vec<_> = rows
        .iter()
        .filter_map(|(_, row)| row.as_ref().ok())
        .collect();
    assert_eq!(read.len(), good.len());
    for ((_, read), written) in read.iter().zip(good) {
        assert_eq!(read.as_ref().ok(), Some(written), "{read:?}");
    }
});
