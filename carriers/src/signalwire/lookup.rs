//! Finding calls and numbers: single objects, and lists with their pages.

use chrono::TimeDelta;
use domain::PhoneNumber;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::wire::{Call, CallPage, Number, NumberPage};
use super::{SignalWire, errors};
use crate::carrier::{CallKey, CarrierError, CarrierNumber, FoundCall, LookedUp};
use crate::http;

/// Pages read of one list.
const PAGES_MAX: usize = 20;

/// Objects per page; SignalWire allows 1 to 1000.
const PAGE_SIZE: &str = "100";

/// How much earlier than our request the carrier's clock may date the call.
const CLOCK_SLACK: TimeDelta = TimeDelta::seconds(60);

impl SignalWire {
    pub(super) async fn look_up_by_id(&self, sid: &str) -> Result<LookedUp, CarrierError> {
        let call: Option<Call> = self.get(self.call_url(sid)).await?;
        match call.map(Call::into_found) {
            None => Ok(LookedUp::NotFound),
            Some(Some(found)) => Ok(LookedUp::Found(vec![found])),
            Some(None) => Err(errors::unreadable("a call without a name")),
        }
    }

    /// Lists the calls between the two numbers and keeps those created since the call was begun.
    ///
    /// The list's own `StartTime>` filter is not used: a call that waits in SignalWire's queue, and one that failed before
    /// it rang, have no start time, and missing either would let somebody be called twice. It counts whole days anyway.
    pub(super) async fn look_up_by_numbers(&self, key: &CallKey) -> Result<LookedUp, CarrierError> {
        let since = key.begun_at - CLOCK_SLACK;
        let mut url = http::join(&self.account_url, ["Calls"]);
        url.query_pairs_mut()
            .append_pair("To", key.to.expose())
            .append_pair("From", key.from.expose())
            .append_pair("PageSize", PAGE_SIZE);
        let mut found: Vec<FoundCall> = Vec::new();
        let mut next = Some(url);
        for _ in 0..PAGES_MAX {
            let Some(url) = next.take() else { break };
            let page: CallPage = self.page(url).await?;
            let is_past = reaches_back_beyond(&page.calls, since);
            // A leg that one of our documents dialled has a parent; what we placed has none.
            let ours = page
                .calls
                .into_iter()
                .filter(|call| call.parent_call_sid.is_none());
            found.extend(ours.filter_map(Call::into_found));
            next = if is_past {
                None
            } else {
                self.next_page(page.next_page_uri)?
            };
        }
        if next.is_some() {
            // Saying "not found" now could redial somebody who is being called.
            return Err(errors::unreadable(
                "more calls between two numbers than can be looked through",
            ));
        }
        found.retain(|call| call.created_at.is_none_or(|created_at| created_at >= since));
        // The list comes newest first: turned round, calls of the same second stay in order too.
        found.reverse();
        found.sort_by_key(|call| call.created_at);
        Ok(if found.is_empty() {
            LookedUp::NotFound
        } else {
            LookedUp::Found(found)
        })
    }

    pub(super) async fn all_numbers(&self) -> Result<Vec<CarrierNumber>, CarrierError> {
        let mut url = http::join(&self.account_url, ["IncomingPhoneNumbers"]);
        url.query_pairs_mut().append_pair("PageSize", PAGE_SIZE);
        let mut numbers = Vec::new();
        let mut next = Some(url);
        for _ in 0..PAGES_MAX {
            let Some(url) = next.take() else { break };
            let page: NumberPage = self.page(url).await?;
            numbers.extend(page.incoming_phone_numbers.into_iter().filter_map(number));
            next = self.next_page(page.next_page_uri)?;
        }
        if next.is_some() {
            tracing::warn!(
                shown = numbers.len(),
                "SignalWire has more numbers than are listed"
            );
        }
        Ok(numbers)
    }

    pub(super) async fn page<T: DeserializeOwned>(&self, url: Url) -> Result<T, CarrierError> {
        // Lists exist for every project: "not found" means that the project or the address does not.
        self.get(url).await?.ok_or_else(errors::no_such_project)
    }

    /// The next page's address, which SignalWire gives relative to its host.
    pub(super) fn next_page(&self, uri: Option<String>) -> Result<Option<Url>, CarrierError> {
        let Some(uri) = uri.filter(|uri| !uri.is_empty()) else {
            return Ok(None);
        };
        match self.account_url.join(&uri) {
            // Our credentials travel with the request, so it must not be led elsewhere.
            Ok(url) if url.origin() == self.account_url.origin() => Ok(Some(url)),
            _ => Err(errors::unreadable("a next page at another host")),
        }
    }
}

/// True where the page lists the newest call first and ends before `since`: later pages hold nothing of interest.
pub(super) fn reaches_back_beyond(page: &[Call], since: chrono::DateTime<chrono::Utc>) -> bool {
    let newest = page.first().and_then(Call::created_at);
    let oldest = page.last().and_then(Call::created_at);
    matches!((newest, oldest), (Some(newest), Some(oldest)) if newest > oldest && oldest < since)
}

/// The number in our words; `None` where it is none we could call from.
fn number(number: Number) -> Option<CarrierNumber> {
    let parsed = PhoneNumber::parse(number.phone_number.as_deref()?, None).ok()?;
    let voice = number
        .capabilities
        .as_ref()
        .and_then(|has| has.get("voice"))
        .and_then(Value::as_bool);
    Some(CarrierNumber {
        carrier_number_id: number.sid?,
        number: parsed,
        label: number.friendly_name.filter(|name| !name.is_empty()),
        has_voice: voice.unwrap_or(true),
    })
}
