//! Addresses that may hold a password.

/// A URL of a kind that nothing here understands.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("must begin with sqlite://, postgres:// or redis://")]
pub struct UnknownScheme;

/// A URL that may hold a password: shown as its scheme only.
#[derive(Clone)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// The whole of it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The part before `://`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }
}

impl std::fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:…", self.scheme())
    }
}

impl std::str::FromStr for SecretUrl {
    type Err = UnknownScheme;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let scheme = text.split("://").next().unwrap_or_default();
        match scheme {
            "sqlite" | "postgres" | "postgresql" | "redis" | "rediss" => Ok(Self(text.to_owned())),
            _ => Err(UnknownScheme),
        }
    }
}
