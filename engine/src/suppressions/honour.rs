//! From when on a list is honoured.

use domain::{PhoneNumber, UserId};

use super::Suppressions;
use crate::error::EngineError;
use crate::store::campaigns;
use crate::store::counters::Ledger;

/// Campaigns locked at once.
const CAMPAIGNS_MAX: usize = 500;

impl Suppressions {
    /// Waits until no decision to dial is under way that was taken without what is now on the list of `owner`: about
    /// `number`, or about any.
    ///
    /// Calls are begun under the lock of their campaign's counters, which reads the list anew. Whoever held it when the
    /// list changed is done once the lock was had; whoever gets it later knows.
    ///
    /// # Errors
    /// What the database says.
    pub(super) async fn honour(
        &self,
        owner: UserId,
        number: Option<&PhoneNumber>,
    ) -> Result<(), EngineError> {
        let db = self.database.writer();
        let calling = match number {
            Some(number) => campaigns::active_with_number(db, owner, number.expose()).await?,
            None => campaigns::active_of(db, owner).await?,
        };
        for some in calling.chunks(CAMPAIGNS_MAX) {
            let txn = self.database.begin().await?;
            Ledger::lock(&txn, some.iter().copied()).await?;
            txn.commit().await?;
        }
        Ok(())
    }
}
