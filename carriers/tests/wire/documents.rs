//! The documents we answer SignalWire with.

use carriers::signalwire::Callback;
use carriers::signalwire::cxml::{DialNumber, DialSip, dial_number, dial_sip, hangup};
use url::Url;

use crate::samples::{FROM, number};

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

fn action() -> Url {
    "https://dialer.example/hooks/sw/dial-result?attempt=42&n=1"
        .parse()
        .unwrap()
}

#[test]
fn a_call_is_ended_in_one_word() {
    assert_eq!(hangup(), format!("{HEAD}<Response><Hangup/></Response>"));
}

#[test]
fn an_agent_is_dialled_over_sip() {
    let document = dial_sip(&DialSip {
        uri: "sip:+15551234567@sip.rtc.elevenlabs.io:5060;transport=tcp",
        caller_id: &number(FROM),
        action: &action(),
        time_limit_s: 1800,
    });
    assert_eq!(
        document,
        format!(
            "{HEAD}<Response><Dial answerOnBridge=\"true\" callerId=\"+15551234567\" \
             timeLimit=\"1800\" action=\"https://dialer.example/hooks/sw/dial-result?attempt=42\
             &amp;n=1\"><Sip>sip:+15551234567@sip.rtc.elevenlabs.io:5060;transport=tcp</Sip></Dial>\
             </Response>"
        )
    );
}

#[test]
fn what_no_document_can_carry_is_left_out_of_an_address() {
    let document = dial_sip(&DialSip {
        uri: "sip:\0ann\u{1}@example\r\nX: y\u{b}\u{ffff}\u{9f}.com",
        caller_id: &number(FROM),
        action: &action(),
        time_limit_s: 1800,
    });
    assert!(
        document.contains("<Sip>sip:ann@exampleX: y.com</Sip>"),
        "{document:?}"
    );
}

#[test]
fn a_colleague_is_dialled_by_number_with_a_ring_time_the_carrier_accepts() {
    let dial = |timeout_s| {
        dial_number(&DialNumber {
            number: &number("+15553334444"),
            caller_id: &number(FROM),
            action: &action(),
            timeout_s,
            time_limit_s: 3600,
        })
    };
    assert_eq!(
        dial(25),
        format!(
            "{HEAD}<Response><Dial callerId=\"+15551234567\" timeout=\"25\" timeLimit=\"3600\" \
             action=\"https://dialer.example/hooks/sw/dial-result?attempt=42&amp;n=1\">\
             <Number>+15553334444</Number></Dial></Response>"
        )
    );
    assert!(dial(1).contains("timeout=\"5\""));
    assert!(dial(9999).contains("timeout=\"600\""));
}

#[test]
fn callbacks_lie_below_the_calls_own_address() {
    let base: Url = "https://dialer.example/webhooks/signalwire/calls/7"
        .parse()
        .unwrap();
    let slashed: Url = "https://dialer.example/webhooks/signalwire/calls/7/"
        .parse()
        .unwrap();
    for (callback, segment) in [
        (Callback::Answer, "answer"),
        (Callback::Status, "status"),
        (Callback::MachineDetection, "amd"),
        (Callback::DialResult, "dial-result"),
    ] {
        let expected = format!("https://dialer.example/webhooks/signalwire/calls/7/{segment}");
        assert_eq!(callback.url(&base).as_str(), expected);
        assert_eq!(callback.url(&slashed).as_str(), expected);
    }
}
