//! Finding contacts.

use domain::CampaignId;
use entity::contact::Model;

use super::Contacts;
use crate::actor::Actor;
use crate::campaigns::find::get;
use crate::error::EngineError;
use crate::field::{Sieve, text_up_to};
use crate::page::{Page, PageRequest, Paged};
use crate::query::{Param, word};
use crate::store::contact_list::{self, Filter};
use crate::store::contact_texts;
use crate::store::counters::contacts_at;

/// Characters of a search.
const SEARCH_CHARS_MAX: usize = 200;
/// Contacts of a campaign up to which a search just looks at all of them: that takes a few milliseconds.
const SCANNED_MAX: i32 = 10_000;
/// Contacts that a search looks at one by one, because the index says that they may be meant. Where they are more, all are
/// looked at.
const CANDIDATES_MAX: usize = 10_000;
/// Letters and digits in a row that the index knows texts by.
const INDEXED_CHARS: usize = 3;

/// Which contacts somebody looks for, as it stands in a query.
#[derive(Clone, Debug, Default)]
pub struct ContactQuery {
    /// Only those in this status.
    pub status: Param,
    /// Only those with this text in name, e-mail or phone number.
    pub search: Param,
}

impl Contacts {
    /// The campaign's contacts that `query` asks for, one page of them, in the order of import.
    ///
    /// # Errors
    /// `NotFound` for another user's campaign too; `Invalid` with everything in `query` and `page` that is no answer to its
    /// question.
    pub async fn list(
        &self,
        actor: &Actor,
        id: CampaignId,
        query: ContactQuery,
        page: PageRequest,
    ) -> Result<Paged<Model>, EngineError> {
        let (mut filter, page) = read(&query, &page)?;
        let db = self.database.searcher();
        let counters = get(db, id, actor.scope()).await?.counters;
        if let Some(text) = &filter.search
            && counters.total > SCANNED_MAX
            && is_indexed(text)
        {
            filter.among = contact_texts::candidates(db, id, text, CANDIDATES_MAX).await?;
        }
        let total = match (&filter.search, filter.status) {
            (Some(_), _) => contact_list::count(db, id, &filter).await?,
            (None, Some(status)) => counted(contacts_at(&counters, status)),
            (None, None) => counted(counters.total),
        };
        let items = contact_list::page(db, id, &filter, page).await?;
        Ok(Paged { items, total, page })
    }
}

/// True where the index can tell anything about `text`.
fn is_indexed(text: &str) -> bool {
    let mut words = text.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| word.chars().count() >= INDEXED_CHARS)
}

fn counted(contacts: i32) -> u64 {
    u64::try_from(contacts).unwrap_or_default()
}

/// What `query` and `page` mean.
pub(super) fn read(
    query: &ContactQuery,
    page: &PageRequest,
) -> Result<(Filter, Page), EngineError> {
    let mut sieve = Sieve::default();
    let page = page.read(&mut sieve);
    let filter = Filter {
        status: sieve.param("status", &query.status, word),
        search: sieve.param("search", &query.search, |text| {
            text_up_to(text, SEARCH_CHARS_MAX)
        }),
        among: None,
    };
    sieve.done((filter, page)).map_err(EngineError::Invalid)
}
