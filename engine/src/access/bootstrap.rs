//! The first administrator.

use domain::UserId;
use entity::user;
use secrecy::SecretString;
use tracing::info;

use super::{Access, NewUser, token};
use crate::actor::Role;
use crate::error::EngineError;
use crate::store::{api_keys, users};

/// The name of the key that stands in the configuration.
pub(super) const CONFIGURED_KEY: &str = "ADMIN_TOKEN";

impl Access {
    /// Sees to it that an administrator can sign in: with `configured` where there is one, else with a token made now and
    /// returned, once, on a database without users.
    ///
    /// Safe to run at every start. Another `configured` than the last time takes that one's key back.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn ensure_admin(
        &self,
        configured: Option<&SecretString>,
    ) -> Result<Option<SecretString>, EngineError> {
        if let Some(token) = configured {
            self.ensure_configured(token).await?;
            return Ok(None);
        }
        if !users::is_empty(self.database.reader()).await? {
            return Ok(None);
        }
        let issued = self.create_token(administrator()).await?;
        Ok(Some(issued.token))
    }

    async fn ensure_configured(&self, token: &SecretString) -> Result<(), EngineError> {
        let hash = token::hash(token);
        let now = self.clock.now();
        let txn = self.database.begin().await?;
        if api_keys::find_by_hash(&txn, &hash).await?.is_none() {
            // Whoever held the last configured token stays the same administrator, and keeps its campaigns.
            let last = api_keys::find_by_name(&txn, CONFIGURED_KEY).await?;
            let holder = match last {
                Some(key) => users::find(&txn, UserId::from_uuid(key.user_id)).await?,
                None => None,
            };
            let user: user::Model = match holder {
                Some(user) => user,
                None => {
                    let user = self.row(administrator());
                    users::insert(&txn, user.clone()).await?;
                    info!(user.id = %user.id, "made the first administrator");
                    user
                }
            };
            let key = self.key_row(&user, CONFIGURED_KEY, token);
            if !api_keys::insert(&txn, key).await? {
                // Another process starts with the same token and was faster: what it made is kept, what we made is not.
                return Ok(());
            }
        }
        api_keys::keep_only(&txn, CONFIGURED_KEY, &hash, now).await?;
        txn.commit().await?;
        self.forget();
        Ok(())
    }
}

fn administrator() -> NewUser {
    NewUser {
        name: "Administrator".to_owned(),
        email: None,
        role: Role::Admin,
    }
}
