//! Contacts as JSON: `{"contacts": [{…}, …]}`.

use domain::CampaignId;

use super::Contacts;
use super::import::{CONTACTS, ImportedContacts};
use crate::actor::Actor;
use crate::error::EngineError;
use crate::import::json;

impl Contacts {
    /// [`Contacts::import`] of a JSON text. It is read to its end before anything is added, so that a text that breaks off,
    /// or is too long, changes nothing.
    ///
    /// # Errors
    /// As [`Contacts::import`]; `Unreadable` for what is no JSON; `Invalid` without a list `contacts`; `TooLarge` for too
    /// many elements.
    pub async fn import_json(
        &self,
        actor: &Actor,
        id: CampaignId,
        text: &[u8],
    ) -> Result<ImportedContacts, EngineError> {
        let rows = json::rows(text, CONTACTS)?;
        self.import(actor, id, rows).await
    }
}
