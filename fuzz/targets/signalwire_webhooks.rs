//! Every webhook of SignalWire's, in every content type: what is read is short, printable, and shows no number whole.
#![no_main]

use carriers::signalwire::recording::parse_recording;
use carriers::signalwire::status::{
    parse_amd, parse_answer_request, parse_dial_result, parse_status_callback,
};
use fuzz::{assert_hides, assert_id, assert_key, assert_word, request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let (content_type, body) = request(input);
    if let Ok(event) = parse_status_callback(content_type, body) {
        assert_id(&event.call_sid);
        assert_word(event.status.as_str());
        assert_key(&event.event_key());
        let words = [
            &event.direction,
            &event.parent_call_sid,
            &event.sip_result_code,
        ];
        words
            .into_iter()
            .chain([&event.hung_up_by])
            .flatten()
            .for_each(|word| assert_word(word));
        assert!(event.duration_s.is_none() || event.status.is_final());
        assert!(event.parent_call_sid.is_none() || event.news.is_empty());
        let shown = format!("{event:?}");
        assert_hides(&shown, event.from.as_ref());
        assert_hides(&shown, event.to.as_ref());
        // A repetition is known by its key.
        let again = parse_status_callback(content_type, body).expect("it was read before");
        assert_eq!(again, event);
    }
    if let Ok(event) = parse_amd(content_type, body) {
        assert_id(&event.call_sid);
        assert_word(&event.word);
        assert_key(&event.event_key());
    }
    if let Ok(event) = parse_answer_request(content_type, body) {
        assert_id(&event.call_sid);
        assert_key(&event.event_key());
        let shown = format!("{event:?}");
        assert_hides(&shown, event.from.as_ref());
        assert_hides(&shown, event.to.as_ref());
    }
    if let Ok(event) = parse_dial_result(content_type, body) {
        assert_id(&event.call_sid);
        assert_word(event.status.as_str());
        event.leg_sid.iter().for_each(|word| assert_word(word));
        assert_key(&event.event_key());
    }
    if let Ok(event) = parse_recording(content_type, body) {
        assert_id(&event.call_sid);
        assert_id(&event.recording_sid);
        assert_key(&event.event_key());
        if let Some(recording) = event.recording {
            assert!(recording.url.len() <= 2_000);
            let url: url::Url = recording.url.parse().expect("an address");
            assert!(matches!(url.scheme(), "http" | "https"));
        }
    }
});
