//! Bringing a list of numbers in that somebody keeps elsewhere.

use domain::{Region, UserId};
use tracing::info;

use super::exported::SHEET;
use super::reading::{self, ReadSuppression};
use super::{Source, Suppressions};
use crate::actor::Actor;
use crate::error::EngineError;
use crate::field::Sieve;
use crate::import::csv::Table;
use crate::import::{BatchLimit, ImportReport, RawRow, json, take_in};
use crate::query::{Param, word};
use crate::store::people::outwait_decisions;
use crate::store::suppressions::{self, Suppression};

/// What the rows are, and what their list is called.
const SUPPRESSIONS: &str = "suppressions";
/// Of one transaction.
const BATCH_LIMIT: BatchLimit<ReadSuppression> = BatchLimit {
    rows_max: 500,
    bytes_max: 4 * 1024 * 1024,
    bytes_of: |read| read.reason.as_ref().map_or(0, String::len),
};

/// What a query says of an import.
#[derive(Clone, Debug, Default)]
pub struct ImportQuery {
    /// Onto whose list: our id of the user, or the dashboard's; the actor's own where nobody says.
    pub user: Param,
    /// Where numbers without `+` belong to whose row does not say.
    pub region: Param,
}

/// What [`ImportQuery`] means.
struct Told {
    owner: UserId,
    region: Option<Region>,
}

impl Suppressions {
    /// Adds the good ones of the elements of `{"suppressions": [{…}, …]}` and reports the others; those that are on the list
    /// stay as they are. Once this has answered, no campaign of the owner begins a call to any of them. The text is read to
    /// its end before anything is added.
    ///
    /// Works in transactions of 500 rows. Where it breaks off in the middle, what was added stays, and sending the same
    /// again adds the rest.
    ///
    /// # Errors
    /// `Invalid` with everything that is wrong with `query`, and without a list; `Unreadable` for what is no JSON;
    /// `TooLarge` for more than 100,000 elements; `Forbidden` for somebody else's list.
    pub async fn import_json(
        &self,
        actor: &Actor,
        query: ImportQuery,
        text: &[u8],
    ) -> Result<ImportReport, EngineError> {
        let told = self.told(actor, &query).await?;
        let rows = json::rows(text, SUPPRESSIONS)?;
        self.import(actor, &told, rows).await
    }

    /// As [`Self::import_json`], of a CSV text in UTF-8 whose first line names the columns; rows are numbered by their
    /// line. A file of [`Suppressions::export`] is known by its columns: of it numbers and reasons are read.
    ///
    /// # Errors
    /// As [`Self::import_json`]; `Invalid` where no column is a phone number.
    pub async fn import_csv(
        &self,
        actor: &Actor,
        query: ImportQuery,
        text: &[u8],
    ) -> Result<ImportReport, EngineError> {
        let told = self.told(actor, &query).await?;
        let mut table = Table::open(text, SUPPRESSIONS, &SHEET)?;
        self.import(actor, &told, table.rows()).await
    }

    async fn told(&self, actor: &Actor, query: &ImportQuery) -> Result<Told, EngineError> {
        let mut sieve = Sieve::default();
        let region = sieve.param("region", &query.region, word);
        let owner = self.owner(&mut sieve, actor, &query.user).await?;
        sieve
            .done(Told { owner, region })
            .map_err(EngineError::Invalid)
    }

    async fn import(
        &self,
        actor: &Actor,
        told: &Told,
        rows: impl Iterator<Item = RawRow> + Send,
    ) -> Result<ImportReport, EngineError> {
        let owner = told.owner;
        let read = |cells| reading::read(cells, told.region);
        let add = |batch| self.insert_all(actor, owner, batch);
        let report = take_in(rows, &BATCH_LIMIT, read, add).await?;
        outwait_decisions(self.database.begin().await?, owner).await?;
        info!(
            owner.id = %owner, by = %actor.id, added = report.added, duplicates = report.duplicates,
            refused = report.refused, "imported suppressions"
        );
        Ok(report)
    }

    async fn insert_all(
        &self,
        actor: &Actor,
        owner: UserId,
        batch: Vec<ReadSuppression>,
    ) -> Result<u64, EngineError> {
        let wishes = batch.into_iter().map(|read| Suppression {
            owner,
            number: read.number,
            source: Source::Import,
            reason: read.reason,
            added_by: Some(actor.id),
        });
        let db = self.database.writer();
        let added = suppressions::insert(db, wishes.collect(), self.clock.now()).await?;
        Ok(added)
    }
}
