//! After a backup was restored: calls that were placed since it was taken are in the carrier's books and not in ours, and
//! the people who were called are due again. What the carrier lists is taken in before anybody is.

use std::collections::HashSet;

use carriers::{CarrierKind, ListedCall};
use chrono::{DateTime, TimeDelta, Utc};
use domain::retry::Due;
use domain::{CallId, CallRoute, CampaignId, ContactId, ContactStatus, PhoneNumber};
use entity::{call, contact};

use super::desk::{blank, due_as};
use super::report::{CallReport, CarrierSays};
use super::{Dialing, fault};
use crate::campaigns::AgentConfig;
use crate::campaigns::rules::Rules;
use crate::error::EngineError;
use crate::store::counters::{Ledger, moved};
use crate::store::restored::RESTORED;
use crate::store::{self};

/// How far our clock and the carrier's may disagree, and how long a call may take into the books.
const SLACK: TimeDelta = TimeDelta::minutes(2);
/// Campaigns paused, and names compared, at once.
const AT_ONCE_MAX: usize = 500;
/// Calls asked about in one go of [`Dialing::check`] at the least.
const ASKED_AT_ONCE: u64 = 32;
/// What the campaigns say.
const REASON: &str = "a backup was restored";
/// What those say whose calls are in no carrier's list.
const REASON_BY_AGENTS: &str =
    "a backup was restored, and nobody can be asked whom the agents' platform has called since";

/// What was made of a restored backup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// Calls of the carriers' lists from here on were compared.
    pub since: DateTime<Utc>,
    /// Campaigns that were active, and are paused now.
    pub paused: usize,
    /// Those of them whose calls the agents' platform makes itself: of these no carrier knows, and none was taken in.
    pub not_asked: usize,
    /// Calls that the carriers list and the books did not know.
    pub unknown: usize,
    /// Attempts of contacts that were made of these.
    pub taken_in: usize,
    /// Contacts that were called, and are called no more anyway.
    pub done_anyway: usize,
    /// Unknown calls to nobody who is a contact: by hand, or to somebody who was added later.
    pub strangers: usize,
    /// Contacts that were called, and whose last known call is not decided: this has to be run again.
    pub undecided: usize,
    /// Calls that go on, or of which nobody says that they do not.
    pub live: u64,
}

/// What became of a call that a contact may have had.
enum Taken {
    In,
    DoneAnyway,
    Undecided,
}

impl Dialing {
    /// Pauses every active campaign, finds out what became of the calls that the books know, and takes in those that the
    /// carriers list since `since` and the books do not know: as attempts, charged, with the outcome that the carrier
    /// tells, so that the policy decides as if they had been known all the time.
    ///
    /// What was said in them is not known: whoever talked counts as reached. `since`: `None` for two minutes before the
    /// last call that the books know by themselves. Nothing may dial meanwhile. Safe to run twice: what was taken in is
    /// known then. Dying in the middle leaves campaigns paused; run it again.
    ///
    /// # Errors
    /// `Conflict` where the books know of no call and `since` is `None`; `Unavailable` where the database or a carrier does
    /// not answer.
    pub async fn catch_up(&self, since: Option<DateTime<Utc>>) -> Result<CaughtUp, EngineError> {
        let last = store::restored::last_begun(self.parts.database.reader()).await?;
        let since = since.or_else(|| last.map(|last| last - SLACK));
        let since = since.ok_or_else(|| {
            let message = "the books know of no call: say since when calls may have been placed";
            EngineError::conflict("no_calls", message)
        })?;
        let mut done = CaughtUp {
            since,
            ..CaughtUp::default()
        };
        self.pause_all(&mut done).await?;
        self.ask_about_all().await?;
        for kind in self.parts.carriers.kinds() {
            let carrier = self.parts.carriers.get(kind);
            let carrier = carrier.map_err(EngineError::internal)?;
            let listed = carrier.calls_since(since).await;
            let listed = listed.map_err(EngineError::unavailable)?;
            for some in listed.chunks(AT_ONCE_MAX) {
                self.compare(kind, some, &mut done).await?;
            }
        }
        done.live = store::calls::count_live(self.parts.database.reader()).await?;
        Ok(done)
    }

    async fn pause_all(&self, done: &mut CaughtUp) -> Result<(), EngineError> {
        let mut paused = HashSet::new();
        loop {
            let db = self.parts.database.reader();
            let mut active =
                store::active_campaigns::find(db, None, None, AT_ONCE_MAX as u64).await?;
            active.retain(|row| paused.insert(row.id));
            if active.is_empty() {
                done.paused = paused.len();
                return Ok(());
            }
            for row in active {
                let route = AgentConfig::of(&row).route;
                let is_by_agents = route.unwrap_or(self.parts.config.route) == CallRoute::Agent;
                let reason = if is_by_agents {
                    REASON_BY_AGENTS
                } else {
                    REASON
                };
                done.not_asked += usize::from(is_by_agents);
                fault::pause(&self.parts, CampaignId::from_uuid(row.id), reason).await?;
            }
        }
    }

    /// Asks about each call once that is to be asked about some time: those that go on, and those whose conversation is
    /// awaited.
    async fn ask_about_all(&self) -> Result<(), EngineError> {
        let now = self.parts.clock.now();
        let db = self.parts.database.writer();
        let due = store::restored::ask_about_all(db, now).await?;
        for _ in 0..=due / ASKED_AT_ONCE {
            if self.check().await? == 0 {
                break;
            }
        }
        Ok(())
    }

    async fn compare(
        &self,
        kind: CarrierKind,
        listed: &[ListedCall],
        done: &mut CaughtUp,
    ) -> Result<(), EngineError> {
        let db = self.parts.database.reader();
        let name = |call: &ListedCall| call.found.carrier_call_id.clone();
        let known = store::calls::known_names(db, listed.iter().map(name).collect()).await?;
        for call in listed.iter().filter(|call| !known.contains(&name(call))) {
            done.unknown += 1;
            let people = call.people.iter().map(|person| person.expose().to_owned());
            let shown = call.shown.as_ref().map(|shown| shown.expose().to_owned());
            let contacts = store::restored::contacts_of(db, people.collect(), shown).await?;
            done.strangers += usize::from(contacts.is_empty());
            // Which of several campaigns it was nobody can tell: none of them may call again.
            for contact in contacts {
                match self.take_in(kind, call, contact).await? {
                    Taken::In => done.taken_in += 1,
                    Taken::DoneAnyway => done.done_anyway += 1,
                    Taken::Undecided => done.undecided += 1,
                }
            }
        }
        Ok(())
    }

    /// One transaction that writes the call as `begin` would have, then what the carrier says of it. Dying in between leaves
    /// a call that the reconciler asks about by its name.
    async fn take_in(
        &self,
        kind: CarrierKind,
        listed: &ListedCall,
        (campaign, contact): (CampaignId, ContactId),
    ) -> Result<Taken, EngineError> {
        let txn = self.parts.database.begin().await?;
        let mut ledger = Ledger::lock(&txn, [campaign]).await?;
        let now = self.parts.clock.now();
        let row = store::campaigns::find(&txn, campaign).await?;
        let row = row.ok_or_else(|| EngineError::not_found("campaign"))?;
        let rules = Rules::of(row, self.parts.config.minute)?;
        let mut found = store::contacts::lock_all(&txn, [contact]).await?;
        let row = found.get_mut(&contact);
        let row = row.ok_or_else(|| EngineError::not_found("contact"))?;
        let before: ContactStatus = row.status.parse().map_err(EngineError::internal)?;
        if let Some(otherwise) = refused(before, row) {
            return Ok(otherwise);
        }
        let begun_at = listed.found.created_at.unwrap_or(now);
        // As the policy of now has it; as what it waited for, where that grants nothing.
        let is_callback = due_as(&rules, row).map_or(row.priority == 0, |due| due == Due::Callback);
        row.status = ContactStatus::Calling.to_string();
        row.attempts += 1;
        row.priority = i16::from(!is_callback);
        row.callback_attempts += i32::from(is_callback);
        row.next_attempt_at = None;
        row.last_attempt_at = Some(begun_at);
        row.updated_at = now;
        let id = CallId::from_uuid(self.parts.clock.new_id());
        let shown = listed.shown.clone().map(PhoneNumber::into_string);
        let from = shown.or_else(|| rules.row.phone_number.clone());
        let line = (kind.as_str(), from.unwrap_or_default());
        let call = call::Model {
            route: Some(CallRoute::Stream.to_string()),
            carrier_call_id: Some(listed.found.carrier_call_id.clone()),
            attempt: row.attempts,
            is_callback,
            // Nobody can tell which conversation was its: none is waited for.
            agent_id: None,
            begun_at,
            check_at: Some(now),
            worker: Some(RESTORED.to_owned()),
            ..blank(id, &rules, row, now, line)
        };
        if let Some(counters) = ledger.edit(campaign) {
            moved(counters, before, ContactStatus::Calling);
            counters.live += 1;
            counters.reached += i32::from(row.attempts == 1);
        }
        store::contacts::save_all(&txn, [&*row]).await?;
        store::calls::insert_all(&txn, vec![call]).await?;
        ledger.save(&txn).await?;
        txn.commit().await?;
        self.learn(CallReport::carrier(id, told(kind, listed)))
            .await?;
        Ok(Taken::In)
    }
}

/// What becomes of a call to somebody who does not wait for one.
const fn refused(status: ContactStatus, row: &contact::Model) -> Option<Taken> {
    match status {
        ContactStatus::Pending => None,
        ContactStatus::Contacted if row.next_attempt_at.is_some() => None,
        ContactStatus::Contacted | ContactStatus::Queued | ContactStatus::Calling => {
            Some(Taken::Undecided)
        }
        ContactStatus::Completed
        | ContactStatus::Failed
        | ContactStatus::DoNotCall
        | ContactStatus::Canceled => Some(Taken::DoneAnyway),
    }
}

/// What the carrier's list says of a call.
fn told(kind: CarrierKind, listed: &ListedCall) -> CarrierSays {
    CarrierSays {
        carrier: Some(kind),
        news: listed.found.news.clone(),
        status: Some(listed.found.status.clone()),
        price: listed.found.price.clone(),
        ..CarrierSays::default()
    }
}
