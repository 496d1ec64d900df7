//! Bringing contacts in: many rows, some of them wrong, some of them known.

use std::collections::BTreeSet;

use domain::lifecycle::Status;
use domain::{CampaignId, Region};
use serde_json::{Map, Value};
use tracing::info;

use super::Contacts;
use super::reading::{self, NewContact};
use crate::actor::Actor;
use crate::campaigns::find::get;
use crate::campaigns::reading::region_of;
use crate::error::{EngineError, FieldError};
use crate::store;
use crate::store::counters::{Ledger, wake_by};

/// Rows in one request.
pub const ROWS_MAX: usize = 100_000;
/// Rows in one transaction.
const BATCH_ROWS_MAX: usize = 500;
/// Errors listed in a report; the rest is counted.
pub const ERRORS_LISTED_MAX: usize = 1_000;

/// The word for a campaign whose contacts are called no more.
pub(super) const CAMPAIGN_IS_OVER: &str = "campaign_is_over";

/// A row as it came.
#[derive(Debug)]
pub struct RawRow {
    /// Its number, as the sender counts: the line of the file, or the place in the list, from 1 on.
    pub number: u64,
    /// Its cells by name, or why there are none.
    pub cells: Result<Map<String, Value>, FieldError>,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Contacts that are new.
    pub added: u64,
    /// Rows whose number the campaign has already, in the table or earlier in the same request.
    pub duplicates: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// What was wrong with them, in order; the first [`ERRORS_LISTED_MAX`].
    pub errors: Vec<RowError>,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// The row's number, as the sender counts.
    pub row: u64,
    /// Which field.
    pub field: String,
    /// A sentence that helps.
    pub message: String,
}

impl Contacts {
    /// Adds the good ones of `rows` to the campaign and reports the others; contacts that are there stay as they are.
    ///
    /// Works in transactions of 500 rows, so that calls go on meanwhile. Where it breaks off in the middle, what was
    /// added stays, and sending the same rows again adds the rest.
    ///
    /// # Errors
    /// `NotFound` for another user's campaign too; `Conflict` for a campaign that is over.
    pub async fn import(
        &self,
        actor: &Actor,
        id: CampaignId,
        rows: impl Iterator<Item = RawRow> + Send,
    ) -> Result<ImportReport, EngineError> {
        let campaign = get(self.database.reader(), id, actor.scope()).await?;
        refuse_over(&campaign.row.status)?;
        let region = region_of(&campaign.row);
        let mut report = ImportReport::default();
        let mut rows = rows.peekable();
        while rows.peek().is_some() {
            let batch = rows.by_ref().take(BATCH_ROWS_MAX);
            let good: Vec<NewContact> = batch
                .filter_map(|row| report.sort_out(row, region))
                .collect();
            let added = self.add(actor, id, &good).await?;
            report.added += added;
            report.duplicates += good.len() as u64 - added;
        }
        info!(
            campaign.id = %id, added = report.added, duplicates = report.duplicates, refused = report.refused,
            "imported contacts into campaign {id}"
        );
        Ok(report)
    }

    /// Adds one batch, with its counters and zones, in one transaction; how many were new.
    async fn add(
        &self,
        actor: &Actor,
        id: CampaignId,
        batch: &[NewContact],
    ) -> Result<u64, EngineError> {
        if batch.is_empty() {
            return Ok(0);
        }
        let txn = self.database.begin().await?;
        let mut ledger = Ledger::lock(&txn, [id]).await?;
        let now = self.clock.now();
        // Again, under the lock: it may have ended since the last batch.
        let campaign = get(&txn, id, actor.scope()).await?;
        refuse_over(&campaign.row.status)?;
        let added = store::contact_import::insert_new(&txn, id, batch, now).await?;
        let zones: BTreeSet<String> = batch.iter().map(|c| c.timezone.clone()).collect();
        store::campaigns::add_zones(&txn, id, zones).await?;
        if let Some(counters) = ledger.edit(id) {
            let count = i32::try_from(added).map_err(EngineError::internal)?;
            counters.total += count;
            counters.pending += count;
            wake_by(counters, now);
        }
        ledger.save(&txn).await?;
        txn.commit().await?;
        self.dialing.announce(id);
        self.dialing.wake(id);
        Ok(added)
    }
}

impl ImportReport {
    /// The contact in `row`, or an entry in the report.
    fn sort_out(&mut self, row: RawRow, region: Option<Region>) -> Option<NewContact> {
        let contact = row
            .cells
            .map_err(|error| vec![error])
            .and_then(|cells| reading::read(cells, region));
        match contact {
            Ok(contact) => Some(contact),
            Err(errors) => {
                self.refused += 1;
                let room = ERRORS_LISTED_MAX.saturating_sub(self.errors.len());
                let listed = errors.into_iter().take(room).map(|error| RowError {
                    row: row.number,
                    field: error.field,
                    message: error.message,
                });
                self.errors.extend(listed);
                None
            }
        }
    }
}

/// # Errors
/// `TooLarge` for more rows than one request may bring.
pub(super) fn check_count(rows: usize) -> Result<(), EngineError> {
    if rows > ROWS_MAX {
        let message =
            format!("a request may bring at most {ROWS_MAX} contacts; send the rest in another");
        return Err(EngineError::TooLarge(message));
    }
    Ok(())
}

fn refuse_over(status: &str) -> Result<(), EngineError> {
    let status: Status = status.parse().map_err(EngineError::internal)?;
    if status.is_final() {
        let message = format!("the campaign is {status} and takes no more contacts");
        return Err(EngineError::conflict(CAMPAIGN_IS_OVER, message));
    }
    Ok(())
}
