//! Nothing a stranger sends makes a reader panic, and nothing they write breaks out of a document.

use carriers::elevenlabs::{DataCollectionIds, conversation, signature as elevenlabs, webhook};
use carriers::exotel;
use carriers::signalwire::cxml::{DialSip, dial_sip};
use carriers::signalwire::signature::{self as signalwire, SignedRequest};
use carriers::signalwire::status;
use chrono::Utc;
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use secrecy::SecretString;
use serde_json::Value;

use crate::samples::{FROM, fixture, india, number};

const TYPES: [Option<&str>; 5] = [
    None,
    Some("application/json"),
    Some("application/x-www-form-urlencoded"),
    Some("multipart/form-data; boundary=x"),
    Some("é; ;"),
];

fn read_as_everything(body: &[u8]) {
    for content_type in TYPES {
        let _ = status::parse_status_callback(content_type, body).map(|e| e.event_key());
        let _ = status::parse_amd(content_type, body).map(|e| e.event_key());
        let _ = status::parse_answer_request(content_type, body).map(|e| e.event_key());
        let _ = status::parse_dial_result(content_type, body).map(|e| e.event_key());
        let _ = exotel::status::parse_status_callback(content_type, body, india())
            .map(|e| e.event_key());
    }
    let _ = webhook::parse(body, &DataCollectionIds::default()).map(|e| e.event_key());
}

/// Any JSON, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(".{0,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Replaces the value at `path`, counted through the tree, by `new`.
fn replace_nth(value: &mut Value, left: &mut usize, new: &Value) {
    if *left == 0 {
        *value = new.clone();
    }
    *left = left.wrapping_sub(1);
    match value {
        Value::Array(list) => list.iter_mut().for_each(|v| replace_nth(v, left, new)),
        Value::Object(map) => map.values_mut().for_each(|v| replace_nth(v, left, new)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_survived(body in prop::collection::vec(any::<u8>(), 0..400)) {
        read_as_everything(&body);
    }

    #[test]
    fn arbitrary_values_of_the_known_fields_are_survived(
        values in prop::collection::vec(".{0,40}", 10)
    ) {
        let names = [
            "CallSid", "CallStatus", "AnsweredBy", "DialCallStatus", "Timestamp", "From", "Status",
            "Legs", "Legs[0][AnsweredBy]", "RecordingUrl",
        ];
        let fields: serde_json::Map<String, Value> =
            names.iter().zip(&values).map(|(n, v)| ((*n).to_owned(), v.as_str().into())).collect();
        read_as_everything(Value::Object(fields).to_string().as_bytes());
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(names.iter().zip(&values))
            .finish();
        read_as_everything(form.as_bytes());
    }

    #[test]
    fn a_conversation_with_any_part_replaced_is_survived(at in 0usize..140, new in any_json()) {
        let mut raw: Value =
            serde_json::from_str(fixture!("elevenlabs_webhook_transcription.json")).unwrap();
        replace_nth(&mut raw, &mut at.clone(), &new);
        read_as_everything(raw.to_string().as_bytes());
        let data = raw.get_mut("data").map(Value::take).unwrap_or_default();
        let _ = conversation::report(data, &DataCollectionIds::default());
    }

    #[test]
    fn arbitrary_signatures_are_refused_without_a_panic(
        url in ".{0,60}", body in prop::collection::vec(any::<u8>(), 0..60), header in ".{0,80}"
    ) {
        let keys = [SecretString::from("key")];
        for content_type in TYPES {
            let request =
                SignedRequest { url: &url, content_type, body: &body, signature: Some(&header) };
            prop_assert!(signalwire::verify(&keys, &request).is_err());
        }
        prop_assert!(elevenlabs::verify(&keys, Some(&header), &body, Utc::now()).is_err());
        let dated = format!("t=1700000000,v0={header}");
        prop_assert!(elevenlabs::verify(&keys, Some(&dated), &body, Utc::now()).is_err());
    }

    #[test]
    fn no_address_breaks_out_of_its_element(uri in "[ -~]{0,60}") {
        let document = dial_sip(&DialSip {
            uri: &uri,
            caller_id: &number(FROM),
            action: &"https://dialer.example/".parse().unwrap(),
            time_limit_s: 60,
        });
        let mut reader = Reader::from_str(&document);
        let mut elements = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Start(e) => elements.push(String::from(e.name().as_ref())),
                Event::Empty(_) => prop_assert!(false, "{document}"),
                Event::Eof => break,
                _ => {}
            }
        }
        prop_assert_eq!(elements, ["Response", "Dial", "Sip"]);
    }
}
