//! Whom it may be worth to call again.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::lifecycle::Status;
use domain::{CampaignId, ContactId, ContactStatus, Direction};
use entity::{campaign, contact};

use super::Calls;
use super::detail::LoggedCall;
use crate::access;
use crate::actor::Actor;
use crate::dialing::failure_of;
use crate::error::EngineError;
use crate::field::Sieve;
use crate::page::{PageRequest, Paged};
use crate::period::Period;
use crate::query::{Param, word};
use crate::store::retry_candidates::{self, COUNTED_MAX, Filter};
use crate::store::{campaigns, contacts};

/// How far back is looked where nobody says.
const PERIOD_DEFAULT: TimeDelta = TimeDelta::days(30);

/// Which candidates somebody looks for, as it stands in a query.
#[derive(Clone, Debug, Default)]
pub struct RetriableQuery {
    /// Only those of this user: our id, or the dashboard's.
    pub user: Param,
    /// Only those whose last call ended like this.
    pub status: Param,
    /// Only those whose last call came to this.
    pub outcome: Param,
    /// `outbound`; calls that came in are nobody's to repeat.
    pub direction: Param,
    /// Only those whose last call was begun at this instant or later; 30 days ago, or 30 days before the end, where nobody
    /// says.
    pub start_date: Param,
    /// Only those whose last call was begun before this instant; a date is included.
    pub end_date: Param,
}

/// Somebody who was not reached.
#[derive(Clone, Debug)]
pub struct RetryCandidate {
    /// The last call.
    pub call: LoggedCall,
    /// Why it did not reach them.
    pub last_error: Option<String>,
    /// How often they were called: in the campaign, or outside any.
    pub attempts: i64,
    /// How often the campaign may still call; `None`: outside campaigns nobody counts.
    pub attempts_left: Option<i64>,
    /// When the campaign calls again by itself; `None`: it does not, or its next call is waiting for a worker.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// True where the campaign calls again by itself, once it is active.
    pub is_automatic: bool,
    /// Where the contact stands.
    pub contact_status: Option<String>,
    /// Where the campaign stands.
    pub campaign_status: Option<String>,
}

impl Calls {
    /// Whom `query` asks for of those who were not reached: a page of them, the last called first. Of each the last call: to
    /// the contact, and outside campaigns to the number. Without those who were reached after all, who must not be called,
    /// or whose campaign was deleted. The first 10,000 are counted and have pages.
    ///
    /// # Errors
    /// As [`Calls::log`].
    pub async fn retriable(
        &self,
        actor: &Actor,
        query: RetriableQuery,
        page: PageRequest,
    ) -> Result<Paged<RetryCandidate>, EngineError> {
        let mut sieve = Sieve::default();
        let page = page.read(&mut sieve);
        if page.offset() >= COUNTED_MAX {
            let message = format!("only {COUNTED_MAX} candidates have pages; ask about fewer days");
            sieve.refuse("page", message);
        }
        let direction: Option<Direction> = sieve.param("direction", &query.direction, word);
        let mut filter = read(&mut sieve, &query, self.clock.now());
        filter.owner = access::owner(&self.database, &mut sieve, actor, &query.user).await?;
        sieve.done(()).map_err(EngineError::Invalid)?;
        if direction == Some(Direction::Inbound) {
            let (items, total) = (Vec::new(), 0);
            return Ok(Paged { items, total, page });
        }
        let db = self.database.searcher();
        let (rows, total) = retry_candidates::list(db, &filter, page).await?;
        let ids = rows.iter().filter_map(|row| row.campaign_id);
        let ids: Vec<_> = ids.map(CampaignId::from_uuid).collect();
        let campaigns = campaigns::find_all(db, ids).await?;
        let ids = rows.iter().filter_map(|row| row.contact_id);
        let contacts = contacts::find_all(db, ids.map(ContactId::from_i64)).await?;
        let single: Vec<_> = rows
            .iter()
            .filter(|row| row.campaign_id.is_none())
            .collect();
        let single = retry_candidates::single_calls_to(db, &single).await?;
        let order: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mut calls = self.labelled(rows).await?;
        let campaigns: HashMap<_, _> = campaigns.into_iter().collect();
        let items = order
            .iter()
            .filter_map(|id| calls.remove(id))
            .map(|call| {
                let row = &call.row;
                let campaign = row.campaign_id.map(CampaignId::from_uuid);
                let campaign = campaign.and_then(|id| campaigns.get(&id));
                let contact = row.contact_id.map(ContactId::from_i64);
                let contact = contact.and_then(|id| contacts.get(&id));
                match campaign.zip(contact) {
                    Some((campaign, contact)) => of_campaign(call, campaign, contact),
                    None => {
                        let called = single.get(&(row.owner_id, row.to_number.clone()));
                        of_none(call, called.copied().unwrap_or(1))
                    }
                }
            })
            .collect();
        Ok(Paged { items, total, page })
    }
}

fn read(sieve: &mut Sieve, query: &RetriableQuery, now: DateTime<Utc>) -> Filter {
    let period = Period::of_dates(sieve, &query.start_date, &query.end_date);
    let latest = period.until.map_or(now, |until| until.min(now));
    Filter {
        owner: None,
        status: sieve.param("status", &query.status, word),
        outcome: sieve.param("outcome", &query.outcome, word),
        from: period.from.unwrap_or(latest - PERIOD_DEFAULT),
        until: period.until,
    }
}

fn of_campaign(
    call: LoggedCall,
    campaign: &campaign::Model,
    contact: &contact::Model,
) -> RetryCandidate {
    let is_over = campaign.status.parse().is_ok_and(Status::is_final);
    let is_waiting = contact.status.parse().is_ok_and(|status| {
        matches!(
            status,
            ContactStatus::Pending | ContactStatus::Queued | ContactStatus::Contacted
        )
    });
    let is_automatic = !is_over && is_waiting;
    let tried = contact.attempts - contact.callback_attempts;
    let left = (campaign.call_attempts_per_contact - tried).max(0);
    RetryCandidate {
        last_error: contact.last_error.clone().or_else(|| why(&call)),
        attempts: i64::from(contact.attempts),
        attempts_left: Some(if is_over { 0 } else { i64::from(left) }),
        next_attempt_at: contact.next_attempt_at.filter(|_| is_automatic),
        is_automatic,
        contact_status: Some(contact.status.clone()),
        campaign_status: Some(campaign.status.clone()),
        call,
    }
}

fn of_none(call: LoggedCall, attempts: i64) -> RetryCandidate {
    RetryCandidate {
        last_error: why(&call),
        attempts,
        attempts_left: None,
        next_attempt_at: None,
        is_automatic: false,
        contact_status: None,
        campaign_status: None,
        call,
    }
}

/// Why the call reached nobody.
fn why(call: &LoggedCall) -> Option<String> {
    let outcome = call.row.outcome.as_deref()?.parse().ok()?;
    failure_of(&call.row, outcome)
}
