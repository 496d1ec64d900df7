//! Makes contacts known to the search, a little after they came.

use crate::database::Database;
use crate::error::EngineError;
use crate::store::contact_texts;

/// Steps of one run, of up to 2,000 contacts each.
const STEPS_MAX: usize = 5;

/// Tells the index of searches of some contacts that were added, renamed or removed: up to 10,000; how many. Without it
/// searches find the same, more slowly.
///
/// Dying in the middle costs one step. Of two runs at once the second does nothing.
///
/// # Errors
/// `Unavailable` where the database does not answer: the next run goes on.
pub async fn make_searchable(database: &Database) -> Result<u64, EngineError> {
    let mut known = 0;
    if !contact_texts::is_any_due(database.reader()).await? {
        return Ok(known);
    }
    for _ in 0..STEPS_MAX {
        let txn = database.begin_unsynced().await?;
        let Some(count) = contact_texts::follow_one(&txn).await? else {
            break;
        };
        txn.commit().await?;
        known += count;
    }
    Ok(known)
}
