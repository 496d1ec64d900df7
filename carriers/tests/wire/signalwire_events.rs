//! What SignalWire tells us, in our words.

use carriers::EventError;
use carriers::signalwire::recording::{Recording, parse_recording};
use carriers::signalwire::status::{
    CarrierStatus, parse_amd, parse_answer_request, parse_dial_result, parse_status_callback,
};
use domain::AnsweredBy;
use domain::progress::{End, News};

use crate::samples::{CALL_SID, assert_discreet, instant, number};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
const COMPLETED: &str = "CallSid=7d1f2c3a-0000-4000-8000-00000000c001\
    &AccountSid=11111111-2222-4333-8444-555555555555&ApiVersion=2010-04-01&CallStatus=completed\
    &CallDuration=94&Direction=outbound-api&From=%2B15551234567&To=%2B15559876543\
    &Timestamp=Thu%2C+04+Apr+2024+18%3A32%3A15+%2B0000&SequenceNumber=3\
    &CallbackSource=call-progress-events&SipResultCode=200";

fn accepted() -> News {
    News::Accepted {
        carrier_call_id: CALL_SID.to_owned(),
    }
}

fn ended(end: End) -> News {
    News::Ended {
        end,
        duration_s: None,
    }
}

#[test]
fn a_completed_call_is_read_from_the_recorded_form() {
    let event = parse_status_callback(FORM, COMPLETED.as_bytes()).unwrap();
    assert_eq!(event.call_sid, CALL_SID);
    assert_eq!(event.status, CarrierStatus::Completed);
    assert_eq!(event.sequence, Some(3));
    assert_eq!(event.occurred_at, Some(instant("2024-04-04T18:32:15Z")));
    let over = News::Ended {
        end: End::Completed,
        duration_s: Some(94),
    };
    assert_eq!(event.news, [accepted(), over]);
    assert_eq!(event.direction.as_deref(), Some("outbound-api"));
    assert_eq!(event.from, Some(number("+15551234567")));
    assert_eq!(event.to, Some(number("+15559876543")));
    assert_eq!(event.sip_result_code.as_deref(), Some("200"));
    assert_eq!(event.event_key(), format!("{CALL_SID}:status:completed:3"));
    assert_discreet(&format!("{event:?}"));
}

#[test]
fn json_labelled_as_such_says_the_same() {
    let json = br#"{"CallSid":"7d1f2c3a-0000-4000-8000-00000000c001","CallStatus":"completed",
        "CallDuration":94,"SequenceNumber":3,"Direction":"outbound-api","From":"+15551234567",
        "To":"+15559876543","Timestamp":"Thu, 04 Apr 2024 18:32:15 +0000","SipResultCode":"200",
        "Nested":{"a":[1]},"Nothing":null}"#;
    let event = parse_status_callback(Some("application/json; charset=utf-8"), json).unwrap();
    assert_eq!(
        event,
        parse_status_callback(None, COMPLETED.as_bytes()).unwrap()
    );
}

#[test]
fn every_status_teaches_what_it_means() {
    for (word, taught) in [
        ("initiated", vec![accepted()]),
        ("queued", vec![accepted()]),
        ("ringing", vec![accepted(), News::Ringing]),
        ("in-progress", vec![accepted(), News::Answered]),
        ("completed", vec![accepted(), ended(End::Completed)]),
        ("busy", vec![accepted(), ended(End::Busy)]),
        ("no-answer", vec![accepted(), ended(End::NoAnswer)]),
        ("failed", vec![accepted(), ended(End::Failed)]),
        ("canceled", vec![accepted(), ended(End::Canceled)]),
        ("a-word-of-tomorrow", vec![accepted()]),
    ] {
        let body = format!("CallSid={CALL_SID}&CallStatus={word}");
        let event = parse_status_callback(FORM, body.as_bytes()).unwrap();
        assert_eq!(event.news, taught, "{word}");
        assert_eq!(event.status.as_str(), word);
    }
}

#[test]
fn a_machine_that_picked_up_is_known_before_the_call_ends() {
    let body = format!("CallSid={CALL_SID}&CallStatus=completed&AnsweredBy=machine_start");
    let event = parse_status_callback(FORM, body.as_bytes()).unwrap();
    let machine = News::Detected(AnsweredBy::Machine);
    assert_eq!(event.news, [accepted(), machine, ended(End::Completed)]);
}

#[test]
fn the_end_of_a_dialled_leg_is_not_the_end_of_the_call() {
    let body = format!("CallSid=leg-1&ParentCallSid={CALL_SID}&CallStatus=completed");
    let event = parse_status_callback(FORM, body.as_bytes()).unwrap();
    assert_eq!(event.news, []);
    assert_eq!(event.parent_call_sid.as_deref(), Some(CALL_SID));
}

#[test]
fn an_event_without_a_call_or_a_status_is_refused() {
    for (body, missing) in [
        ("CallStatus=busy", "CallSid"),
        ("CallSid=&CallStatus=busy", "CallSid"),
        ("CallSid=a+b&CallStatus=busy", "CallSid"),
        ("CallSid=abc", "CallStatus"),
        ("", "CallSid"),
    ] {
        match parse_status_callback(FORM, body.as_bytes()) {
            Err(EventError::Field { field }) => assert_eq!(field, missing, "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
    let long = format!("CallSid={}&CallStatus=busy", "x".repeat(65));
    assert!(parse_status_callback(FORM, long.as_bytes()).is_err());
}

#[test]
fn a_body_beyond_its_bound_or_not_json_is_refused() {
    let long = vec![b'x'; 64 * 1024 + 1];
    let result = parse_status_callback(FORM, &long);
    assert!(
        matches!(result, Err(EventError::TooLarge { .. })),
        "{result:?}"
    );
    let result = parse_status_callback(Some("application/json"), b"CallSid=x");
    assert!(
        matches!(result, Err(EventError::Unreadable { .. })),
        "{result:?}"
    );
}

#[test]
fn who_picked_up_is_told_by_the_beginning_of_the_word() {
    for (word, by) in [
        ("human", AnsweredBy::Human),
        ("machine", AnsweredBy::Machine),
        ("machine_start", AnsweredBy::Machine),
        ("machine_end_beep", AnsweredBy::Machine),
        ("machine_end_silence", AnsweredBy::Machine),
        ("machine_end_other", AnsweredBy::Machine),
        ("MACHINE", AnsweredBy::Machine),
        ("fax", AnsweredBy::Fax),
        ("unknown", AnsweredBy::Unknown),
        ("a_word_of_tomorrow", AnsweredBy::Unknown),
    ] {
        let body = format!("CallSid={CALL_SID}&AnsweredBy={word}&MachineDetectionDuration=3200");
        let event = parse_amd(FORM, body.as_bytes()).unwrap();
        assert_eq!(event.answered_by, by, "{word}");
        assert_eq!(event.took_ms, Some(3200));
        assert_eq!(event.news, [accepted(), News::Answered, News::Detected(by)]);
        assert_eq!(event.event_key(), format!("{CALL_SID}:amd:{word}:-"));
    }
    assert!(parse_amd(FORM, format!("CallSid={CALL_SID}").as_bytes()).is_err());
}

#[test]
fn asking_for_the_document_means_that_the_call_was_answered() {
    let body = format!("CallSid={CALL_SID}&CallStatus=in-progress&From=%2B15551234567");
    let request = parse_answer_request(FORM, body.as_bytes()).unwrap();
    assert_eq!(request.news, [accepted(), News::Answered]);
    assert_eq!(
        request.event_key(),
        format!("{CALL_SID}:answer:in-progress:-")
    );
    // The status may be one behind.
    let body = format!("CallSid={CALL_SID}&CallStatus=ringing");
    let request = parse_answer_request(FORM, body.as_bytes()).unwrap();
    assert_eq!(request.news, [accepted(), News::Answered]);
}

#[test]
fn a_dialled_leg_reports_its_own_end() {
    let body = format!(
        "CallSid={CALL_SID}&CallStatus=in-progress&DialCallStatus=failed&DialCallSid=leg-1\
         &DialCallDuration=0&DialSipResponseCode=503"
    );
    let result = parse_dial_result(FORM, body.as_bytes()).unwrap();
    assert_eq!(result.status, CarrierStatus::Failed);
    assert_eq!(result.leg_sid.as_deref(), Some("leg-1"));
    assert_eq!(result.duration_s, Some(0));
    assert_eq!(result.sip_result_code.as_deref(), Some("503"));
    assert_eq!(result.news, [accepted(), News::Answered]);
    assert_eq!(result.event_key(), format!("{CALL_SID}:dial:failed:leg-1"));
}

#[test]
fn only_a_call_that_somebody_else_began_and_no_leg_is_inbound() {
    let is_inbound = |extra: &str| {
        let body = format!("CallSid=CA1&CallStatus=ringing{extra}");
        let event = parse_status_callback(None, body.as_bytes());
        event.expect("an event").is_inbound()
    };
    assert!(is_inbound("&Direction=inbound"));
    assert!(is_inbound("&Direction=Inbound&ParentCallSid="));
    for extra in [
        "",
        "&Direction=",
        "&Direction=outbound-api",
        "&Direction=outbound-dial",
        "&Direction=inbound&ParentCallSid=CA2",
    ] {
        assert!(!is_inbound(extra), "{extra}");
    }
}

const RECORDED: &str = "CallSid=7d1f2c3a-0000-4000-8000-00000000c001&RecordingSid=re-1&RecordingStatus=completed\
    &RecordingUrl=https%3A%2F%2Fexample.signalwire.com%2Fr%2Fre-1&RecordingDuration=94&RecordingChannels=1\
    &RecordingSource=OutboundAPI";

#[test]
fn a_recording_is_read_and_one_that_is_absent_or_not_complete_has_no_address() {
    let event = parse_recording(FORM, RECORDED.as_bytes()).unwrap();
    let recording = Recording {
        url: "https://example.signalwire.com/r/re-1".to_owned(),
        duration_s: Some(94),
    };
    assert_eq!(event.recording, Some(recording));
    assert_eq!(event.call_sid, CALL_SID);
    for status in ["absent", "in-progress", "something-new"] {
        let body = RECORDED.replace("completed", status);
        let other = parse_recording(FORM, body.as_bytes()).unwrap();
        assert_eq!(other.recording, None, "{status}");
        assert_ne!(other.event_key(), event.event_key());
    }
}

#[test]
fn a_recording_without_a_name_a_status_or_an_address_of_the_web_is_refused() {
    let genuine = "https%3A%2F%2Fexample.signalwire.com%2Fr%2Fre-1";
    let long = format!("https://example.com/{}", "x".repeat(2_000));
    let bad = [
        RECORDED.replace("CallSid", "Sid"),
        RECORDED.replace("RecordingSid", "Sid"),
        RECORDED.replace("RecordingStatus", "Status"),
        RECORDED.replace("RecordingUrl", "Url"),
        RECORDED.replace(genuine, "ftp%3A%2F%2Fexample.com"),
        RECORDED.replace(genuine, "https%3A%2F%2Fexample.com%2F%00"),
        RECORDED.replace(genuine, &long),
    ];
    for body in bad {
        let refused = parse_recording(FORM, body.as_bytes());
        assert!(
            matches!(refused, Err(EventError::Field { .. })),
            "{body:.300}"
        );
    }
}
