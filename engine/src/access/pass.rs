//! What stays behind of a token once it has opened a connection that lasts.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::{Access, is_jwt, token};
use crate::actor::{Actor, Role};
use crate::error::EngineError;
use crate::store::api_keys;

/// Keys looked up in one statement.
const KEYS_MAX: usize = 1_000;

/// Stands for the token that a lasting connection was opened with, so that it can be asked whether it still holds.
#[derive(Clone, Debug)]
pub struct Pass {
    token: Token,
    /// What its holder may do.
    role: Role,
}

#[derive(Clone, Debug)]
enum Token {
    /// An API key, by its hash.
    Key(String),
    /// A dashboard's token: it names its own end.
    Signed(SecretString),
}

impl Access {
    /// As [`Access::authenticate`], for a connection that lasts: its pass is asked again while it does.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn admit(&self, bearer: &str) -> Result<Option<(Actor, Pass)>, EngineError> {
        let Some(actor) = self.authenticate(bearer).await? else {
            return Ok(None);
        };
        let token = if self.dashboard.is_some() && is_jwt(bearer) {
            Token::Signed(SecretString::from(bearer))
        } else {
            Token::Key(token::hash_text(bearer))
        };
        let role = actor.role;
        Ok(Some((actor, Pass { token, role })))
    }

    /// Which of `passes` still hold, in their order. One does not once its key is taken back, its token is over, or its
    /// holder may do something else than before.
    ///
    /// One statement for a thousand keys, however many connections there are.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn still_hold(&self, passes: &[Arc<Pass>]) -> Result<Vec<bool>, EngineError> {
        let mut hashes: Vec<&str> = passes.iter().filter_map(|pass| pass.key()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let mut roles = std::collections::HashMap::new();
        for hashes in hashes.chunks(KEYS_MAX) {
            roles.extend(api_keys::roles(self.database.reader(), hashes).await?);
        }
        let holds = |pass: &Arc<Pass>| match &pass.token {
            Token::Key(hash) => roles
                .get(hash)
                .is_some_and(|role| role == pass.role.as_str()),
            Token::Signed(bearer) => self.dashboard.as_ref().is_some_and(|verifier| {
                let identity = verifier.verify(bearer.expose_secret());
                identity.is_some_and(|identity| identity.role.is_none_or(|role| role == pass.role))
            }),
        };
        Ok(passes.iter().map(holds).collect())
    }
}

impl Pass {
    /// A pass that opens nothing.
    #[cfg(test)]
    pub(crate) fn of_nobody() -> Self {
        Self {
            token: Token::Key(String::new()),
            role: Role::User,
        }
    }

    fn key(&self) -> Option<&str> {
        match &self.token {
            Token::Key(hash) => Some(hash),
            Token::Signed(_) => None,
        }
    }
}
