//! Rows, a batch at a time.

use futures::future::join;
use serde_json::{Map, Value};
use tokio::task::yield_now;

use super::{ImportReport, RawRow};
use crate::error::{EngineError, FieldError};

/// Rows that are read before others have their turn: half a millisecond.
const READ_AT_ONCE_ROWS_MAX: usize = 50;

/// Has the good ones of `rows`, as `read` understands them, added by `add`, which tells how many were new; reports the
/// others. At most `batch_rows_max` are handed over at once, never none; while they are added, the next are read.
///
/// Where it breaks off in the middle, what was added stays.
///
/// # Errors
/// The first of `add`.
pub(crate) async fn take_in<T, Adding>(
    mut rows: impl Iterator<Item = RawRow> + Send,
    batch_rows_max: usize,
    read: impl Fn(Map<String, Value>) -> Result<T, Vec<FieldError>> + Send + Sync,
    add: impl Fn(Vec<T>) -> Adding + Send,
) -> Result<ImportReport, EngineError>
where
    T: Send,
    Adding: Future<Output = Result<u64, EngineError>> + Send,
{
    let mut report = ImportReport::default();
    let mut batch = next_good(&mut rows, batch_rows_max, &read, &mut report).await;
    while !batch.is_empty() {
        let count = batch.len() as u64;
        let next = next_good(&mut rows, batch_rows_max, &read, &mut report);
        let (added, next) = join(add(batch), next).await;
        let added = added?;
        report.added += added;
        report.duplicates += count - added;
        batch = next;
    }
    Ok(report)
}

/// The next good rows, at most `rows_max`; none once `rows` has ended.
async fn next_good<T: Send>(
    rows: &mut (impl Iterator<Item = RawRow> + Send),
    rows_max: usize,
    read: &(impl Fn(Map<String, Value>) -> Result<T, Vec<FieldError>> + Sync),
    report: &mut ImportReport,
) -> Vec<T> {
    let mut good = Vec::with_capacity(rows_max);
    for (place, row) in rows.enumerate() {
        good.extend(report.sort_out(row, read));
        if good.len() == rows_max {
            break;
        }
        if place % READ_AT_ONCE_ROWS_MAX == 0 {
            yield_now().await;
        }
    }
    good
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    fn rows(count: u64) -> impl Iterator<Item = RawRow> {
        (1..=count).map(|number| RawRow {
            number,
            cells: Ok(Map::new()),
        })
    }

    #[tokio::test]
    async fn the_next_rows_are_read_while_a_batch_is_added() {
        let read_count = AtomicU64::new(0);
        let read = |_| Ok(read_count.fetch_add(1, Ordering::Relaxed));
        let add = async |batch: Vec<u64>| {
            let next = (batch.last().unwrap() + 1 + batch.len() as u64).min(1_000);
            while read_count.load(Ordering::Relaxed) < next {
                yield_now().await;
            }
            Ok(batch.len() as u64)
        };
        let report = take_in(rows(1_000), 300, read, add).await.unwrap();
        assert_eq!((report.added, report.duplicates), (1_000, 0));
    }

    #[tokio::test]
    async fn batches_are_full_of_good_rows_and_never_empty() {
        let count = AtomicU64::new(0);
        // Every third is good.
        let read = |_| match count.fetch_add(1, Ordering::Relaxed) {
            place if place % 3 == 0 => Ok(place),
            _ => Err(vec![FieldError::new("phoneNumber", "is wrong")]),
        };
        let sizes = Mutex::new(Vec::new());
        let add = async |batch: Vec<u64>| {
            sizes.lock().unwrap().push(batch.len());
            Ok(1)
        };
        let report = take_in(rows(20), 3, read, add).await.unwrap();
        assert_eq!(*sizes.lock().unwrap(), [3, 3, 1]);
        assert_eq!(
            (report.added, report.duplicates, report.refused),
            (3, 4, 13)
        );
    }

    #[tokio::test]
    async fn what_cannot_be_added_ends_it() {
        let tries = AtomicU64::new(0);
        let add = async |_: Vec<()>| {
            tries.fetch_add(1, Ordering::Relaxed);
            Err(EngineError::not_found("campaign"))
        };
        let ended = take_in(rows(9), 3, |_| Ok(()), add).await;
        assert!(ended.is_err());
        assert_eq!(tries.into_inner(), 1);
    }
}
