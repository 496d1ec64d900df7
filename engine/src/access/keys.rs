//! The keys of users: made, listed, taken back.
//!
//! Everybody sees to its own keys; administrators to everybody's.

use domain::{ApiKeyId, UserId};
use entity::api_key::Model;
use tracing::info;

use super::bootstrap::CONFIGURED_KEY;
use super::users::NAME_CHARS_MAX;
use super::{Access, IssuedKey, actor as actor_of, token};
use crate::actor::Actor;
use crate::error::EngineError;
use crate::field::{Field, Sieve, words_up_to};
use crate::page::{Page, Paged};
use crate::store::api_keys;

/// Keys of one user that open something.
const OPEN_KEYS_MAX: u64 = 100;

impl Access {
    /// Makes a key for `user`, called `name`. Its token is told this once.
    ///
    /// # Errors
    /// `Forbidden` where somebody who is no administrator makes another's key, or an administrator's; `NotFound` without
    /// such a user; `Invalid` for a name that is none; `Conflict` with the code `too_many_keys` where the user has 100.
    pub async fn create_key(
        &self,
        actor: &Actor,
        user: UserId,
        name: Field<String>,
    ) -> Result<IssuedKey, EngineError> {
        may_see_to(actor, user)?;
        let name = read_name(name)?;
        let holder = self.user(user).await?;
        // A dashboard may speak for an administrator in a lower role; a key would always open in the higher one.
        if actor_of(holder.clone())?.is_admin() && !actor.is_admin() {
            let message = "you speak for this user in a lower role than its own, and make no keys";
            return Err(EngineError::Forbidden(message.to_owned()));
        }
        if api_keys::count_open(self.database.reader(), user).await? >= OPEN_KEYS_MAX {
            let message = format!(
                "the user has {OPEN_KEYS_MAX} keys, which is as many as can be; take one back first"
            );
            return Err(EngineError::conflict("too_many_keys", message));
        }
        let token = token::generate();
        let key = self.key_row(&holder, &name, &token);
        let issued = IssuedKey::new(&key, token);
        api_keys::insert(self.database.writer(), key).await?;
        info!(key.id = %issued.id, user.id = %user, by = %actor.id, "made an API key");
        Ok(issued)
    }

    /// One page of the keys of `user` in the order in which they were made, those that were taken back included.
    ///
    /// # Errors
    /// `Forbidden` where somebody who is no administrator asks for another's; `NotFound` without such a user.
    pub async fn list_keys(
        &self,
        actor: &Actor,
        user: UserId,
        page: Page,
    ) -> Result<Paged<Model>, EngineError> {
        may_see_to(actor, user)?;
        self.user(user).await?;
        let (items, total) = api_keys::list(self.database.reader(), user, page).await?;
        Ok(Paged { items, total, page })
    }

    /// Takes a key of `user` back. It opens nothing in this process at once, in others within ten seconds.
    ///
    /// # Errors
    /// `Forbidden` where somebody who is no administrator takes back another's; `NotFound` where the user has no such key,
    /// or it was taken back already; `Conflict` with the code `last_admin_key` where no administrator could come in with a
    /// key any more.
    pub async fn take_back_key(
        &self,
        actor: &Actor,
        user: UserId,
        key: ApiKeyId,
    ) -> Result<(), EngineError> {
        may_see_to(actor, user)?;
        self.user(user).await?;
        let txn = self.database.begin().await?;
        let of_administrators = api_keys::lock_of_administrators(&txn).await?;
        let found = api_keys::find_open(&txn, user, key).await?;
        let found = found.ok_or_else(|| EngineError::not_found("API key"))?;
        if of_administrators == [key] {
            let message =
                "this is the last key that lets an administrator in; make another one first";
            return Err(EngineError::conflict("last_admin_key", message));
        }
        if !api_keys::revoke(&txn, found.id, self.clock.now()).await? {
            return Err(EngineError::not_found("API key"));
        }
        txn.commit().await?;
        self.forget();
        info!(key.id = %key, user.id = %user, by = %actor.id, "took an API key back");
        Ok(())
    }
}

fn may_see_to(actor: &Actor, user: UserId) -> Result<(), EngineError> {
    if actor.is_admin() || actor.id == user {
        return Ok(());
    }
    let message = "only administrators see to the keys of others";
    Err(EngineError::Forbidden(message.to_owned()))
}

fn read_name(name: Field<String>) -> Result<String, EngineError> {
    let mut sieve = Sieve::default();
    let name = sieve.required("name", name.asked_for(), |text| {
        let name = words_up_to(&text, NAME_CHARS_MAX)?;
        // The next start would take it for the key that stands in the configuration.
        if name.eq_ignore_ascii_case(CONFIGURED_KEY) {
            return Err(format!("must not be {CONFIGURED_KEY}"));
        }
        Ok(name)
    });
    name.ok_or(EngineError::Invalid(sieve.errors))
}
