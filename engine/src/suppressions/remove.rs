//! Taking a number off the list.

use domain::SuppressionId;
use tracing::info;

use super::{SuppressionKey, Suppressions};
use crate::actor::Actor;
use crate::error::EngineError;
use crate::query::Param;
use crate::store::suppression_list;

impl Suppressions {
    /// Takes the suppression that goes by `key`, as [`Self::get`] finds it, off its list: from now on the number may be
    /// called. Contacts that became `do_not_call` meanwhile stay so; those whose turn did not come yet are called. A second
    /// run finds nothing.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn remove(
        &self,
        actor: &Actor,
        key: &SuppressionKey,
        user: &Param,
    ) -> Result<(), EngineError> {
        let row = self.get(actor, key, user).await?.row;
        let id = SuppressionId::from_uuid(row.id);
        if !suppression_list::delete(self.database.writer(), id).await? {
            return Err(EngineError::not_found("suppression"));
        }
        info!(
            suppression.id = %id, owner.id = %row.owner_id, by = %actor.id, source = %row.source,
            "removed suppression {id}"
        );
        Ok(())
    }
}
