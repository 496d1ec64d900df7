//! Finding contacts.

use domain::{CampaignId, ContactStatus};
use entity::contact::Model;

use super::Contacts;
use crate::actor::Actor;
use crate::campaigns::find::get;
use crate::error::EngineError;
use crate::field::{Sieve, text_up_to};
use crate::page::{Page, Paged};
use crate::store::contact_list::{self, Filter};

/// Characters of a search.
const SEARCH_CHARS_MAX: usize = 200;

/// Which contacts somebody looks for, as it stands in a query. Empty texts are as good as absent.
#[derive(Clone, Debug, Default)]
pub struct ContactQuery {
    /// Only those in this status.
    pub status: Option<String>,
    /// Only those with this text in name, e-mail or phone number.
    pub search: Option<String>,
}

impl Contacts {
    /// The campaign's contacts that `query` asks for, one page of them, in the order of import.
    ///
    /// # Errors
    /// `NotFound` for another user's campaign too; `Invalid` with everything in `query` that is no answer to its question.
    pub async fn list(
        &self,
        actor: &Actor,
        id: CampaignId,
        query: ContactQuery,
        page: Page,
    ) -> Result<Paged<Model>, EngineError> {
        let filter = read(&query)?;
        let db = self.database.reader();
        get(db, id, actor.scope()).await?;
        let (items, total) = contact_list::list(db, id, &filter, page).await?;
        Ok(Paged { items, total, page })
    }
}

/// What `query` means.
pub(super) fn read(query: &ContactQuery) -> Result<Filter, EngineError> {
    let mut sieve = Sieve::default();
    let mut filter = Filter::default();
    if let Some(status) = query.status.as_deref().filter(|status| !status.is_empty()) {
        match status.parse::<ContactStatus>() {
            Ok(status) => filter.status = Some(status),
            Err(error) => sieve.refuse("status", error.to_string()),
        }
    }
    if let Some(search) = query.search.as_deref().filter(|search| !search.is_empty()) {
        match text_up_to(search, SEARCH_CHARS_MAX) {
            Ok(search) => filter.search = Some(search),
            Err(message) => sieve.refuse("search", message),
        }
    }
    if sieve.errors.is_empty() {
        Ok(filter)
    } else {
        Err(EngineError::Invalid(sieve.errors))
    }
}
