//! Makes contacts known to the search, a little after they came.

use crate::database::Database;
use crate::error::EngineError;
use crate::store::contact_texts::{self, Followed};

/// Contacts of one run, and then the rest of a step. Each costs Postgres some 30 us, so once a second this is a seventh of a core.
const CONTACTS_MAX: u64 = 5_000;
/// Steps of one run.
const STEPS_MAX: usize = 20;

/// Tells the index of searches of some contacts that were added, renamed or removed: of 5,000 of them, or a little more; how
/// many notes it followed. Without it searches find the same, more slowly. Not while `is_busy` says that there is more
/// important work.
///
/// Dying in the middle costs one step. Of two runs at once the second does nothing.
///
/// # Errors
/// `Unavailable` where the database does not answer: the next run goes on.
pub async fn make_searchable(
    database: &Database,
    is_busy: impl Future<Output = bool> + Send,
) -> Result<u64, EngineError> {
    let mut all = Followed::default();
    if !contact_texts::is_any_due(database.reader()).await? || is_busy.await {
        return Ok(0);
    }
    for _ in 0..STEPS_MAX {
        let txn = database.begin_unsynced().await?;
        let Some(step) = contact_texts::follow_some(&txn).await? else {
            break;
        };
        txn.commit().await?;
        all.notes += step.notes;
        all.contacts += step.contacts;
        if all.contacts >= CONTACTS_MAX {
            break;
        }
    }
    Ok(all.notes)
}
