//! Who asks: users, and the keys and tokens that stand for them.

mod bootstrap;
mod dashboard;
mod keys;
mod pass;
mod token;
mod users;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::UserId;
use entity::{api_key, user};
use moka::future::Cache;
use secrecy::SecretString;
use uuid::Uuid;

use crate::actor::{Actor, Role};
use crate::clock::Clock;
use crate::database::Database;
use crate::error::EngineError;
use crate::field::{Sieve, text_up_to};
use crate::query::Param;
use crate::store::{self, api_keys};
use dashboard::{Identity, Verifier};
pub use pass::Pass;

use users::NAME_CHARS_MAX;
pub use users::UserFields;

/// How long another process's revocation may go unnoticed.
const REMEMBERED_FOR: Duration = Duration::from_secs(10);
/// Tokens remembered at most.
const REMEMBERED_MAX: u64 = 10_000;
/// Longest token looked at, in bytes; a JSON Web Token of a dashboard has a few hundred.
const BEARER_BYTES_MAX: usize = 8_192;

/// Knows who stands behind a token. Cheap to clone; all clones remember together.
#[derive(Clone)]
pub struct Access {
    database: Database,
    clock: Arc<dyn Clock>,
    dashboard: Option<Arc<Verifier>>,
    /// By the hash of the token, with the epoch in which the database was asked.
    known: Cache<String, (u64, Actor)>,
    /// Counts revocations: what was learned before the last one is not believed any more.
    epoch: Arc<AtomicU64>,
}

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// What to call it.
    pub name: String,
    /// Where to write to it.
    pub email: Option<String>,
    /// What it may do.
    pub role: Role,
}

/// A key just made. The token is told this once.
#[derive(Debug)]
pub struct IssuedKey {
    /// The key's id, to revoke it by.
    pub id: Uuid,
    /// Whom it stands for.
    pub user: UserId,
    /// What the user calls it.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The token.
    pub token: SecretString,
}

impl IssuedKey {
    fn new(key: &api_key::Model, token: SecretString) -> Self {
        Self {
            id: key.id,
            user: UserId::from_uuid(key.user_id),
            name: key.name.clone(),
            created_at: key.created_at,
            token,
        }
    }
}

impl Access {
    /// Over `database`; `jwt_secret` is what the dashboard signs its tokens with, where there is one.
    #[must_use]
    pub fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        jwt_secret: Option<&SecretString>,
    ) -> Self {
        Self {
            database,
            clock,
            dashboard: jwt_secret.map(|secret| Arc::new(Verifier::new(secret))),
            known: Cache::builder()
                .max_capacity(REMEMBERED_MAX)
                .time_to_live(REMEMBERED_FOR)
                .build(),
            epoch: Arc::default(),
        }
    }

    /// Who stands behind `bearer`: an API key, or a dashboard's token. `None`: nobody (any more).
    ///
    /// A key revoked by this process opens nothing at once, one revoked by another process within ten seconds. A
    /// dashboard's user is added when first seen, and its name, e-mail and role follow what the dashboard says.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn authenticate(&self, bearer: &str) -> Result<Option<Actor>, EngineError> {
        if bearer.is_empty() || bearer.len() > BEARER_BYTES_MAX {
            return Ok(None);
        }
        let hash = token::hash_text(bearer);
        // A dashboard's token names its own end, so it is checked each time; only whom it means is remembered.
        let identity = match self.dashboard.as_ref().filter(|_| is_jwt(bearer)) {
            Some(verifier) => match verifier.verify(bearer) {
                Some(identity) => Some(identity),
                None => return Ok(None),
            },
            None => None,
        };
        let epoch = self.epoch.load(Ordering::Acquire);
        if let Some((as_of, actor)) = self.known.get(&hash).await
            && as_of == epoch
        {
            return Ok(Some(actor));
        }
        let actor = match identity {
            Some(identity) => Some(self.signed_in(identity).await?),
            None => match api_keys::find_holder(self.database.reader(), &hash).await? {
                Some(user) => Some(actor(user)?),
                None => None,
            },
        };
        if let Some(actor) = &actor {
            self.known.insert(hash, (epoch, actor.clone())).await;
        }
        Ok(actor)
    }

    /// Makes a user and a key for it.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn create_token(&self, new: NewUser) -> Result<IssuedKey, EngineError> {
        let user = self.row(new);
        let token = token::generate();
        let key = self.key_row(&user, "created with the user", &token);
        let issued = IssuedKey::new(&key, token);
        let txn = self.database.begin().await?;
        store::users::insert(&txn, user).await?;
        api_keys::insert(&txn, key).await?;
        txn.commit().await?;
        Ok(issued)
    }

    /// Takes a key back. It opens nothing in this process at once, in others within ten seconds.
    ///
    /// # Errors
    /// `NotFound` where there is no such key, or it was taken back already.
    pub async fn revoke_key(&self, id: Uuid) -> Result<(), EngineError> {
        if !api_keys::revoke(self.database.writer(), id, self.clock.now()).await? {
            return Err(EngineError::not_found("API key"));
        }
        self.forget();
        Ok(())
    }

    /// A key was taken back: whoever asks next is looked up again.
    fn forget(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// The user whom a dashboard's token means. Its subject may be our own id of a user, who is then taken as it is.
    async fn signed_in(&self, identity: Identity) -> Result<Actor, EngineError> {
        if let Ok(id) = identity.subject.parse()
            && let Some(user) = store::users::find(self.database.reader(), id).await?
        {
            let mut actor = actor(user)?;
            actor.role = identity.role.unwrap_or(actor.role);
            return Ok(actor);
        }
        let subject = identity.subject.as_str();
        let known = store::users::find_by_subject(self.database.reader(), subject).await?;
        let role = identity.role.unwrap_or(Role::User);
        match known {
            Some(user) if is_up_to_date(&user, &identity, role) => actor(user),
            _ => {
                let user = user::Model {
                    subject: Some(identity.subject.clone()),
                    ..self.row(NewUser {
                        name: identity.name,
                        email: identity.email,
                        role,
                    })
                };
                store::users::upsert_by_subject(self.database.writer(), user).await?;
                let stored =
                    store::users::find_by_subject(self.database.writer(), &identity.subject)
                        .await?;
                actor(stored.ok_or_else(|| EngineError::not_found("user"))?)
            }
        }
    }

    fn row(&self, new: NewUser) -> user::Model {
        user::Model {
            id: Uuid::now_v7(),
            subject: None,
            name: new.name,
            email: new.email,
            email_key: None,
            role: new.role.as_str().to_owned(),
            created_at: self.clock.now(),
        }
    }

    fn key_row(&self, user: &user::Model, name: &str, token: &SecretString) -> api_key::Model {
        api_key::Model {
            id: Uuid::now_v7(),
            user_id: user.id,
            name: name.to_owned(),
            token_sha256: token::hash(token),
            created_at: self.clock.now(),
            revoked_at: None,
        }
    }
}

/// Whose rows a query is about: those of `user`, or all that `actor` may see. What is wrong is noted in `sieve`.
///
/// # Errors
/// `Forbidden` where they are somebody else's.
pub(crate) async fn owner(
    database: &Database,
    sieve: &mut Sieve,
    actor: &Actor,
    user: &Param,
) -> Result<Option<UserId>, EngineError> {
    let user = sieve.param("userId", user, |text| text_up_to(text, NAME_CHARS_MAX));
    let owner = narrow(database, actor, user.as_deref()).await;
    Ok(sieve.sift(owner)?.flatten())
}

/// Whose rows a request is about: those of `wanted` (our id, or a dashboard's), or all that `actor` may see.
///
/// # Errors
/// `Forbidden` where somebody who is no administrator asks for another's; `Invalid` where an administrator asks for
/// nobody's.
async fn narrow(
    database: &Database,
    actor: &Actor,
    wanted: Option<&str>,
) -> Result<Option<UserId>, EngineError> {
    let Some(wanted) = wanted else {
        return Ok(actor.scope());
    };
    let mut found = None;
    if let Ok(id) = wanted.parse() {
        found = store::users::find(database.reader(), id).await?;
    }
    if found.is_none() {
        found = store::users::find_by_subject(database.reader(), wanted).await?;
    }
    let found = found.map(|user| UserId::from_uuid(user.id));
    match (actor.scope(), found) {
        (None, Some(user)) => Ok(Some(user)),
        (None, None) => Err(EngineError::invalid("userId", "there is no such user")),
        (Some(own), Some(user)) if own == user => Ok(Some(own)),
        (Some(_), _) => Err(EngineError::Forbidden(
            "userId: only administrators see what belongs to others".to_owned(),
        )),
    }
}

fn actor(user: user::Model) -> Result<Actor, EngineError> {
    Ok(Actor {
        id: UserId::from_uuid(user.id),
        role: user.role.parse().map_err(EngineError::internal)?,
        name: user.name,
        email: user.email,
    })
}

fn is_up_to_date(user: &user::Model, identity: &Identity, role: Role) -> bool {
    user.name == identity.name && user.email == identity.email && user.role == role.as_str()
}

/// Three parts between two dots; our own tokens have no dots.
fn is_jwt(bearer: &str) -> bool {
    bearer.bytes().filter(|byte| *byte == b'.').count() == 2
}
