//! Signatures: the vectors of the providers' own tests, and what must not pass.

use carriers::SignatureError;
use carriers::elevenlabs::signature as elevenlabs;
use carriers::signalwire::signature::{self as signalwire, SignedRequest};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;

const FORM: Option<&str> = Some("application/x-www-form-urlencoded; charset=UTF-8");
const JSON: Option<&str> = Some("application/json");

/// The parameters of Twilio's and SignalWire's published example.
const P: &str = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234\
                 &From=%2B14158675309&To=%2B18005551212";
const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const KEY: &str = "12345";

/// A status callback as it is sent: not in the order in which it is signed.
const Q: &str = "CallSid=b3877c40-da60-4998-90ad-b792e98472ca\
                 &AccountSid=b3877c40-da60-4998-90ad-b792e98472af&CallStatus=completed\
                 &CallDuration=94&From=%2B15551234567&To=%2B15559876543\
                 &Timestamp=Thu%2C+04+Apr+2024+18%3A32%3A15+%2B0000&SequenceNumber=3";

const JSON_KEY: &str = "PSKtest1234567890abcdef";
const JSON_URL: &str = "https://example.ngrok.io/webhook";
const JSON_BODY: &str =
    r#"{"event":"call.state","params":{"call_id":"abc-123","state":"answered"}}"#;
const HASHED_URL: &str = "https://example.ngrok.io/webhook?bodySHA256=\
                          69f3cbfc18e386ef8236cb7008cd5a54b7fed637a8cb3373b5a1591d7f0fd5f4";
const HASHED_BODY: &str = r#"{"event":"call.state"}"#;

/// Key, address, content type, body, signature: everything that must pass.
const GENUINE: &[(&str, &str, Option<&str>, &str, &str)] = &[
    (KEY, URL, FORM, P, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    // Signed with the default port, delivered without, and the other way round.
    (KEY, URL, FORM, P, "kvajT1Ptam85bY51eRf/AJRuM3w="),
    (
        KEY,
        "https://mycompany.com:443/myapp.php?foo=1&bar=2",
        FORM,
        P,
        "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    ),
    (
        KEY,
        "http://mycompany.com/myapp.php?foo=1&bar=2",
        FORM,
        P,
        "0ZXoZLH/DfblKGATFgpif+LLRf4=",
    ),
    (
        KEY,
        "http://mycompany.com:80/myapp.php?foo=1&bar=2",
        FORM,
        P,
        "0ZXoZLH/DfblKGATFgpif+LLRf4=",
    ),
    // Repeated names, in SignalWire's order.
    (
        KEY,
        URL,
        FORM,
        "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234",
        "eMV0TTCyejiqoUSkV7IwWuk0CRc=",
    ),
    (
        KEY,
        "http://127.0.0.1:8080/webhooks/signalwire/status?attempt=7",
        FORM,
        Q,
        "wSAl5nsifNin3xdx/rHCKEcB9GI=",
    ),
    (
        JSON_KEY,
        HASHED_URL,
        JSON,
        HASHED_BODY,
        "dfO9ek8mxyFtn2nMz24plPmPfIY=",
    ),
    (
        JSON_KEY,
        JSON_URL,
        JSON,
        JSON_BODY,
        "c3c08c1fefaf9ee198a100d5906765a6f394bf0f",
    ),
];

fn keys(texts: &[&str]) -> Vec<SecretString> {
    texts.iter().map(|text| SecretString::from(*text)).collect()
}

fn check(
    key: &str,
    url: &str,
    content_type: Option<&str>,
    body: &[u8],
    signature: &str,
) -> Result<(), SignatureError> {
    let request = SignedRequest {
        url,
        content_type,
        body,
        signature: Some(signature),
    };
    signalwire::verify(&keys(&[key]), &request)
}

#[test]
fn every_published_signature_passes() {
    for (key, url, content_type, body, signature) in GENUINE {
        assert_eq!(
            check(key, url, *content_type, body.as_bytes(), signature),
            Ok(()),
            "{signature}"
        );
    }
}

#[test]
fn a_flipped_byte_anywhere_fails() {
    for (key, url, content_type, body, signature) in GENUINE {
        for at in 0..body.len() {
            let mut forged = body.as_bytes().to_vec();
            forged[at] ^= 1;
            assert!(
                check(key, url, *content_type, &forged, signature).is_err(),
                "{body} at {at}"
            );
        }
        for at in 0..signature.len() {
            let mut forged = signature.as_bytes().to_vec();
            forged[at] ^= 1;
            let forged = String::from_utf8(forged).unwrap();
            assert!(
                check(key, url, *content_type, body.as_bytes(), &forged).is_err(),
                "{forged}"
            );
        }
        assert!(
            check(
                key,
                &format!("{url}x"),
                *content_type,
                body.as_bytes(),
                signature
            )
            .is_err()
        );
        assert!(check("12346", url, *content_type, body.as_bytes(), signature).is_err());
    }
}

#[test]
fn the_order_in_which_parameters_arrive_does_not_matter() {
    let reversed: Vec<&str> = P.split('&').rev().collect();
    let body = reversed.join("&");
    assert_eq!(
        check(
            KEY,
            URL,
            FORM,
            body.as_bytes(),
            "RSOYDt4T1cUTdK1PDd93/VVr8B8="
        ),
        Ok(())
    );
}

#[test]
fn repeated_names_are_not_read_in_twilios_order() {
    let body = b"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234";
    let twilios = "IK+Dwps556ElfBT0I3Rgjkr1wJU=";
    assert_eq!(
        check(KEY, URL, FORM, body, twilios),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn one_scheme_does_not_stand_in_for_another() {
    let hex = "c3c08c1fefaf9ee198a100d5906765a6f394bf0f";
    assert!(check(JSON_KEY, JSON_URL, FORM, JSON_BODY.as_bytes(), hex).is_err());
    let b1 = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
    assert!(check(KEY, URL, JSON, P.as_bytes(), b1).is_err());
}

#[test]
fn a_port_that_is_not_the_default_is_part_of_the_address() {
    let b1 = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
    for url in [
        "https://mycompany.com:8443/myapp.php?foo=1&bar=2",
        "https://mycompany.com:80/myapp.php?foo=1&bar=2",
        "http://mycompany.com/myapp.php?foo=1&bar=2",
    ] {
        assert_eq!(
            check(KEY, url, FORM, P.as_bytes(), b1),
            Err(SignatureError::Mismatch),
            "{url}"
        );
    }
}

#[test]
fn a_rotated_key_still_counts() {
    let request = SignedRequest {
        url: URL,
        content_type: FORM,
        body: P.as_bytes(),
        signature: Some("RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    };
    assert_eq!(signalwire::verify(&keys(&["new", KEY]), &request), Ok(()));
    assert_eq!(
        signalwire::verify(&keys(&["new"]), &request),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn without_a_signature_or_without_a_key_nothing_passes() {
    for signature in [None, Some(""), Some("  ")] {
        let request = SignedRequest {
            url: URL,
            content_type: FORM,
            body: P.as_bytes(),
            signature,
        };
        assert_eq!(
            signalwire::verify(&keys(&[KEY]), &request),
            Err(SignatureError::Missing)
        );
    }
    let request = SignedRequest {
        url: "",
        content_type: FORM,
        body: b"",
        signature: Some("+9sdGxiqbAgyS31ktx+3Y3BpDh0="), // HMAC-SHA1 of nothing under the empty key
    };
    assert_eq!(
        signalwire::verify(&keys(&[""]), &request),
        Err(SignatureError::Mismatch)
    );
    assert_eq!(
        signalwire::verify(&[], &request),
        Err(SignatureError::Mismatch)
    );
}

const SECRET: &str = "wsec_test_0123456789";
const DONE: &str = r#"{"type":"post_call_transcription","event_timestamp":1739537297,"data":{"agent_id":"agent_1","conversation_id":"conv_1","status":"done"}}"#;

/// Time, body, signature: everything that must pass.
const ELEVENLABS: &[(i64, &str, &str)] = &[
    (
        1_700_000_000,
        "{}",
        "7d698134e4ad56349823a0cfd690dab2c6b40deefb3fc71eadc6292cdee26635",
    ),
    (
        1_739_537_300,
        DONE,
        "25ce7e542dc7b63627884bcc37c8849f6d826919d436cf82bc082c42a9727675",
    ),
];

fn at(unix_s: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(unix_s, 0).unwrap()
}

#[test]
fn every_computed_signature_of_elevenlabs_passes_in_any_order_of_its_parts() {
    for (t, body, v0) in ELEVENLABS {
        for header in [
            format!("t={t},v0={v0}"),
            format!("v0={v0},t={t}"),
            format!("t={t}, v1=later, v0={v0}"),
            format!("t={t},v0={},v0={v0}", "0".repeat(64)),
        ] {
            let result = elevenlabs::verify(
                &keys(&["other", SECRET]),
                Some(&header),
                body.as_bytes(),
                at(*t),
            );
            assert_eq!(result, Ok(()), "{header}");
        }
    }
}

#[test]
fn a_flipped_byte_of_an_elevenlabs_webhook_fails() {
    for (t, body, v0) in ELEVENLABS {
        for flipped in 0..body.len() {
            let mut forged = body.as_bytes().to_vec();
            forged[flipped] ^= 1;
            let header = format!("t={t},v0={v0}");
            let result = elevenlabs::verify(&keys(&[SECRET]), Some(&header), &forged, at(*t));
            assert_eq!(result, Err(SignatureError::Mismatch));
        }
        let header = format!("t={},v0={v0}", t + 1); // the time is signed too
        let result = elevenlabs::verify(&keys(&[SECRET]), Some(&header), body.as_bytes(), at(*t));
        assert_eq!(result, Err(SignatureError::Mismatch));
    }
}

#[test]
fn an_elevenlabs_webhook_counts_for_thirty_minutes() {
    let (t, body, v0) = ELEVENLABS[1];
    let header = format!("t={t},v0={v0}");
    let verify = |now| elevenlabs::verify(&keys(&[SECRET]), Some(&header), body.as_bytes(), now);
    let half_an_hour = TimeDelta::minutes(30);
    let second = TimeDelta::seconds(1);
    assert_eq!(verify(at(t) + half_an_hour), Ok(()));
    assert_eq!(verify(at(t) - half_an_hour), Ok(()));
    let expired = Err(SignatureError::Expired { tolerance_s: 1800 });
    assert_eq!(verify(at(t) + half_an_hour + second), expired);
    assert_eq!(verify(at(t) - half_an_hour - second), expired);
}

#[test]
fn a_header_that_is_no_signature_is_told_from_a_wrong_one() {
    let verify = |header| elevenlabs::verify(&keys(&[SECRET]), header, b"{}", at(1_700_000_000));
    assert_eq!(verify(None), Err(SignatureError::Missing));
    assert_eq!(verify(Some(" ")), Err(SignatureError::Missing));
    for header in [
        "garbage",
        "t=1700000000",
        "v0=00",
        "t=soon,v0=00",
        "t=,v0=00",
    ] {
        assert_eq!(
            verify(Some(header)),
            Err(SignatureError::Malformed),
            "{header}"
        );
    }
    assert_eq!(
        verify(Some("t=1700000000,v0=")),
        Err(SignatureError::Mismatch)
    );
}
