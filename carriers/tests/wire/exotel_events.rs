//! What Exotel's callbacks say, in every form they come in.

use carriers::EventError;
use carriers::exotel::status::{Occasion, StatusCallback, parse_status_callback};
use domain::AnsweredBy;
use domain::progress::{End, News};
use serde_json::{Value, json};

use crate::samples::{CALL_ID, EXOTEL_SID, call_id, fixture, india, number};

const TERMINAL: &str = fixture!("exotel_callback_terminal.json");
const JSON: Option<&str> = Some("application/json; charset=utf-8");

fn read(content_type: Option<&str>, body: &str) -> StatusCallback {
    parse_status_callback(content_type, body.as_bytes(), india()).unwrap()
}

fn accepted() -> News {
    News::Accepted {
        carrier_call_id: EXOTEL_SID.to_owned(),
    }
}

fn over(duration_s: Option<u32>) -> News {
    News::Ended {
        end: End::Completed,
        duration_s,
    }
}

#[test]
fn the_end_of_a_call_is_read_with_both_of_its_legs() {
    let event = read(JSON, TERMINAL);
    assert_eq!(event.call_sid, EXOTEL_SID);
    assert_eq!(
        (event.occasion, event.status.as_str()),
        (Occasion::Terminal, "completed")
    );
    assert_eq!(event.call_id, None); // "attempt_42" is no name of ours
    assert_eq!(event.from, Some(number("+919876543210")));
    assert_eq!(event.to, Some(number("+919123456789")));
    assert_eq!(event.recording_url, None);
    assert_eq!(event.legs.len(), 2);
    assert_eq!(event.legs[0].on_call_s, Some(335));
    assert_eq!(
        event.news,
        [
            accepted(),
            News::Detected(AnsweredBy::Human),
            over(Some(320))
        ]
    );
    assert_eq!(
        event.event_key(),
        format!("{EXOTEL_SID}:status:completed:terminal")
    );
    assert!(!event.is_inbound());
}

#[test]
fn json_and_both_kinds_of_form_say_the_same() {
    let expected = StatusCallback {
        call_id: Some(call_id()),
        ..read(JSON, TERMINAL)
    };
    let raw = TERMINAL.replace("attempt_42", CALL_ID);
    assert_eq!(read(JSON, &raw), expected);

    let mut flat: Vec<(String, String)> = Vec::new();
    let Value::Object(fields) = serde_json::from_str::<Value>(&raw).unwrap() else {
        panic!("an object")
    };
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(), // null becomes "null"
    };
    for (name, value) in &fields {
        match value {
            Value::Array(legs) => {
                for (index, leg) in legs.iter().enumerate() {
                    for (key, value) in leg.as_object().unwrap() {
                        flat.push((format!("{name}[{index}][{key}]"), text(value)));
                    }
                }
            }
            value => flat.push((name.clone(), text(value))),
        }
    }
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&flat)
        .finish();
    assert_eq!(
        read(Some("application/x-www-form-urlencoded"), &form),
        expected
    );
    assert_eq!(read(None, &form), expected);

    let parts: String = flat
        .iter()
        .map(|(name, value)| {
            format!(
                "--frontier\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
        })
        .collect();
    let body = format!("{parts}--frontier--\r\n");
    assert_eq!(
        read(Some("multipart/form-data; boundary=frontier"), &body),
        expected
    );

    // Legs that stayed JSON within a form.
    let legs = fields["Legs"].to_string();
    let mixed: Vec<(&str, &str)> = flat
        .iter()
        .filter(|(name, _)| !name.starts_with("Legs"))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain([("Legs", legs.as_str())])
        .collect();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&mixed)
        .finish();
    assert_eq!(read(None, &form), expected);
}

#[test]
fn the_short_form_is_enough() {
    let body = format!(
        "CallSid={EXOTEL_SID}&DateUpdated=2024-01-15+14%3A30%3A45&Status=busy&RecordingUrl=https%3A%2F%2Frecordings.example%2Fr.mp3"
    );
    let event = read(None, &body);
    let end = News::Ended {
        end: End::Busy,
        duration_s: None,
    };
    assert_eq!(event.news, [accepted(), end]);
    assert_eq!(event.occasion, Occasion::Unsaid);
    assert!(!format!("{event:?}").contains("r.mp3"));
    assert_eq!(
        event.recording_url.unwrap().as_str(),
        "https://recordings.example/r.mp3"
    );
}

#[test]
fn only_the_event_says_that_somebody_picked_up() {
    let body = |event: &str| {
        json!({
            "CallSid": EXOTEL_SID, "EventType": event, "Status": "in-progress",
            "Legs": [{"OnCallDuration": 0, "Status": "in-progress", "AnsweredBy": "Machine"}],
        })
        .to_string()
    };
    let machine = News::Detected(AnsweredBy::Machine);
    let answered = read(JSON, &body("answered"));
    assert_eq!(answered.news, [accepted(), News::Answered, machine.clone()]);
    let unsaid = read(JSON, &body("something-new"));
    assert_eq!(unsaid.news, [accepted(), machine]);
    assert_ne!(answered.event_key(), unsaid.event_key());
}

#[test]
fn every_status_and_every_verdict_is_understood_in_any_case() {
    let end_of = |status: &str| {
        let body = json!({"CallSid": EXOTEL_SID, "Status": status}).to_string();
        read(JSON, &body)
            .news
            .into_iter()
            .find_map(|news| match news {
                News::Ended { end, .. } => Some(end),
                _ => None,
            })
    };
    for (status, end) in [
        ("completed", Some(End::Completed)),
        ("Busy", Some(End::Busy)),
        ("no-answer", Some(End::NoAnswer)),
        ("FAILED", Some(End::Failed)),
        ("canceled", Some(End::Canceled)),
        ("queued", None),
        ("ringing", None),
        ("in-progress", None),
        ("a-word-of-tomorrow", None),
    ] {
        assert_eq!(end_of(status), end, "{status}");
    }
    for (word, by) in [
        ("HUMAN", Some(AnsweredBy::Human)),
        ("machine", Some(AnsweredBy::Machine)),
        ("NotSure", Some(AnsweredBy::Unknown)),
        ("NA", None),
        ("", None),
    ] {
        let body = json!({
            "CallSid": EXOTEL_SID, "Status": "completed", "Legs": [{"AnsweredBy": word}],
        });
        let news = read(JSON, &body.to_string()).news;
        let found = news.iter().find_map(|news| match news {
            News::Detected(by) => Some(*by),
            _ => None,
        });
        assert_eq!(found, by, "{word}");
    }
}

#[test]
fn one_line_alone_has_talked_as_long_as_it_was_open() {
    let body = json!({
        "CallSid": EXOTEL_SID, "EventType": "terminal", "Status": "completed",
        "ConversationDuration": 0, "Legs": [{"OnCallDuration": "41", "Status": "completed"}],
    });
    let event = read(JSON, &body.to_string());
    assert_eq!(event.news, [accepted(), over(Some(41))]);
}

#[test]
fn what_is_no_callback_is_refused_with_the_reason() {
    let parse = |content_type, body: &[u8]| parse_status_callback(content_type, body, india());
    let long = vec![b'x'; 70_000];
    assert!(matches!(
        parse(None, &long),
        Err(EventError::TooLarge { .. })
    ));
    for (content_type, body) in [
        (JSON, "CallSid=1"),
        (JSON, "[]"),
        (Some("multipart/form-data"), "no boundary"),
        (
            Some("multipart/form-data; boundary=x"),
            "--x\r\nContent-Disposition: form-data; name=\"CallSid\"\r\n\r\ncut off",
        ),
    ] {
        let error = parse(content_type, body.as_bytes()).unwrap_err();
        assert!(
            matches!(error, EventError::Unreadable { .. }),
            "{body}: {error:?}"
        );
    }
    for (body, missing) in [
        ("Status=completed", "CallSid"),
        ("CallSid=a%20b&Status=completed", "CallSid"),
        ("CallSid=abc", "Status"),
        ("CallSid=abc&Status=null", "Status"),
    ] {
        match parse(None, body.as_bytes()) {
            Err(EventError::Field { field }) => assert_eq!(field, missing),
            other => panic!("{body}: {other:?}"),
        }
    }
}
