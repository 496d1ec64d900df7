//! The sums of calls counted anew from the calls: for days in which they are not what they should be.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use sea_orm::{
    AccessMode, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, TransactionTrait,
};

use super::Reports;
use crate::error::EngineError;
use crate::store::rollup_corrections::Corrections;
use crate::store::rollup_rows;
use crate::store::rollups::{BUCKET_MINUTES, DAY_MINUTES};

/// What a recount came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recounted {
    /// Rows of sums per quarter of an hour that were wrong, or missing.
    pub quarters: usize,
    /// Rows of sums per day that were wrong, or missing.
    pub days: usize,
}

impl Reports {
    /// Counts the sums of the calls that were begun on `day`, UTC, anew, and corrects those that differ.
    ///
    /// May be run at any time, also while calls are begun and settled: nobody waits for it for longer than for a batch of
    /// calls. Running it twice changes nothing the second time; dying in the middle leaves the quarters that were corrected
    /// corrected. Two at once wait for each other.
    ///
    /// What is compared is one state of the database: calls and sums change in one transaction, so whoever counts a call
    /// meanwhile adds to both, and the difference stays what it was. It is therefore added, and nothing is overwritten.
    /// Callbacks that calls led to cannot be recounted, and stay as they are.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer, or somebody else recounts.
    pub async fn recount(&self, day: NaiveDate) -> Result<Recounted, EngineError> {
        let begin = day.and_time(NaiveTime::MIN).and_utc();
        let mut recounted = Recounted::default();
        for bucket in quarters_of(begin) {
            recounted.quarters += self.recount_quarter(bucket).await?;
        }
        // Each day is its quarters, which are right by now.
        recounted.days = self.recount_day(begin).await?;
        Ok(recounted)
    }

    async fn recount_quarter(&self, bucket: DateTime<Utc>) -> Result<usize, EngineError> {
        let state = State::of(self).await?;
        let counted = rollup_rows::count_calls(state.read(), bucket).await?;
        let known = rollup_rows::of_quarter(state.read(), bucket).await?;
        Ok(state
            .correct(Corrections::of_quarter(counted, known))
            .await?)
    }

    async fn recount_day(&self, begin: DateTime<Utc>) -> Result<usize, EngineError> {
        let state = State::of(self).await?;
        let mut corrections = Corrections::default();
        for bucket in quarters_of(begin) {
            let quarter = rollup_rows::details(state.read(), bucket, BUCKET_MINUTES).await?;
            corrections.expect(quarter);
        }
        let known = rollup_rows::details(state.read(), begin, DAY_MINUTES).await?;
        Ok(state.correct(corrections.of_day(known)).await?)
    }
}

fn quarters_of(begin: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    (0..DAY_MINUTES / BUCKET_MINUTES)
        .map(move |quarter| begin + TimeDelta::minutes(quarter * BUCKET_MINUTES))
}

/// One state of the database to read, and a transaction to correct it in.
struct State {
    writing: DatabaseTransaction,
    /// Read from here; `None`: there is one writer, so what it reads stays as it is.
    snapshot: Option<DatabaseTransaction>,
}

impl State {
    async fn of(reports: &Reports) -> Result<Self, DbErr> {
        let writing = reports.database.begin().await?;
        rollup_rows::recount_alone(&writing).await?;
        let snapshot = match reports.database.backend() {
            DbBackend::Postgres => {
                // Only now: it must see what the recount before this one corrected.
                let (isolation, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
                let reader = reports.database.reader();
                let begun = reader.begin_with_config(Some(isolation), Some(access));
                Some(begun.await?)
            }
            _ => None,
        };
        Ok(Self { writing, snapshot })
    }

    fn read(&self) -> &DatabaseTransaction {
        self.snapshot.as_ref().unwrap_or(&self.writing)
    }

    /// How many rows were wrong.
    async fn correct(self, corrections: Corrections) -> Result<usize, DbErr> {
        let rows = corrections.rows();
        if let Some(snapshot) = self.snapshot {
            snapshot.rollback().await?;
        }
        corrections.add_to(&self.writing).await?;
        self.writing.commit().await?;
        Ok(rows)
    }
}
