//! Whether a webhook came from Exotel. Exotel signs nothing, so the address itself is the secret.
//!
//! Source: Exotel, "Webhooks": no signature. Whoever runs the service may filter the sender's addresses as well.

use domain::CallId;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};
use url::Url;

use crate::event::{ConfigError, SignatureError};
use crate::http;

/// The shortest token, in characters. Random letters and digits of this length cannot be guessed.
pub const TOKEN_CHARS_MIN: usize = 24;

/// The longest token, in characters.
pub const TOKEN_CHARS_MAX: usize = 128;

/// Checks that `token` can be a part of an address and is long enough to be a secret.
///
/// # Errors
/// [`ConfigError`] for `webhook_token`, without its value.
pub fn check(token: &SecretString) -> Result<(), ConfigError> {
    let text = token.expose_secret();
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
    let problem = if !(TOKEN_CHARS_MIN..=TOKEN_CHARS_MAX).contains(&text.len()) {
        format!("must have {TOKEN_CHARS_MIN} to {TOKEN_CHARS_MAX} characters")
    } else if !text.bytes().all(is_plain) {
        "must consist of letters, digits, - . _ and ~".to_owned()
    } else {
        return Ok(());
    };
    Err(ConfigError {
        key: "webhook_token",
        problem,
    })
}

/// Where Exotel finds us for one call: `{webhooks}/exotel/{token}/calls/{call}`, with `webhooks` for example
/// `https://host/webhooks`. A secret: never log it.
#[must_use]
pub fn webhook_base(webhooks: &Url, token: &SecretString, call: CallId) -> Url {
    let call = call.to_string();
    http::join(
        webhooks,
        ["exotel", token.expose_secret(), "calls", call.as_str()],
    )
}

/// Checks that `given`, a part of the address that was called, is one of `tokens`; several, because calls placed before a
/// change of token still report to the old address.
///
/// Takes the same time for every wrong token, whatever its length.
///
/// # Errors
/// [`SignatureError::Missing`] for an empty text, [`SignatureError::Mismatch`] for everything else, no tokens included.
pub fn verify(tokens: &[SecretString], given: &str) -> Result<(), SignatureError> {
    if given.is_empty() {
        return Err(SignatureError::Missing);
    }
    let given = Sha256::digest(given.as_bytes());
    let mut matches = Choice::from(0);
    for token in tokens {
        // An empty token would be known to everybody.
        if !token.expose_secret().is_empty() {
            let wanted = Sha256::digest(token.expose_secret().as_bytes());
            matches |= wanted.ct_eq(&given);
        }
    }
    if bool::from(matches) {
        Ok(())
    } else {
        Err(SignatureError::Mismatch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "0123456789abcdefghijklmn";
    const NEW: &str = "nmlkjihgfedcba9876543210";

    #[test]
    fn only_the_configured_tokens_open_the_address() {
        let tokens = [SecretString::from(NEW), SecretString::from(OLD)];
        assert_eq!(verify(&tokens, NEW), Ok(()));
        assert_eq!(verify(&tokens, OLD), Ok(()));
        assert_eq!(verify(&tokens, ""), Err(SignatureError::Missing));
        for given in [&NEW[1..], "x", &format!("{NEW}0"), &NEW.to_uppercase()] {
            assert_eq!(
                verify(&tokens, given),
                Err(SignatureError::Mismatch),
                "{given}"
            );
        }
        assert_eq!(verify(&[], NEW), Err(SignatureError::Mismatch));
        let empty = [SecretString::from("")];
        assert_eq!(verify(&empty, "anything"), Err(SignatureError::Mismatch));
    }

    #[test]
    fn a_token_that_could_be_guessed_or_breaks_the_address_is_refused() {
        assert!(check(&OLD.into()).is_ok());
        for bad in ["", "short", "0123456789abcdef/ghijklmn", &"x".repeat(129)] {
            let problem = check(&bad.into()).unwrap_err();
            assert_eq!(problem.key, "webhook_token");
            assert!(bad.is_empty() || !problem.to_string().contains(bad));
        }
    }

    #[test]
    fn the_address_of_a_call_holds_the_token() {
        let webhooks: Url = "https://dialer.example/webhooks/".parse().unwrap();
        let call: CallId = "0190c7a0-0000-7000-8000-000000000042".parse().unwrap();
        assert_eq!(
            webhook_base(&webhooks, &OLD.into(), call).as_str(),
            "https://dialer.example/webhooks/exotel/0123456789abcdefghijklmn/calls/\
             0190c7a0-0000-7000-8000-000000000042"
        );
    }
}
