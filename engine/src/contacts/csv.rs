//! Contacts as CSV: the first line names the columns.

use domain::CampaignId;

use super::Contacts;
use super::exported::SHEET;
use super::import::{CONTACTS, ImportedContacts};
use crate::actor::Actor;
use crate::error::EngineError;
use crate::import::csv::Table;

impl Contacts {
    /// [`Contacts::import`] of a CSV text in UTF-8, separated by commas, semicolons or tabs. Columns may come in any order
    /// and are known by their names; those of the sender's own become metadata. Rows are numbered by their line. A file of
    /// [`Contacts::export`] is known by its columns: its people are added anew, without what calling came to.
    ///
    /// The rows are counted before anything is added, so that a file that is too long changes nothing.
    ///
    /// # Errors
    /// As [`Contacts::import`]; `Invalid` where no column is a phone number; `TooLarge` for too many rows.
    pub async fn import_csv(
        &self,
        actor: &Actor,
        id: CampaignId,
        text: &[u8],
    ) -> Result<ImportedContacts, EngineError> {
        let mut table = Table::open(text, CONTACTS, &SHEET)?;
        self.import(actor, id, table.rows()).await
    }
}
