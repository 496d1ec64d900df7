//! The account's own list of calls.

use chrono::{DateTime, Utc};

use super::lookup::SPAN;
use super::wire::{Call, CallPage};
use super::{Exotel, errors};
use crate::carrier::{CarrierError, ListedCall};

/// Pages read of the list. Exotel answers 200 requests a minute: with a hundred calls each that is five minutes.
const PAGES_MAX: usize = 1_000;

/// Calls per page, Exotel's most.
const PAGE_SIZE: &str = "100";

impl Exotel {
    /// Reads the list from well before `since`: were Exotel's zone not the one we believe, calls would be left out.
    pub(super) async fn all_calls_since(
        &self,
        since: DateTime<Utc>,
    ) -> Result<Vec<ListedCall>, CarrierError> {
        let span = format!("gte:{}", self.clock.write(since - SPAN));
        let mut url = self.url("v1", ["Calls.json"]);
        url.query_pairs_mut()
            .append_pair("DateCreated", &span)
            .append_pair("PageSize", PAGE_SIZE)
            .append_pair("SortBy", "DateCreated:asc");
        let mut listed = Vec::new();
        let mut next = Some(url);
        for _ in 0..PAGES_MAX {
            let Some(url) = next.take() else { break };
            let page: CallPage = self.page(url).await?;
            next = self.next_page(page.next_page_uri())?;
            listed.extend(
                page.calls
                    .into_iter()
                    .filter_map(|call| self.placed_by_us(call)),
            );
        }
        if next.is_some() {
            return Err(errors::unreadable("more calls than can be looked through"));
        }
        // Until Exotel has shown its zone, a date that we read may be as far off as two zones are apart: better somebody's
        // call of the day before than none.
        let since = if self.clock.is_shown() {
            since
        } else {
            since - SPAN
        };
        let is_new = |call: &ListedCall| call.found.created_at.is_none_or(|at| at >= since);
        listed.retain(is_new);
        listed.sort_by_key(|call| call.found.created_at);
        Ok(listed)
    }

    /// `None` for calls that came in, and for what has no name.
    fn placed_by_us(&self, call: Call) -> Option<ListedCall> {
        if call.direction.as_deref() == Some("inbound") {
            return None;
        }
        let (people, shown) = call.numbers(self.config.region);
        Some(ListedCall {
            people,
            shown,
            found: self.found(call)?,
        })
    }
}
