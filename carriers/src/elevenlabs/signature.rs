//! Whether a request was signed by ElevenLabs, and not long ago.
//!
//! Source: ElevenLabs, "Webhook HMAC authentication", and the verifier of its SDK.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

use crate::event::SignatureError;

/// The header that carries time and signature: `t=1739537297,v0=25ce…`.
pub const HEADER: &str = "ElevenLabs-Signature";

/// Seconds by which the signature's time may differ from ours.
///
/// Thirty minutes back is what ElevenLabs' own verifier allows. It does not look forward; we refuse the same distance
/// there, because what is dated a year ahead could be replayed for a year. A correct sender never gets near either.
pub const TOLERANCE_S: i64 = 30 * 60;

/// Longest header read, in bytes. Genuine ones have about 80.
const HEADER_MAX: usize = 1024;

/// Checks that one of `secrets` signed `body` within [`TOLERANCE_S`] of `now`. `header` is the value of [`HEADER`], `body`
/// the bytes as they came, before any parsing.
///
/// The header's parts may come in any order; unknown ones are ignored, and of several signatures one must match. Takes
/// the same time for every wrong signature.
///
/// # Errors
/// [`SignatureError::Missing`] without a header, [`SignatureError::Malformed`] without a time or a signature in it,
/// [`SignatureError::Mismatch`] where nobody we know signed it, no secrets included; only then
/// [`SignatureError::Expired`].
pub fn verify(
    secrets: &[SecretString],
    header: Option<&str>,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<(), SignatureError> {
    let header = header.map(str::trim).filter(|text| !text.is_empty());
    let header = header.ok_or(SignatureError::Missing)?;
    if header.len() > HEADER_MAX {
        return Err(SignatureError::Malformed);
    }
    let mut time: Option<&str> = None;
    let mut given: Vec<&str> = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) => time = Some(value),
            Some(("v0", value)) => given.push(value),
            _ => {}
        }
    }
    let time = time.ok_or(SignatureError::Malformed)?;
    let signed_at: i64 = time.parse().map_err(|_| SignatureError::Malformed)?;
    if given.is_empty() {
        return Err(SignatureError::Malformed);
    }
    let mut matches = Choice::from(0);
    for secret in secrets
        .iter()
        .filter(|secret| !secret.expose_secret().is_empty())
    {
        // The time is signed as it was written.
        let expected = signature(secret, time, body);
        for given in &given {
            matches |= expected.as_bytes().ct_eq(given.as_bytes());
        }
    }
    if !bool::from(matches) {
        return Err(SignatureError::Mismatch);
    }
    if now.timestamp().abs_diff(signed_at) > TOLERANCE_S.unsigned_abs() {
        return Err(SignatureError::Expired {
            tolerance_s: TOLERANCE_S,
        });
    }
    Ok(())
}

fn signature(secret: &SecretString, time: &str, body: &[u8]) -> String {
    Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .map(|mac| {
            let mac = mac
                .chain_update(time.as_bytes())
                .chain_update(b".")
                .chain_update(body);
            hex::encode(mac.finalize().into_bytes())
        })
        // HMAC takes keys of any length; were it otherwise, nothing would match.
        .unwrap_or_default()
}
