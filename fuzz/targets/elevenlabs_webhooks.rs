//! ElevenLabs' webhook: what is read has its bounds, and reasons hide numbers.
#![no_main]

use carriers::elevenlabs::DataCollectionIds;
use carriers::elevenlabs::webhook::{WebhookEvent, parse};
use libfuzzer_sys::fuzz_target;

/// The reason of a failure, and the name of what is passed over, are told in logs.
fn assert_sentence(text: &str) {
    assert!(text.chars().count() <= 300);
    assert!(!text.contains(char::is_control), "{text:?}");
    let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len);
    assert!(digits.max().unwrap_or(0) < 7, "{text}");
}

fuzz_target!(|body: &[u8]| {
    let ids = DataCollectionIds::default();
    let Ok(event) = parse(body, &ids) else {
        return;
    };
    match &event {
        WebhookEvent::Conversation { report, .. } => {
            assert!((1..=256).contains(&report.conversation_id.len()));
        }
        WebhookEvent::InitiationFailure(failure) => {
            assert!((1..=256).contains(&failure.conversation_id.len()));
            assert_sentence(&failure.reason);
        }
        WebhookEvent::Ignored { kind } => assert_sentence(kind),
    }
    let key = event.event_key();
    assert_eq!(key.is_none(), matches!(event, WebhookEvent::Ignored { .. }));
    assert!(key.is_none_or(|key| key.len() <= 256 + 64));
    assert!(parse(body, &ids).expect("it was read before") == event);
});
