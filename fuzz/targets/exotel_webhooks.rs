//! Exotel's webhook, as JSON, as a form, as a form in parts: what is read is short, printable, and shows neither a number
//! nor the address of a recording whole.
#![no_main]

use carriers::exotel::status::parse_status_callback;
use carriers::exotel::token;
use fuzz::{assert_hides, assert_id, assert_key, assert_word, request};
use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;

fuzz_target!(|input: &[u8]| {
    let (content_type, body) = request(input);
    let india = "IN".parse().expect("a region");
    if let Ok(event) = parse_status_callback(content_type, body, india) {
        assert_id(&event.call_sid);
        assert_word(&event.status);
        assert_key(&event.event_key());
        event.direction.iter().for_each(|word| assert_word(word));
        assert!(event.legs.len() <= 16, "{} legs", event.legs.len());
        event
            .legs
            .iter()
            .filter_map(|leg| leg.status.as_deref())
            .for_each(assert_word);
        let shown = format!("{event:?}");
        assert_hides(&shown, event.from.as_ref());
        assert_hides(&shown, event.to.as_ref());
        if let Some(url) = &event.recording_url {
            assert!(matches!(url.scheme(), "http" | "https"));
            assert!(url.as_str().len() <= 3 * 2_048);
        }
        let again = parse_status_callback(content_type, body, india).expect("it was read before");
        assert!(again == event);
    }
    // The address is the only secret: nobody guesses it.
    if let Ok(given) = str::from_utf8(body) {
        let tokens = [SecretString::from("a-token-that-nobody-can-ever-guess")];
        assert!(token::verify(&tokens, given).is_err());
        let own = SecretString::from(given);
        if token::check(&own).is_ok() {
            assert!(token::verify(&[own], given).is_ok());
        }
    }
});
