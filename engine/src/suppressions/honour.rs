//! From when on a list is honoured.

use domain::UserId;

use super::Suppressions;
use crate::error::EngineError;
use crate::store::people::decide_alone;

impl Suppressions {
    /// Waits until no decision to dial is under way that was taken without what is now on the list of `owner`.
    ///
    /// Whether to call an owner's people is decided under one lock, whether a campaign calls or somebody by hand, and the
    /// list is read anew under it. Whoever held it when the list changed is done once the lock was had; whoever gets it
    /// later knows.
    ///
    /// # Errors
    /// What the database says.
    pub(super) async fn honour(&self, owner: UserId) -> Result<(), EngineError> {
        let txn = self.database.begin().await?;
        decide_alone(&txn, [owner]).await?;
        txn.commit().await?;
        Ok(())
    }
}
