//! API tokens: made here, shown once, kept as a hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// What our tokens begin with, so that secret scanners and people know one when they see it.
const PREFIX: &str = "dlr_";
/// Bytes of chance in a token: nobody guesses 256 bits, so a fast hash of it is enough.
const RANDOM_BYTES: usize = 32;

/// A new token: `dlr_` and 43 letters.
pub(super) fn generate() -> SecretString {
    let chance: [u8; RANDOM_BYTES] = rand::random();
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(chance)).into()
}

/// What the table keeps of a token: its SHA-256 in lower-case hex.
pub(super) fn hash(token: &SecretString) -> String {
    hash_text(token.expose_secret())
}

/// As [`hash`], of what came in a request.
pub(super) fn hash_text(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}
