//! Whether a request was signed by SignalWire.
//!
//! Source: SignalWire, "cXML webhook security" and "SWML webhook security"; the order of repeated parameters from
//! SignalWire's own validators.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};
use url::form_urlencoded;

use super::fields;
use crate::event::SignatureError;

/// The header that carries the signature.
pub const HEADER: &str = "X-SignalWire-Signature";

/// The name the same header has in the API SignalWire follows; SignalWire may send either.
pub const HEADER_ALIAS: &str = "X-Twilio-Signature";

/// A query parameter that binds a body which is no form: the lower-case hex SHA-256 of its bytes.
const BODY_HASH: &str = "bodySHA256";

/// A request whose origin is in question.
#[derive(Clone, Copy, Debug)]
pub struct SignedRequest<'a> {
    /// The address exactly as we handed it to SignalWire, query included. Build it from the configured public address;
    /// what a proxy or a client says in `Host` is not part of the signature.
    pub url: &'a str,
    /// The request's `Content-Type`.
    pub content_type: Option<&'a str>,
    /// The body as it came, before any parsing.
    pub body: &'a [u8],
    /// The value of [`HEADER`], or else of [`HEADER_ALIAS`].
    pub signature: Option<&'a str>,
}

/// Checks that one of `keys` signed the request; several, because a rotated key takes a minute to spread.
///
/// The keys are the project's *signing keys*, not its API tokens. The address counts with and without the default port.
/// Takes the same time for every wrong signature.
///
/// # Errors
/// [`SignatureError::Missing`] without a header, [`SignatureError::Mismatch`] for everything else, no keys included.
pub fn verify(keys: &[SecretString], request: &SignedRequest<'_>) -> Result<(), SignatureError> {
    let given = match request.signature.map(str::trim) {
        None | Some("") => return Err(SignatureError::Missing),
        Some(given) => given.as_bytes(),
    };
    let what = signed_part(request).ok_or(SignatureError::Mismatch)?;
    let mut matches = Choice::from(0);
    for url in spellings(request.url) {
        for key in keys {
            // An empty key signs whatever anybody likes.
            if !key.expose_secret().is_empty() {
                matches |= what.signature(key, &url).as_bytes().ct_eq(given);
            }
        }
    }
    if bool::from(matches) {
        Ok(())
    } else {
        Err(SignatureError::Mismatch)
    }
}

/// What follows the address in the signed text, and how the signature is written.
enum Signed<'a> {
    /// cXML: the parameters' names and values; base64.
    Form(String),
    /// cXML with the body's hash in the query: nothing; base64.
    Hashed,
    /// SWML and the Calling API: the body; lower-case hex.
    Raw(&'a [u8]),
}

impl Signed<'_> {
    fn signature(&self, key: &SecretString, url: &str) -> String {
        let suffix = match self {
            Self::Form(parameters) => parameters.as_bytes(),
            Self::Hashed => &[],
            Self::Raw(body) => body,
        };
        let mac = Hmac::<Sha1>::new_from_slice(key.expose_secret().as_bytes()).map(|mac| {
            mac.chain_update(url.as_bytes())
                .chain_update(suffix)
                .finalize()
                .into_bytes()
        });
        match (mac, self) {
            (Ok(mac), Self::Raw(_)) => hex::encode(mac),
            (Ok(mac), _) => BASE64.encode(mac),
            // HMAC takes keys of any length; were it otherwise, nothing would match.
            (Err(_), _) => String::new(),
        }
    }
}

/// Decides by the request itself which scheme it must satisfy; `None` where the body is not the one the address names.
fn signed_part<'a>(request: &SignedRequest<'a>) -> Option<Signed<'a>> {
    if let Some(expected) = body_hash(request.url) {
        let actual = hex::encode(Sha256::digest(request.body));
        let is_same = bool::from(
            actual
                .as_bytes()
                .ct_eq(expected.to_ascii_lowercase().as_bytes()),
        );
        return is_same.then_some(Signed::Hashed);
    }
    if fields::is_json(request.content_type) {
        return Some(Signed::Raw(request.body));
    }
    let mut parameters: Vec<(Cow<'_, str>, Cow<'_, str>)> =
        form_urlencoded::parse(request.body).collect();
    // Stable, by name alone: SignalWire keeps repeated names in the order they were sent in.
    parameters.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    let text = parameters
        .iter()
        .flat_map(|(name, value)| [name.as_ref(), value.as_ref()]);
    Some(Signed::Form(text.collect()))
}

fn body_hash(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let query = query.split('#').next().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == BODY_HASH)
        .map(|(_, value)| value.into_owned())
}

/// The address as given, and with its default port added or removed: signers disagree about that.
fn spellings(url: &str) -> Vec<String> {
    let mut spellings = vec![url.to_owned()];
    spellings.extend(other_spelling(url));
    spellings
}

/// Works on the text, not on a parsed address: parsing would normalise what was signed as it stood.
fn other_spelling(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let port = match scheme.to_ascii_lowercase().as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if let Some(bare) = authority.strip_suffix(port) {
        return Some(format!("{scheme}://{bare}{tail}"));
    }
    // A colon after the last bracket is a port; inside brackets it belongs to an IPv6 address.
    let host = authority.rsplit(['@', ']']).next().unwrap_or_default();
    (!host.contains(':')).then(|| format!("{scheme}://{authority}{port}{tail}"))
}
