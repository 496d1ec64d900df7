//! Signatures as the providers and a dashboard make them, written down once more: neither the dialer's code nor the
//! simulator's.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha256;

/// SignalWire's signature of a form: the address, then names and values in the order of the names.
pub fn signalwire_form(key: &str, url: &str, form: &[(&str, &str)]) -> String {
    let mut sorted = form.to_vec();
    sorted.sort_by_key(|(name, _)| *name);
    let parameters: String = sorted
        .iter()
        .flat_map(|(name, value)| [*name, *value])
        .collect();
    STANDARD.encode(sha1(key, &format!("{url}{parameters}")))
}

/// SignalWire's signature of JSON: the address, then the body.
pub fn signalwire_json(key: &str, url: &str, body: &str) -> String {
    hex::encode(sha1(key, &format!("{url}{body}")))
}

/// ElevenLabs' header for `body`, sent at `at`.
pub fn elevenlabs(secret: &str, at: DateTime<Utc>, body: &str) -> String {
    let time = at.timestamp();
    let signature = hex::encode(sha256(secret, &format!("{time}.{body}")));
    format!("t={time},v0={signature}")
}

/// A JSON Web Token of a dashboard.
pub fn jwt(secret: &str, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(&json!({ "alg": "HS256", "typ": "JWT" }));
    let signed = format!("{head}.{}", part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sha256(secret, &signed));
    format!("{signed}.{signature}")
}

fn sha1(key: &str, text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("any key will do");
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

fn sha256(key: &str, text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any key will do");
    mac.chain_update(text).finalize().into_bytes().to_vec()
}
