//! The account's own list of calls.

use chrono::{DateTime, Utc};
use domain::PhoneNumber;

use super::lookup::reaches_back_beyond;
use super::wire::{Call, CallPage};
use super::{SignalWire, errors};
use crate::carrier::{CarrierError, ListedCall};
use crate::http;

/// Pages read of the list: with a thousand calls each, more than an account places in a week.
const PAGES_MAX: usize = 1_000;

/// Calls per page, SignalWire's most.
const PAGE_SIZE: &str = "1000";

impl SignalWire {
    /// Reads the list, newest first, until it is older than `since`. Why it is not filtered by time: see
    /// [`Self::look_up_by_numbers`].
    pub(super) async fn all_calls_since(
        &self,
        since: DateTime<Utc>,
    ) -> Result<Vec<ListedCall>, CarrierError> {
        let mut url = http::join(&self.account_url, ["Calls"]);
        url.query_pairs_mut().append_pair("PageSize", PAGE_SIZE);
        let mut listed = Vec::new();
        let mut next = Some(url);
        for _ in 0..PAGES_MAX {
            let Some(url) = next.take() else { break };
            let page: CallPage = self.page(url).await?;
            let is_past = reaches_back_beyond(&page.calls, since);
            listed.extend(page.calls.into_iter().filter_map(placed_by_us));
            next = if is_past {
                None
            } else {
                self.next_page(page.next_page_uri)?
            };
        }
        if next.is_some() {
            return Err(errors::unreadable("more calls than can be looked through"));
        }
        let is_new = |call: &ListedCall| call.found.created_at.is_none_or(|at| at >= since);
        listed.retain(is_new);
        // The list comes newest first: turned round, calls of the same second stay in order too.
        listed.reverse();
        listed.sort_by_key(|call| call.found.created_at);
        Ok(listed)
    }
}

/// `None` for calls that came in, for legs that one of our documents dialled, and for what is no call between numbers.
fn placed_by_us(call: Call) -> Option<ListedCall> {
    let has_come_in = call
        .direction
        .as_deref()
        .is_some_and(|direction| direction.eq_ignore_ascii_case("inbound"));
    if has_come_in || call.parent_call_sid.is_some() {
        return None;
    }
    let number = |text: &Option<String>| PhoneNumber::parse(text.as_deref()?, None).ok();
    Some(ListedCall {
        people: vec![number(&call.to)?],
        shown: number(&call.from),
        found: call.into_found()?,
    })
}
