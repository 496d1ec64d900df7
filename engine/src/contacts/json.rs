//! Contacts as JSON: `{"contacts": [{…}, …]}`.

use domain::CampaignId;
use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::Contacts;
use super::import::{ImportReport, RawRow, check_count};
use crate::actor::Actor;
use crate::error::{EngineError, FieldError};

/// The list, its elements not looked into: a bad one must not spoil the others.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    contacts: Vec<&'a RawValue>,
}

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
    ) -> Result<ImportReport, EngineError> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let body: Body<'_> =
            serde_json::from_slice(text).map_err(|error| match error.classify() {
                Category::Data => EngineError::invalid("contacts", "must be a list of contacts"),
                _ => EngineError::Unreadable(format!("the body is no JSON: {error}")),
            })?;
        check_count(body.contacts.len())?;
        let rows = body.contacts.into_iter().zip(1..).map(raw_row);
        self.import(actor, id, rows).await
    }
}

fn raw_row((element, number): (&RawValue, u64)) -> RawRow {
    let cells = serde_json::from_str(element.get())
        .map_err(|_| FieldError::new("", "must be an object with at least a phoneNumber"));
    RawRow { number, cells }
}
