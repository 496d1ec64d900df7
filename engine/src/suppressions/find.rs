//! One suppression.

use domain::UserId;

use super::{ListedSuppression, SuppressionKey, Suppressions};
use crate::access;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::field::Sieve;
use crate::query::Param;
use crate::store::suppression_list;

impl Suppressions {
    /// The suppression that goes by `key`, of the list of `user`. Where nobody says whose: by its id on any list that
    /// `actor` may see, by its number on the actor's own.
    ///
    /// # Errors
    /// `NotFound` for one on another user's list too; `Forbidden` where `user` is somebody else; `Invalid` where it is
    /// nobody.
    pub async fn get(
        &self,
        actor: &Actor,
        key: &SuppressionKey,
        user: &Param,
    ) -> Result<ListedSuppression, EngineError> {
        let mut sieve = Sieve::default();
        let owner = access::owner(&self.database, &mut sieve, actor, user).await?;
        sieve.done(()).map_err(EngineError::Invalid)?;
        let db = self.database.reader();
        let found = match key {
            SuppressionKey::Id(id) => suppression_list::find(db, *id, owner).await?,
            SuppressionKey::Number(number) => {
                let owner = owner.unwrap_or(actor.id);
                suppression_list::find_number(db, owner, number).await?
            }
        };
        found
            .map(ListedSuppression::from)
            .ok_or_else(|| EngineError::not_found("suppression"))
    }

    /// Whose list a request changes: that of `user`, else the actor's own. What is wrong is noted in `sieve`.
    ///
    /// # Errors
    /// `Forbidden` where it is somebody else's.
    pub(super) async fn owner(
        &self,
        sieve: &mut Sieve,
        actor: &Actor,
        user: &Param,
    ) -> Result<UserId, EngineError> {
        let owner = access::owner(&self.database, sieve, actor, user).await?;
        Ok(owner.unwrap_or(actor.id))
    }
}
