//! Signatures: nobody without the key makes one that is believed; one that is good is believed, and not over anything else.
#![no_main]

use arbitrary::Arbitrary;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carriers::elevenlabs::signature as elevenlabs;
use carriers::signalwire::signature::{self as signalwire, SignedRequest};
use chrono::{DateTime, TimeDelta};
use hmac::{Hmac, KeyInit as _, Mac as _};
use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;
use sha1::Sha1;
use sha2::Sha256;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    header: &'a str,
    path: &'a str,
    content_type: Option<&'a str>,
    body: &'a [u8],
    seconds_off: i32,
}

const KEY: &str = "a-key-that-no-input-can-know";

fuzz_target!(|input: Input<'_>| {
    let keys = [SecretString::from(KEY)];
    from_signalwire(&keys, &input);
    from_elevenlabs(&keys, &input);
});

fn from_signalwire(keys: &[SecretString], input: &Input<'_>) {
    let url = format!("https://dialer.example.com/webhooks/{}", input.path);
    let believed = |signature: &str, body: &[u8]| {
        let request = SignedRequest {
            url: &url,
            content_type: input.content_type,
            body,
            signature: Some(signature),
        };
        signalwire::verify(keys, &request).is_ok()
    };
    assert!(!believed(input.header, input.body), "{input:?}");
    // A body that is no form is signed as it is, behind the address.
    if input.content_type == Some("application/json") {
        let mut mac = Hmac::<Sha1>::new_from_slice(KEY.as_bytes()).expect("any key will do");
        mac.update(url.as_bytes());
        mac.update(input.body);
        let good = hex::encode(mac.finalize().into_bytes());
        let is_believed = believed(&good, input.body);
        if is_believed {
            assert!(!believed(&good, &[input.body, b"x"].concat()));
        } else {
            // Only where the address binds the body by its hash, or is none.
            assert!(
                url.contains("bodySHA256") || url.parse::<url::Url>().is_err(),
                "{input:?}"
            );
        }
    }
    if input.content_type == Some("application/x-www-form-urlencoded") && input.body.is_empty() {
        let mut mac = Hmac::<Sha1>::new_from_slice(KEY.as_bytes()).expect("any key will do");
        mac.update(url.as_bytes());
        let good = STANDARD.encode(mac.finalize().into_bytes());
        assert!(
            believed(&good, b"") || url.contains("bodySHA256"),
            "{input:?}"
        );
        assert!(!believed(&good, b"CallStatus=completed"));
    }
}

fn from_elevenlabs(keys: &[SecretString], input: &Input<'_>) {
    let signed_at = DateTime::from_timestamp(1_900_000_000, 0).expect("an instant");
    let now = signed_at + TimeDelta::seconds(input.seconds_off.into());
    assert!(elevenlabs::verify(keys, Some(input.header), input.body, now).is_err());
    let time = signed_at.timestamp();
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("any key will do");
    mac.update(format!("{time}.").as_bytes());
    mac.update(input.body);
    let good = hex::encode(mac.finalize().into_bytes());
    let header = format!("t={time},v0={good}");
    let is_recent = i64::from(input.seconds_off).abs() <= elevenlabs::TOLERANCE_S;
    let verified = elevenlabs::verify(keys, Some(&header), input.body, now);
    assert_eq!(verified.is_ok(), is_recent);
    let longer = [input.body, b"x"].concat();
    assert!(elevenlabs::verify(keys, Some(&header), &longer, now).is_err());
    let later = format!("t={},v0={good}", time + 1);
    assert!(elevenlabs::verify(keys, Some(&later), input.body, now).is_err());
}
