//! The decision to dial, taken at dial time, in one place: what it rests on, and what it changes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::mem::replace;
use std::sync::Arc;

use carriers::CarrierKind;
use chrono::{DateTime, TimeDelta, Utc};
use domain::breaker::{Admission, Breaker};
use domain::gate::{Snapshot, Verdict, Why, verdict};
use domain::retry::Due;
use domain::{
    CallId, CallRoute, CallStatus, CampaignId, ContactId, ContactStatus, PhoneNumber, UserId,
};
use entity::{call, contact};
use sea_orm::DatabaseTransaction;

use super::begin::{Begun, BegunCall};
use super::breaker::before_begin;
use super::decide::tries_of;
use super::give_back::give_back;
use super::{Lines, Parts};
use crate::campaigns::rules::Rules;
use crate::clock::Clock;
use crate::error::EngineError;
use crate::queue::CallJob;
use crate::store::candidates::Candidate;
use crate::store::counters::{Ledger, moved, wake_by};
use crate::store::{self, calls::BLANK};

/// How long a campaign that cannot be read, or lacks a caller number, is left alone.
pub(super) const UNREADABLE_PAUSE: TimeDelta = TimeDelta::seconds(60);

/// How long a contact waits for a process that works with the carrier of its campaign's number.
pub(super) const LACKING_PAUSE: TimeDelta = TimeDelta::seconds(60);

/// How long a contact waits whose carrier was to be left alone when it was asked about, and no longer is.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(1);

/// Everything the decisions rest on, and what they change.
pub(super) struct Desk {
    now: DateTime<Utc>,
    /// When the breakers were looked at.
    asked_at: DateTime<Utc>,
    /// Campaigns that call from another number, or in another way, than when their carrier was looked at.
    moved: HashSet<CampaignId>,
    clock: Arc<dyn Clock>,
    process: String,
    lines: Lines,
    route: CallRoute,
    breakers: BTreeMap<CarrierKind, Breaker>,
    check_after: TimeDelta,
    ledger: Ledger,
    rules: HashMap<CampaignId, Rules>,
    contacts: HashMap<ContactId, contact::Model>,
    /// When the last calls of those ended that wait for a callback.
    ended: HashMap<ContactId, DateTime<Utc>>,
    suppressed: HashSet<ContactId>,
    in_call: HashSet<(UserId, String)>,
    changed: HashSet<ContactId>,
    calls: Vec<call::Model>,
    probed: BTreeSet<CarrierKind>,
}

impl Desk {
    /// Reads and locks all that the decisions rest on, the counters of the campaigns, which everybody wants, as late as can
    /// be.
    pub(super) async fn open(
        txn: &DatabaseTransaction,
        parts: &Parts,
        process: String,
        jobs: &[CallJob],
    ) -> Result<Self, EngineError> {
        let campaigns = jobs.iter().map(|job| job.campaign_id);
        let rows = store::campaigns::find_all(txn, campaigns).await?;
        let versions = rows
            .iter()
            .map(|(id, row)| (*id, row.updated_at))
            .collect::<BTreeMap<CampaignId, DateTime<Utc>>>();
        let mut rules = Rules::of_readable(rows, parts.config.minute);
        // Another campaign of the same owner may have the same person's number.
        store::people::decide_alone(txn, rules.values().map(|rules| rules.owner)).await?;
        let callers: Vec<&str> = rules
            .values()
            .filter_map(|campaign| campaign.row.phone_number.as_deref())
            .collect();
        let lines = Lines::of(txn, &parts.carriers, callers).await?;
        let route = parts.config.route;
        let (asked_at, mut breakers) = (parts.clock.now(), BTreeMap::new());
        for kind in asked(rules.values(), route, &lines) {
            breakers.insert(kind, before_begin(txn, kind, asked_at).await?);
        }
        let ledger = Ledger::lock(txn, versions.keys().copied()).await?;
        // Only now: what is read under the locks is the truth until the commit.
        let now = parts.clock.now();
        let candidates = jobs.iter().map(|job| job.contact_id);
        let candidates = store::candidates::find_all(txn, candidates).await?;
        let mut moved = HashSet::new();
        if has_changed(&versions, candidates.values()) {
            let rows = store::campaigns::find_all(txn, versions.into_keys()).await?;
            let before = replace(&mut rules, Rules::of_readable(rows, parts.config.minute));
            let line = |rules: &Rules| (rules.row.phone_number.clone(), rules.agent.route);
            let is_moved = |id: &CampaignId| before.get(id).map(line) != rules.get(id).map(line);
            moved.extend(rules.keys().copied().filter(is_moved));
        }
        Ok(Self {
            now,
            asked_at,
            moved,
            clock: Arc::clone(&parts.clock),
            process,
            lines,
            route,
            breakers,
            check_after: TimeDelta::seconds(i64::from(parts.config.check_after_s)),
            ledger,
            rules,
            contacts: HashMap::new(),
            ended: HashMap::new(),
            suppressed: HashSet::new(),
            in_call: HashSet::new(),
            changed: HashSet::new(),
            calls: Vec::new(),
            probed: BTreeSet::new(),
        }
        .with(candidates))
    }

    /// Knows the contacts, and what speaks against calling them.
    fn with(mut self, candidates: HashMap<ContactId, Candidate>) -> Self {
        for (id, candidate) in candidates {
            let contact = candidate.contact;
            if candidate.is_suppressed {
                self.suppressed.insert(id);
            }
            let campaign = self.rules.get(&CampaignId::from_uuid(contact.campaign_id));
            if let Some(campaign) = campaign.filter(|_| candidate.is_in_call) {
                self.in_call
                    .insert((campaign.owner, contact.phone_number.clone()));
            }
            self.ended
                .extend(candidate.last_ended_at.map(|at| (id, at)));
            self.contacts.insert(id, contact);
        }
        self
    }

    /// The decision about one job, taken in memory.
    pub(super) fn judge(&mut self, job: &CallJob) -> Begun {
        let Some(contact) = self.contacts.get(&job.contact_id) else {
            return Begun::Stale;
        };
        let is_awaited = contact.status == ContactStatus::Queued.as_str()
            && contact.ticket == job.ticket
            && contact.campaign_id == job.campaign_id.into_uuid();
        if !is_awaited {
            return Begun::Stale;
        }
        if self.moved.contains(&job.campaign_id) {
            self.give_back(job, self.now);
            return Begun::Returned(Why::Paced);
        }
        let Some(decision) = self.decide(job, contact) else {
            self.give_back(job, self.now + UNREADABLE_PAUSE);
            return Begun::Returned(Why::Unreadable);
        };
        match decision {
            Verdict::Stale => Begun::Stale,
            Verdict::Return { until, why } => {
                self.give_back(job, until);
                Begun::Returned(why)
            }
            Verdict::Drop(why) => {
                self.finish(job, why);
                Begun::Dropped(why)
            }
            Verdict::Dial => self.dial(job),
        }
    }

    /// `None` where the campaign cannot be read: nothing is dialled on a guess.
    fn decide(&self, job: &CallJob, contact: &contact::Model) -> Option<Verdict> {
        let rules = self.rules.get(&job.campaign_id)?;
        let counters = self.ledger.get(job.campaign_id)?;
        let carrier = self.lines.carrier_of(rules.row.phone_number.as_deref()?);
        let is_asked = rules.agent.route.unwrap_or(self.route) != CallRoute::Agent;
        let is_lacking = is_asked && !self.lines.is_configured(carrier);
        let admission = if is_lacking {
            Admission::Wait(self.now + LACKING_PAUSE)
        } else if is_asked {
            match self.breakers.get(&carrier)?.admits(self.asked_at) {
                // What was to be waited for may have come while the locks were: whoever looks next finds it out.
                Admission::Wait(until) => Admission::Wait(until.max(self.now + LOOK_AGAIN)),
                admission => admission,
            }
        } else {
            Admission::Go
        };
        let person = (rules.owner, contact.phone_number.clone());
        let due = due_as(rules, contact);
        // A callback can be wished for sooner than an attempt would be.
        let ended_at = self.ended.get(&job.contact_id);
        let ended_at = ended_at.filter(|_| due == Some(Due::Attempt));
        let snapshot = Snapshot {
            campaign: if rules.is_deleted {
                domain::lifecycle::Status::Canceled
            } else {
                rules.status
            },
            calendar: &rules.calendar,
            zone: rules.zone_of(&contact.timezone).ok()?,
            is_awaited: true,
            is_suppressed: self.suppressed.contains(&job.contact_id),
            is_in_call: self.in_call.contains(&person),
            held_back_until: match admission {
                Admission::Wait(until) => Some(until),
                Admission::Go | Admission::Probe => None,
            },
            has_attempt: due.is_some(),
            not_before: ended_at.and_then(|at| at.checked_add_signed(rules.policy.delay)),
            not_after: job.not_after,
            live: u32::try_from(counters.live).ok()?,
            limit: rules.limit,
        };
        Some(match verdict(&snapshot, self.now) {
            Verdict::Return {
                until,
                why: Why::HeldBack,
            } if is_lacking => {
                tracing::error!(campaign.id = %rules.id, "campaign {} calls nobody here: its number is from {carrier}, which is not configured", rules.id);
                Verdict::Return {
                    until,
                    why: Why::CarrierNotConfigured,
                }
            }
            verdict => verdict,
        })
    }

    fn give_back(&mut self, job: &CallJob, until: DateTime<Utc>) {
        if let Some(contact) = self.contacts.get_mut(&job.contact_id) {
            give_back(contact, &mut self.ledger, until, self.now);
            self.changed.insert(job.contact_id);
        }
    }

    fn finish(&mut self, job: &CallJob, why: Why) {
        let Some(contact) = self.contacts.get_mut(&job.contact_id) else {
            return;
        };
        let to = match why {
            Why::Suppressed => ContactStatus::DoNotCall,
            // A callback that is no longer granted: the person had been reached.
            _ if contact.last_outcome.as_deref() == Some("answered") => ContactStatus::Completed,
            _ => ContactStatus::Failed,
        };
        contact.status = to.to_string();
        contact.queued_at = None;
        contact.next_attempt_at = None;
        contact.last_error = Some(why.sentence().to_owned());
        contact.updated_at = self.now;
        self.changed.insert(job.contact_id);
        if let Some(row) = self.ledger.edit(job.campaign_id) {
            moved(row, ContactStatus::Queued, to);
            wake_by(row, self.now);
        }
    }

    fn dial(&mut self, job: &CallJob) -> Begun {
        let (Some(contact), Some(rules)) = (
            self.contacts.get_mut(&job.contact_id),
            self.rules.get(&job.campaign_id),
        ) else {
            return Begun::Stale;
        };
        let from = rules.row.phone_number.clone().unwrap_or_default();
        let zone = rules.zone_of(&contact.timezone).unwrap_or(rules.zone);
        let closes_at = rules.calendar.closes_at(zone, self.now);
        let is_callback = due_as(rules, contact) == Some(Due::Callback);
        contact.status = ContactStatus::Calling.to_string();
        contact.priority = i16::from(!is_callback);
        contact.attempts += 1;
        contact.callback_attempts += i32::from(is_callback);
        contact.queued_at = None;
        contact.next_attempt_at = None;
        contact.last_attempt_at = Some(self.now);
        contact.updated_at = self.now;
        self.changed.insert(job.contact_id);
        // A later job of this batch may be another campaign's.
        let person = (rules.owner, contact.phone_number.clone());
        self.in_call.insert(person);
        let id = CallId::from_uuid(self.clock.new_id());
        let carrier = self.lines.carrier_of(&from);
        let breaker = self.breakers.entry(carrier).or_default();
        let route = rules.agent.route.unwrap_or(self.route);
        let is_probe =
            route != CallRoute::Agent && breaker.admits(self.asked_at) == Admission::Probe;
        if is_probe {
            breaker.probe_with(id, self.asked_at);
            self.probed.insert(carrier);
        }
        let begun = BegunCall {
            id,
            campaign: job.campaign_id,
            carrier,
            route,
            to: PhoneNumber::from_stored(contact.phone_number.clone()),
            from: PhoneNumber::from_stored(from.clone()),
            begun_at: self.now,
            record: rules.agent.record,
            closes_at,
            is_probe,
        };
        let row = call::Model {
            route: Some(route.to_string()),
            is_callback,
            attempt: contact.attempts,
            check_at: Some(self.now + self.check_after),
            worker: Some(self.process.clone()),
            ..blank(id, rules, contact, self.now, (carrier.as_str(), from))
        };
        self.calls.push(row);
        if let Some(counters) = self.ledger.edit(job.campaign_id) {
            moved(counters, ContactStatus::Queued, ContactStatus::Calling);
            counters.live += 1;
            counters.reached += i32::from(contact.attempts == 1);
        }
        Begun::Dial(begun)
    }

    /// Writes all that was decided.
    pub(super) async fn write(self, txn: &DatabaseTransaction) -> Result<(), EngineError> {
        let changed = self.changed.iter().filter_map(|id| self.contacts.get(id));
        store::contacts::save_all(txn, changed).await?;
        store::calls::begin_all(txn, self.calls).await?;
        self.ledger.save(txn).await?;
        for kind in self.probed {
            if let Some(breaker) = self.breakers.get(&kind) {
                store::breakers::save(txn, kind, breaker).await?;
            }
        }
        Ok(())
    }
}

/// As what `contact`, which waited to be called, is called by the `rules` of now.
pub(super) fn due_as(rules: &Rules, contact: &contact::Model) -> Option<Due> {
    let last = contact.last_outcome.as_deref();
    let last = last.and_then(|word| word.parse().ok());
    let is_callback = contact.priority == 0;
    rules.policy.due(tries_of(contact), is_callback, last)
}

/// The carriers that campaigns of these `rules` ask, in one order, so that two processes cannot wait for each other. Where
/// the agent's provider calls by itself nothing is asked of the carrier.
fn asked<'a>(
    rules: impl Iterator<Item = &'a Rules>,
    route: CallRoute,
    lines: &Lines,
) -> BTreeSet<CarrierKind> {
    rules
        .filter(|campaign| campaign.agent.route.unwrap_or(route) != CallRoute::Agent)
        .filter_map(|campaign| campaign.row.phone_number.as_deref())
        .map(|number| lines.carrier_of(number))
        .collect()
}

/// True where the campaign of one of `candidates` was changed since it was read as of `versions`: each change moves that on.
fn has_changed<'a>(
    versions: &BTreeMap<CampaignId, DateTime<Utc>>,
    mut candidates: impl Iterator<Item = &'a Candidate>,
) -> bool {
    candidates.any(|it| {
        let campaign = CampaignId::from_uuid(it.contact.campaign_id);
        versions
            .get(&campaign)
            .is_some_and(|at| *at != it.campaign_updated_at)
    })
}

/// A call of which nothing is known but that it was begun.
pub(super) fn blank(
    id: CallId,
    rules: &Rules,
    contact: &contact::Model,
    now: DateTime<Utc>,
    (carrier, from_number): (&str, String),
) -> call::Model {
    call::Model {
        id: id.into_uuid(),
        owner_id: rules.owner.into_uuid(),
        campaign_id: Some(rules.id.into_uuid()),
        contact_id: Some(contact.id),
        direction: "outbound".to_owned(),
        carrier: carrier.to_owned(),
        from_number,
        to_number: contact.phone_number.clone(),
        agent_id: rules.row.voice_agent_id.clone(),
        status: CallStatus::Initiated.to_string(),
        begun_at: now,
        created_at: now,
        updated_at: now,
        ..BLANK
    }
}
