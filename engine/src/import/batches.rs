//! Rows, a batch at a time.

use serde_json::{Map, Value};

use super::{ImportReport, RawRow};
use crate::error::{EngineError, FieldError};

/// Rows in one transaction.
const BATCH_ROWS_MAX: usize = 500;

/// Has the good ones of `rows`, as `read` understands them, added by `add`, which tells how many were new; reports the
/// others. At most 500 are handed over at once, never none.
///
/// Where it breaks off in the middle, what was added stays.
///
/// # Errors
/// The first of `add`.
pub(crate) async fn take_in<T, Adding>(
    rows: impl Iterator<Item = RawRow> + Send,
    read: impl Fn(Map<String, Value>) -> Result<T, Vec<FieldError>> + Send + Sync,
    add: impl Fn(Vec<T>) -> Adding + Send,
) -> Result<ImportReport, EngineError>
where
    T: Send,
    Adding: Future<Output = Result<u64, EngineError>> + Send,
{
    let mut report = ImportReport::default();
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let batch = rows.by_ref().take(BATCH_ROWS_MAX);
        let good: Vec<T> = batch
            .filter_map(|row| report.sort_out(row, &read))
            .collect();
        let count = good.len() as u64;
        let added = if good.is_empty() { 0 } else { add(good).await? };
        report.added += added;
        report.duplicates += count - added;
    }
    Ok(report)
}
