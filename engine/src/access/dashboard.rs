//! The tokens of a dashboard that knows its users itself: HS256 JSON Web Tokens.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::actor::Role;

/// Seconds by which the dashboard's clock may be behind ours.
const LEEWAY_S: u64 = 5;
/// Characters that the tables keep of names and subjects.
const TEXT_CHARS_MAX: usize = 255;

/// Checks tokens with the secret that the dashboard and we share.
pub(super) struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

/// Who a token stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// The dashboard's name of the user, or our own id of it.
    pub subject: String,
    /// What to call the user.
    pub name: String,
    /// Where to write to the user.
    pub email: Option<String>,
    /// What it may do, where the token says so.
    pub role: Option<Role>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    name: Option<String>,
    email: Option<String>,
    role: Option<String>,
}

impl Verifier {
    pub(super) fn new(secret: &SecretString) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "sub"]);
        validation.leeway = LEEWAY_S;
        validation.validate_nbf = true;
        // The secret is ours alone, so whoever signed meant us; many dashboards write an audience of their own.
        validation.validate_aud = false;
        let key = DecodingKey::from_secret(secret.expose_secret().as_bytes());
        Self { key, validation }
    }

    /// Who `token` stands for; `None` where it was not signed with our secret, is over, or says something we cannot keep.
    pub(super) fn verify(&self, token: &str) -> Option<Identity> {
        let claims = decode::<Claims>(token, &self.key, &self.validation)
            .ok()?
            .claims;
        let subject = storable(claims.sub)?;
        // Some dashboards write what they do not know as an empty text.
        let said = |claim: Option<String>| claim.filter(|text| !text.trim().is_empty());
        let email = said(claims.email);
        let name = match said(claims.name).or_else(|| email.clone()) {
            Some(name) => storable(name)?,
            None => subject.clone(),
        };
        Some(Identity {
            subject,
            name,
            email: email.map_or(Some(None), |e| storable(e).map(Some))?,
            role: claims.role.map(|role| role.parse()).transpose().ok()?,
        })
    }
}

fn storable(text: String) -> Option<String> {
    let fits = !text.is_empty() && text.chars().count() <= TEXT_CHARS_MAX;
    (fits && !text.contains('\0')).then_some(text)
}
