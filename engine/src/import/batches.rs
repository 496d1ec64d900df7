//! Rows, a batch at a time.

use futures::FutureExt;
use futures::future::try_join;
use serde_json::{Map, Value};
use tokio::task::yield_now;

use super::{ImportReport, RawRow};
use crate::error::{EngineError, FieldError};

/// Rows that are read before others have their turn: half a millisecond.
const READ_AT_ONCE_ROWS_MAX: usize = 50;

/// What one transaction takes in.
pub(crate) struct BatchLimit<T> {
    /// Rows.
    pub rows_max: usize,
    /// Bytes, and then one row more.
    pub bytes_max: usize,
    /// How many of these a row has.
    pub bytes_of: fn(&T) -> usize,
}

/// Has the good ones of `rows`, as `read` understands them, added by `add`, which tells how many were new; reports the
/// others. No more than `limit` are handed over at once, never none; while they are added, the next are read.
///
/// Where it breaks off in the middle, what was added stays.
///
/// # Errors
/// The first of `add`.
pub(crate) async fn take_in<T, Adding>(
    mut rows: impl Iterator<Item = RawRow> + Send,
    limit: &BatchLimit<T>,
    read: impl Fn(Map<String, Value>) -> Result<T, Vec<FieldError>> + Send + Sync,
    add: impl Fn(Vec<T>) -> Adding + Send,
) -> Result<ImportReport, EngineError>
where
    T: Send,
    Adding: Future<Output = Result<u64, EngineError>> + Send,
{
    let mut report = ImportReport::default();
    let mut batch = next_good(&mut rows, limit, &read, &mut report).await;
    while !batch.is_empty() {
        let count = batch.len() as u64;
        let next = next_good(&mut rows, limit, &read, &mut report);
        let (added, next) = try_join(add(batch), next.map(Ok)).await?;
        report.added += added;
        report.duplicates += count - added;
        batch = next;
    }
    Ok(report)
}

/// The next good rows, within `limit`; none once `rows` has ended.
async fn next_good<T: Send>(
    rows: &mut (impl Iterator<Item = RawRow> + Send),
    limit: &BatchLimit<T>,
    read: &(impl Fn(Map<String, Value>) -> Result<T, Vec<FieldError>> + Sync),
    report: &mut ImportReport,
) -> Vec<T> {
    let (mut good, mut bytes) = (Vec::new(), 0);
    for (place, row) in rows.enumerate() {
        if let Some(row) = report.sort_out(row, read) {
            bytes += (limit.bytes_of)(&row);
            good.push(row);
        }
        if good.len() >= limit.rows_max || bytes >= limit.bytes_max {
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

    /// Each is as long as its value.
    const fn limit(rows_max: usize) -> BatchLimit<u64> {
        BatchLimit {
            rows_max,
            bytes_max: 1_000_000,
            bytes_of: |row| *row as usize,
        }
    }

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
        let report = take_in(rows(1_000), &limit(300), read, add).await.unwrap();
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
        let report = take_in(rows(20), &limit(3), read, add).await.unwrap();
        assert_eq!(*sizes.lock().unwrap(), [3, 3, 1]);
        assert_eq!(
            (report.added, report.duplicates, report.refused),
            (3, 4, 13)
        );
    }

    #[tokio::test]
    async fn a_batch_ends_with_the_row_that_makes_it_too_long() {
        let sizes = Mutex::new(Vec::new());
        let add = async |batch: Vec<u64>| {
            sizes.lock().unwrap().push(batch.len());
            Ok(batch.len() as u64)
        };
        let long = take_in(rows(5), &limit(100), |_| Ok(600_000), add).await;
        assert_eq!(long.unwrap().added, 5);
        assert_eq!(*sizes.lock().unwrap(), [2, 2, 1]);
    }

    #[tokio::test]
    async fn what_cannot_be_added_ends_it() {
        let tries = AtomicU64::new(0);
        let add = async |_: Vec<u64>| {
            tries.fetch_add(1, Ordering::Relaxed);
            Err(EngineError::not_found("campaign"))
        };
        let ended = take_in(rows(9), &limit(3), |_| Ok(1), add).await;
        assert!(ended.is_err());
        assert_eq!(tries.into_inner(), 1);
    }
}
