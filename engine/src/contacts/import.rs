//! Bringing contacts in: many rows, some of them wrong, some of them known.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::lifecycle::Status;
use domain::{CampaignId, UserId};
use sea_orm::{DatabaseTransaction, DbBackend};
use tracing::info;

use super::Contacts;
use super::reading::{self, NewContact};
use crate::actor::Actor;
use crate::anew::after_collision;
use crate::campaigns::find::get;
use crate::campaigns::reading::region_of;
use crate::error::EngineError;
use crate::fail_point;
use crate::import::{BatchLimit, ImportReport, RawRow, take_in};
use crate::store::counters::{Ledger, wake_by};
use crate::store::{self, contact_import};

/// What the rows are, and what their list is called.
pub(super) const CONTACTS: &str = "contacts";
/// Contacts of one transaction. Each costs the database some 40 us.
const BATCH_ROWS_MAX: usize = 2_000;
/// The same on SQLite, whose one writer calls wait for.
const BATCH_ROWS_MAX_SQLITE: usize = 500;
/// Metadata of one transaction.
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The word for a campaign whose contacts are called no more.
pub(super) const CAMPAIGN_IS_OVER: &str = "campaign_is_over";

/// What an import of contacts did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportedContacts {
    /// What became of the rows.
    pub report: ImportReport,
    /// Of the good rows, new ones and known ones, those whose number the campaign's owner must not call: these people are
    /// in the campaign and are not called.
    pub suppressed: u64,
}

impl Contacts {
    /// Adds the good ones of `rows` to the campaign and reports the others; contacts that are there stay as they are.
    ///
    /// Works in transactions of 2,000 rows, on SQLite 500, with at most 4 MB of metadata; calls go on meanwhile. Where it
    /// breaks off in the middle, what was added stays, and sending the same rows again adds the rest. Only the end waits for
    /// Postgres' disk, and for all before it: a Postgres that is cut off before this has answered may have forgotten some.
    ///
    /// # Errors
    /// `NotFound` for another user's campaign too; `Conflict` for a campaign that is over.
    pub async fn import(
        &self,
        actor: &Actor,
        id: CampaignId,
        rows: impl Iterator<Item = RawRow> + Send,
    ) -> Result<ImportedContacts, EngineError> {
        let campaign = get(self.database.reader(), id, actor.scope()).await?;
        refuse_over(&campaign.row.status)?;
        let region = region_of(&campaign.row);
        let owner = UserId::from_uuid(campaign.row.owner_id);
        let read = |cells| reading::read(cells, region);
        let suppressed = AtomicU64::new(0);
        let report = take_in(rows, &self.batch_limit(), read, async |batch| {
            // Others may change a number to one of these meanwhile, who is known the next time.
            let added = after_collision(|| self.add(actor, id, owner, &batch)).await;
            let (added, refused) = added.map_err(EngineError::or_unavailable)?;
            suppressed.fetch_add(refused, Ordering::Relaxed);
            Ok(added)
        })
        .await?;
        // Known ones as well: whoever added them may have died before this.
        if report.added + report.duplicates > 0 {
            contact_import::flush(self.database.writer(), id).await?;
        }
        let suppressed = suppressed.into_inner();
        info!(
            campaign.id = %id, added = report.added, duplicates = report.duplicates, refused = report.refused,
            suppressed,
            "imported contacts into campaign {id}"
        );
        Ok(ImportedContacts { report, suppressed })
    }

    fn batch_limit(&self) -> BatchLimit<NewContact> {
        BatchLimit {
            rows_max: match self.database.backend() {
                DbBackend::Sqlite => BATCH_ROWS_MAX_SQLITE,
                _ => BATCH_ROWS_MAX,
            },
            bytes_max: BATCH_BYTES_MAX,
            bytes_of: |contact| contact.metadata_bytes,
        }
    }

    /// Adds one batch, with its counters and zones; how many were new, and how many of it must not be called.
    ///
    /// The counters are locked last, so that calls wait for a few statements and not for 2,000 rows.
    async fn add(
        &self,
        actor: &Actor,
        id: CampaignId,
        owner: UserId,
        batch: &[NewContact],
    ) -> Result<(u64, u64), EngineError> {
        let txn = self.database.begin_unsynced().await?;
        contact_import::alone(&txn, id).await?;
        let now = self.clock.now();
        let suppressed = suppressed_of(&txn, owner, batch).await?;
        let added = contact_import::insert_new(&txn, id, batch, now).await?;
        let mut ledger = Ledger::lock(&txn, [id]).await?;
        // Under the lock: it may have ended since the last batch.
        let campaign = get(&txn, id, actor.scope()).await?;
        refuse_over(&campaign.row.status)?;
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
        fail_point!("import.committed");
        self.dialing.announce(id);
        self.dialing.wake(id);
        Ok((added, suppressed))
    }
}

/// How many of `batch` must not be called.
async fn suppressed_of(
    txn: &DatabaseTransaction,
    owner: UserId,
    batch: &[NewContact],
) -> Result<u64, EngineError> {
    let numbers = batch.iter().map(|contact| contact.phone_number.expose());
    let people: Vec<(UserId, &str)> = numbers.map(|number| (owner, number)).collect();
    let suppressed = store::suppressions::among(txn, &people).await?;
    let is_suppressed =
        |person: &&(UserId, &str)| suppressed.contains(&(person.0, person.1.to_owned()));
    Ok(people.iter().filter(is_suppressed).count() as u64)
}

fn refuse_over(status: &str) -> Result<(), EngineError> {
    let status: Status = status.parse().map_err(EngineError::internal)?;
    if status.is_final() {
        let message = format!("the campaign is {status} and takes no more contacts");
        return Err(EngineError::conflict(CAMPAIGN_IS_OVER, message));
    }
    Ok(())
}
