//! Finding calls, recordings and numbers: single objects, and lists with their pages.

use chrono::{DateTime, TimeDelta, Utc};
use domain::PhoneNumber;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::clock::Lies;
use super::wire::{Call, CallEnvelope, CallPage, Number, NumberPage};
use super::{Exotel, errors, numbers};
use crate::carrier::{CallKey, CarrierError, CarrierNumber, FoundCall, LookedUp};
use crate::word::is_id;

/// Pages read of one list.
const PAGES_MAX: usize = 20;

/// Calls per page, Exotel's most.
const PAGE_SIZE: &str = "100";

/// How much earlier or later than our request the carrier's clock may date the call.
const CLOCK_SLACK: TimeDelta = TimeDelta::seconds(60);

/// How far around our request calls are asked for. Wider than any two zones are apart: were Exotel's zone not the one we
/// believe, a narrow span would leave the call out.
pub(super) const SPAN: TimeDelta = TimeDelta::hours(30);

/// Minutes for which a recording's address is good without credentials, Exotel's most.
const RECORDING_MINUTES: &str = "60";

impl Exotel {
    /// `begun_at`: when we asked for the call, where that is known; then its date shows Exotel's clock.
    pub(super) async fn look_up_by_id(
        &self,
        sid: &str,
        begun_at: Option<DateTime<Utc>>,
    ) -> Result<LookedUp, CarrierError> {
        let mut url = self.url("v1", ["Calls", &format!("{sid}.json")]);
        url.query_pairs_mut().append_pair("details", "true");
        let found: Option<CallEnvelope> = self.get(url).await?;
        let written = found
            .as_ref()
            .and_then(|it| it.call.date_created.as_deref());
        if let (Some(written), Some(begun_at)) = (written, begun_at) {
            self.clock.compare(written, begun_at);
        }
        match found.map(|envelope| self.found(envelope.call)) {
            None => Ok(LookedUp::NotFound),
            Some(Some(found)) => Ok(LookedUp::Found(vec![found])),
            Some(None) => Err(errors::unreadable("a call without a name")),
        }
    }

    /// Lists the calls to the person and keeps those created since the call was begun.
    ///
    /// Exotel filters by numbers and by dates, not by what we wrote into `CustomField`, and its lists do not repeat that.
    /// It documents E.164 for the numbers, and writes them in national form: it is asked for both.
    ///
    /// As long as Exotel has not shown which zone its dates are in, a call that another zone would put at the right instant
    /// may be ours. It is handed out last and without a date, as nobody can read that: whoever knows the names of calls
    /// can tell, and saying "not found" could redial somebody who is being called.
    pub(super) async fn look_up_by_numbers(&self, key: &CallKey) -> Result<LookedUp, CarrierError> {
        let span = format!(
            "gte:{};lte:{}",
            self.clock.write(key.begun_at - SPAN),
            self.clock.write(key.begun_at + SPAN)
        );
        let mut url = self.url("v1", ["Calls.json"]);
        url.query_pairs_mut()
            .append_pair("From", &numbers::spellings(&key.to, self.config.region))
            .append_pair("DateCreated", &span)
            .append_pair("PageSize", PAGE_SIZE)
            .append_pair("SortBy", "DateCreated:asc");
        let mut found: Vec<FoundCall> = Vec::new();
        let mut perhaps: Vec<FoundCall> = Vec::new();
        let mut next = Some(url);
        for _ in 0..PAGES_MAX {
            let Some(url) = next.take() else { break };
            let page: CallPage = self.page(url).await?;
            next = self.next_page(page.next_page_uri())?;
            let ours = page.calls.into_iter().filter(|call| {
                call.direction.as_deref() != Some("inbound") && call.is_between(&key.from, &key.to)
            });
            for call in ours {
                let lies = self.lies(&call, key.begun_at);
                match (lies, self.found(call)) {
                    (Lies::There, Some(call)) => found.push(call),
                    (Lies::ThereByAnother, Some(call)) => perhaps.push(FoundCall {
                        created_at: None,
                        ..call
                    }),
                    (Lies::Elsewhere, _) | (_, None) => {}
                }
            }
        }
        if next.is_some() {
            // Saying "not found" now could redial somebody who is being called.
            return Err(errors::unreadable(
                "more calls to one person than can be looked through",
            ));
        }
        found.sort_by_key(|call| call.created_at);
        found.extend(perhaps);
        Ok(if found.is_empty() {
            LookedUp::NotFound
        } else {
            LookedUp::Found(found)
        })
    }

    /// Whether `call` can have been taken on when it was asked for at `begun_at`, or after that.
    fn lies(&self, call: &Call, begun_at: DateTime<Utc>) -> Lies {
        let Some(written) = call.date_created.as_deref() else {
            return Lies::ThereByAnother;
        };
        let is_later = |at: DateTime<Utc>| at >= begun_at - CLOCK_SLACK;
        match self.clock.lies(written, begun_at, CLOCK_SLACK) {
            Lies::Elsewhere if self.clock.read(written).is_some_and(is_later) => Lies::There,
            lies => lies,
        }
    }

    pub(super) fn found(&self, call: Call) -> Option<FoundCall> {
        call.into_found(&self.clock, &self.config.currency)
    }

    /// Where the recording of a call is, at an address that is good for an hour and needs no credentials. `None` where
    /// there is none (yet): Exotel takes minutes.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn recording(&self, carrier_call_id: &str) -> Result<Option<Url>, CarrierError> {
        let mut url = self.url("v1", ["Calls.json"]);
        url.query_pairs_mut()
            .append_pair("Sid", carrier_call_id)
            .append_pair("RecordingUrlValidity", RECORDING_MINUTES);
        let page: CallPage = self.page(url).await?;
        Ok(page
            .calls
            .iter()
            .find(|call| call.sid.as_deref() == Some(carrier_call_id))
            .and_then(Call::recording))
    }

    pub(super) async fn all_numbers(&self) -> Result<Vec<CarrierNumber>, CarrierError> {
        let mut numbers = Vec::new();
        let mut next = Some(self.url("v2_beta", ["IncomingPhoneNumbers"]));
        for _ in 0..PAGES_MAX {
            let Some(url) = next.take() else { break };
            let page: NumberPage = self.page(url).await?;
            next = self.next_page(page.next_page_uri.as_deref())?;
            let listed = page.incoming_phone_numbers.into_iter();
            numbers.extend(listed.filter_map(|number| self.number(number)));
        }
        if next.is_some() {
            tracing::warn!(
                shown = numbers.len(),
                "Exotel has more numbers than are listed"
            );
        }
        Ok(numbers)
    }

    pub(super) async fn page<T: DeserializeOwned>(&self, url: Url) -> Result<T, CarrierError> {
        // Lists exist for every account: "not found" means that the account or the address does not.
        self.get(url).await?.ok_or_else(errors::no_such_account)
    }

    /// The next page's address, which Exotel gives relative to its host.
    pub(super) fn next_page(&self, uri: Option<&str>) -> Result<Option<Url>, CarrierError> {
        let Some(uri) = uri.filter(|uri| !uri.is_empty()) else {
            return Ok(None);
        };
        match self.base.join(uri) {
            // Our credentials travel with the request, so it must not be led elsewhere.
            Ok(url) if url.origin() == self.base.origin() => Ok(Some(url)),
            _ => Err(errors::unreadable("a next page at another host")),
        }
    }

    /// The number in our words; `None` where it is none we could call from.
    fn number(&self, number: Number) -> Option<CarrierNumber> {
        let written = number.phone_number.as_deref()?;
        let voice = number
            .capabilities
            .as_ref()
            .and_then(|has| has.get("voice"))
            .and_then(Value::as_bool);
        Some(CarrierNumber {
            carrier_number_id: number.sid.filter(|sid| is_id(sid))?,
            number: PhoneNumber::parse(written, Some(self.config.region)).ok()?,
            label: number.friendly_name.filter(|name| !name.is_empty()),
            has_voice: voice.unwrap_or(true),
        })
    }
}
