//! The log of calls of all campaigns, and of those outside any.

use domain::{CampaignId, PhoneNumber};

use super::Calls;
use super::cursor::Cursor;
use super::detail::LoggedCall;
use super::number::international;
use crate::access;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::field::{Sieve, text_up_to};
use crate::page::{Page, PageRequest};
use crate::period::Period;
use crate::query::{Param, Params, word};
use crate::store::call_list;
use crate::store::call_log::{self, Filter, Key, Window};

/// Characters of a search.
const SEARCH_CHARS_MAX: usize = 200;
/// Numbers in one question.
const NUMBERS_MAX: usize = 500;

/// Which calls somebody looks for, as it stands in a query.
#[derive(Clone, Debug, Default)]
pub struct CallLogQuery {
    /// Only those of this user: our id, or the dashboard's.
    pub user: Param,
    /// Only those in this status.
    pub status: Param,
    /// `outbound` or `inbound`.
    pub direction: Param,
    /// Only those of this campaign.
    pub campaign: Param,
    /// Only those to one of these numbers, and inbound ones from one of them.
    pub numbers: Params,
    /// Only those begun at this instant or later.
    pub start_date: Param,
    /// Only those begun before this instant; a date is included.
    pub end_date: Param,
    /// Only those with this text in a number or in the contact's name.
    pub search: Param,
    /// Where an earlier answer ended or began; instead of a page's number.
    pub cursor: Param,
}

/// A stretch of the log.
#[derive(Clone, Debug)]
pub struct LogPage {
    /// The calls, the last begun first.
    pub items: Vec<LoggedCall>,
    /// How many there are in all.
    pub total: u64,
    /// Which page, and how long one is. Of a stretch behind a cursor the number says nothing.
    pub page: Page,
    /// True where it was found by a cursor.
    pub is_by_cursor: bool,
    /// Where it goes on; `None`: that was all.
    pub next: Option<Cursor>,
    /// Where it was before; `None`: this is the begin.
    pub prev: Option<Cursor>,
}

impl Calls {
    /// The calls that `actor` may see and `query` asks for, the last begun first, a stretch of them: the page of a number,
    /// or what lies beside a cursor. A page of a number shifts when calls are begun, what lies beside a cursor does not.
    ///
    /// # Errors
    /// `Invalid` with everything in `query` and `page` that is no answer to its question; `Forbidden` where it asks for
    /// somebody else's calls.
    pub async fn log(
        &self,
        actor: &Actor,
        query: CallLogQuery,
        page: PageRequest,
    ) -> Result<LogPage, EngineError> {
        let mut sieve = Sieve::default();
        let is_numbered = page.number.is_given();
        let page = page.read(&mut sieve);
        let mut filter = read(&mut sieve, &query);
        let cursor: Option<Cursor> = sieve.param("cursor", &query.cursor, word);
        if query.cursor.is_given() && is_numbered {
            sieve.refuse("page", "must not be given together with cursor");
        }
        filter.owner = access::owner(&self.database, &mut sieve, actor, &query.user).await?;
        sieve.done(()).map_err(EngineError::Invalid)?;
        let window = match cursor {
            None => Window::Offset(page.offset()),
            Some(Cursor::Next(key)) => Window::After(key),
            Some(Cursor::Prev(key)) => Window::Before(key),
        };
        let db = self.database.searcher();
        let total = call_log::count(db, &filter).await?;
        let (rows, has_more) = call_log::stretch(db, &filter, window, page.size).await?;
        let (has_next, has_prev) = match cursor {
            None => (has_more, page.number > 1),
            Some(Cursor::Next(_)) => (has_more, true),
            Some(Cursor::Prev(_)) => (true, has_more),
        };
        let next = rows.last().filter(|_| has_next).map(Key::of);
        let prev = rows.first().filter(|_| has_prev).map(Key::of);
        Ok(LogPage {
            total,
            page,
            is_by_cursor: cursor.is_some(),
            next: next.map(Cursor::Next),
            prev: prev.map(Cursor::Prev),
            items: self.dressed(rows).await?,
        })
    }
}

fn read(sieve: &mut Sieve, query: &CallLogQuery) -> Filter {
    Filter {
        owner: None,
        calls: call_list::Filter {
            campaign: sieve.param("campaignId", &query.campaign, campaign),
            status: sieve.param("status", &query.status, word),
            period: Period::of_dates(sieve, &query.start_date, &query.end_date),
            ..call_list::Filter::default()
        },
        direction: sieve.param("direction", &query.direction, word),
        numbers: numbers(sieve, &query.numbers),
        search: sieve.param("search", &query.search, |text| {
            text_up_to(text, SEARCH_CHARS_MAX)
        }),
    }
}

fn campaign(text: &str) -> Result<CampaignId, String> {
    text.parse()
        .map_err(|_| "must be the id of a campaign".to_owned())
}

fn numbers(sieve: &mut Sieve, given: &Params) -> Vec<String> {
    if given.0.len() > NUMBERS_MAX {
        let message = format!("must not have more than {NUMBERS_MAX} numbers");
        sieve.refuse("phoneNumbers", message);
        return Vec::new();
    }
    let mut numbers = Vec::new();
    for (index, text) in given.0.iter().enumerate() {
        match international(text) {
            Ok(number) => numbers.push(PhoneNumber::into_string(number)),
            Err(message) => sieve.refuse(format!("phoneNumbers[{index}]"), message),
        }
    }
    numbers
}
