//! The calls, contacts and sums that a batch of reports is about, changed in memory and written at once.

use std::collections::{BTreeSet, HashMap, HashSet};

use carriers::{ConversationReport, ConversationStatus};
use chrono::{DateTime, TimeDelta, Utc};
use domain::progress::{End, News};
use domain::{CallId, CampaignId, ContactId, ContactStatus, Outcome, UserId};
use entity::{call, contact, conversation};
use sea_orm::DatabaseTransaction;

use super::report::{CallReport, CarrierSays, Learned};
use super::{DialingConfig, Parts};
use crate::campaigns::rules::Rules;
use crate::error::EngineError;
use crate::store::counters::{Ledger, moved, wake_by};
use crate::store::rollups::Rollups;
use crate::store::suppressions::Suppression;
use crate::store::{self, calls::progress_of};

/// What remains to be done once the books are committed.
#[derive(Debug, Default)]
pub(super) struct Effects {
    /// Campaigns that may have something to dial.
    pub woken: BTreeSet<CampaignId>,
    /// The carrier's names of calls to be ended.
    pub hang_ups: BTreeSet<String>,
}

/// Everything a batch of reports is about.
pub(super) struct Books {
    pub now: DateTime<Utc>,
    pub config: DialingConfig,
    pub ledger: Ledger,
    pub rollups: Rollups,
    pub rules: HashMap<CampaignId, Rules>,
    pub calls: HashMap<CallId, call::Model>,
    pub contacts: HashMap<ContactId, contact::Model>,
    pub conversations: HashMap<CallId, conversation::Model>,
    pub suppressions: Vec<Suppression>,
    pub effects: Effects,
    changed_calls: HashSet<CallId>,
    pub changed_contacts: HashSet<ContactId>,
    new_conversations: HashSet<CallId>,
    undone: HashSet<CallId>,
}

impl Books {
    /// Locks `campaigns` and reads `calls` with all that belongs to them.
    pub(super) async fn open(
        txn: &DatabaseTransaction,
        parts: &Parts,
        campaigns: BTreeSet<CampaignId>,
        calls: BTreeSet<CallId>,
    ) -> Result<Self, EngineError> {
        let ledger = Ledger::lock(txn, campaigns.iter().copied()).await?;
        let now = parts.clock.now();
        let mut rules = HashMap::new();
        for (id, row) in store::campaigns::find_all(txn, campaigns).await? {
            rules.insert(id, Rules::of(row, parts.config.minute)?);
        }
        let conversations = store::conversations::find_all(txn, calls.iter().copied()).await?;
        let calls = store::calls::find_all(txn, calls).await?;
        let contacts = calls
            .values()
            .filter_map(|row| row.contact_id)
            .map(ContactId::from_i64);
        let contacts = store::contacts::find_all(txn, contacts).await?;
        Ok(Self {
            now,
            config: parts.config.clone(),
            ledger,
            rollups: Rollups::default(),
            rules,
            calls,
            contacts,
            conversations,
            suppressions: Vec::new(),
            effects: Effects::default(),
            changed_calls: HashSet::new(),
            changed_contacts: HashSet::new(),
            new_conversations: HashSet::new(),
            undone: HashSet::new(),
        })
    }

    /// Lets the call learn what was reported and draws the consequences.
    pub(super) fn learn(&mut self, report: CallReport) -> Result<(), EngineError> {
        let id = report.call;
        if self.undone.contains(&id) {
            return Ok(());
        }
        if !self.calls.contains_key(&id) {
            self.refuse_unknown(id, &report.learned);
            return Ok(());
        }
        match report.learned {
            Learned::Carrier(says) => self.hear(id, &says)?,
            Learned::NotPlaced { until, reason } => self.undo(id, until, reason),
            Learned::Conversation(said) => self.note_conversation(id, *said),
            Learned::NothingNew => self.note_check(id),
        }
        self.advance(id)
    }

    /// A call that lives at the carrier and not in our books: whatever it was, nobody looks after it.
    fn refuse_unknown(&mut self, id: CallId, learned: &Learned) {
        let Learned::Carrier(says) = learned else {
            return;
        };
        if says
            .news
            .iter()
            .any(|news| matches!(news, News::Ended { .. }))
        {
            return;
        }
        for news in &says.news {
            if let News::Accepted { carrier_call_id } = news {
                tracing::warn!(call.id = %id, "hanging up a call that is not in the books: {id}");
                self.effects.hang_ups.insert(carrier_call_id.clone());
            }
        }
    }

    fn hear(&mut self, id: CallId, says: &CarrierSays) -> Result<(), EngineError> {
        let Some(call) = self.calls.get_mut(&id) else {
            return Ok(());
        };
        let was_placed = call.placed_at.is_some();
        let mut progress = progress_of(call).map_err(EngineError::internal)?;
        let mut is_new = false;
        for news in &says.news {
            is_new |= progress.learn(news, self.now);
            if matches!(news, News::Detected(_)) && call.answered_by_source.is_none() {
                call.answered_by_source = Some("carrier".to_owned());
            }
        }
        let is_over = says
            .news
            .iter()
            .any(|news| matches!(news, News::Ended { .. }));
        let name = says.news.iter().find_map(|news| match news {
            News::Accepted { carrier_call_id } => Some(carrier_call_id.clone()),
            _ => None,
        });
        let is_carried = name.is_some() && progress.end != Some(End::Rejected);
        if progress.end == Some(End::Lost) && !is_over {
            // Given up, and alive after all: the contact may be in another call by now.
            call.error = Some("came to life after it was given up; hung up".to_owned());
            self.effects.hang_ups.extend(name);
        } else if progress.end.is_none()
            && says
                .news
                .iter()
                .any(|news| matches!(news, News::Detected(by) if by.is_machine()))
        {
            self.effects
                .hang_ups
                .extend(progress.carrier_call_id.clone());
        }
        if is_carried && !was_placed && progress.end != Some(End::Lost) {
            call.placed_at = Some(self.now);
        }
        write_progress(call, progress);
        if let Some(status) = says
            .status
            .as_ref()
            .filter(|_| call.settled_at.is_none() || is_over)
        {
            call.carrier_status = Some(status.clone());
        }
        if let Some(error) = &says.error {
            call.error.get_or_insert_with(|| error.clone());
        }
        if let Some(url) = &says.recording_url {
            call.recording_url.get_or_insert_with(|| url.clone());
        }
        let price = says.price.as_ref().filter(|_| call.price_micros.is_none());
        if let Some(price) = price {
            call.price_micros = i64::try_from(price.micros).ok();
            call.price_unit = Some(price.currency.clone());
        }
        if is_new && call.settled_at.is_none() {
            call.checks = 0;
            call.check_at = Some(self.now + next_look(call, &self.config));
        }
        let added = (
            call.placed_at.is_some() && !was_placed,
            price.map_or(0, |_| call.price_micros.unwrap_or(0)),
        );
        self.count_placed(id, added);
        self.touch(id);
        Ok(())
    }

    fn count_placed(&mut self, id: CallId, (is_placed, price_micros): (bool, i64)) {
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        let campaign = call.campaign_id.map(CampaignId::from_uuid);
        if is_placed && let Some(row) = campaign.and_then(|campaign| self.ledger.edit(campaign)) {
            row.calls_placed += 1;
        }
        if is_placed || price_micros != 0 {
            let sums = self
                .rollups
                .of(UserId::from_uuid(call.owner_id), campaign, call.begun_at);
            sums.calls += i64::from(is_placed);
            sums.price_micros += price_micros;
        }
    }

    /// Undoes an attempt that the carrier did not take on. A sign that it did after all outranks this.
    fn undo(&mut self, id: CallId, until: DateTime<Utc>, reason: String) {
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        if call.placed_at.is_some() || call.settled_at.is_some() {
            return;
        }
        let is_callback = call.is_callback;
        let campaign = call.campaign_id.map(CampaignId::from_uuid);
        let contact = call.contact_id.map(ContactId::from_i64);
        if let Some(row) = campaign.and_then(|campaign| self.ledger.edit(campaign)) {
            row.live -= 1;
        }
        if let Some(contact) = contact {
            self.uncharge(contact, is_callback);
            self.wait(contact, until, i16::from(!is_callback));
            if let Some(row) = self.contacts.get_mut(&contact) {
                row.last_error = Some(reason);
            }
        }
        self.changed_calls.remove(&id);
        self.undone.insert(id);
    }

    fn note_conversation(&mut self, id: CallId, said: ConversationReport) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if said.status == ConversationStatus::Open || self.conversations.contains_key(&id) {
            return;
        }
        call.conversation_id = Some(said.conversation_id.clone());
        call.is_successful = said.successful;
        call.credits = said
            .cost_credits
            .and_then(|credits| i64::try_from(credits).ok());
        call.is_transferred |= said.was_transferred;
        call.error = call.error.take().or_else(|| said.error.clone());
        if said.is_voicemail {
            call.answered_by = Some(domain::AnsweredBy::Machine.to_string());
            call.answered_by_source = Some("agent".to_owned());
        }
        let (owner, campaign) = (
            UserId::from_uuid(call.owner_id),
            call.campaign_id.map(CampaignId::from_uuid),
        );
        let successful = i32::from(said.successful == Some(true));
        let transfers = i32::from(said.was_transferred);
        if let Some(row) = campaign.and_then(|campaign| self.ledger.edit(campaign)) {
            row.calls_successful += successful;
            row.transfers += transfers;
        }
        let sums = self.rollups.of(owner, campaign, call.begun_at);
        sums.successful += i64::from(successful);
        sums.transfers += i64::from(transfers);
        sums.credits += call.credits.unwrap_or(0);
        sums.callbacks += i64::from(said.wish.callback_requested);
        let local = said.wish.callback_at_local;
        let mut row = store::conversations::row(id, call.campaign_id, said, self.now);
        row.callback_at = row.callback_at.or_else(|| self.wished_instant(id, local?));
        self.conversations.insert(id, row);
        self.new_conversations.insert(id);
        self.touch(id);
    }

    fn note_check(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        call.checks += 1;
        call.check_at = Some(self.now + next_look(call, &self.config));
        self.touch(id);
    }

    /// Draws the consequences of what is known now.
    fn advance(&mut self, id: CallId) -> Result<(), EngineError> {
        let Some(call) = self.calls.get(&id).filter(|_| !self.undone.contains(&id)) else {
            return Ok(());
        };
        if call.ending.is_some() && call.settled_at.is_none() {
            self.release(id)?;
        }
        self.decide(id)
    }

    /// Gives the slot of a call that is over back and counts how it ended.
    fn release(&mut self, id: CallId) -> Result<(), EngineError> {
        let Some(call) = self.calls.get_mut(&id) else {
            return Ok(());
        };
        let outcome = outcome_of(call)?;
        call.settled_at = Some(self.now);
        call.outcome = Some(outcome.to_string());
        call.checks = 0;
        call.check_at = Some(self.now + next_look(call, &self.config));
        let (is_callback, contact) = (call.is_callback, call.contact_id.map(ContactId::from_i64));
        let campaign = call.campaign_id.map(CampaignId::from_uuid);
        if let Some(row) = campaign.and_then(|campaign| self.ledger.edit(campaign)) {
            row.live -= 1;
            wake_by(row, self.now);
            self.effects.woken.extend(campaign);
        }
        self.count_ended(id, outcome);
        if let Some(contact) = contact {
            if !outcome.is_charged() {
                self.uncharge(contact, is_callback);
            }
            self.await_verdict(contact);
        }
        self.touch(id);
        Ok(())
    }

    fn count_ended(&mut self, id: CallId, outcome: Outcome) {
        // A call that the carrier never took on is in no statistic.
        let Some(call) = self.calls.get(&id).filter(|call| call.placed_at.is_some()) else {
            return;
        };
        let (owner, campaign) = (
            UserId::from_uuid(call.owner_id),
            call.campaign_id.map(CampaignId::from_uuid),
        );
        let ending = ending_of(call);
        let is = |wanted: &[End]| i32::from(ending.is_some_and(|end| wanted.contains(&end)));
        let completed = is(&[End::Completed]);
        let failed = is(&[End::Failed, End::Canceled, End::Rejected, End::Lost]);
        let (busy, no_answer) = (is(&[End::Busy]), is(&[End::NoAnswer]));
        let voicemail = i32::from(outcome == Outcome::Voicemail);
        if let Some(row) = campaign.and_then(|campaign| self.ledger.edit(campaign)) {
            row.calls_completed += completed;
            row.calls_failed += failed;
            row.calls_busy += busy;
            row.calls_no_answer += no_answer;
            row.calls_voicemail += voicemail;
        }
        let sums = self.rollups.of(owner, campaign, call.begun_at);
        sums.completed += i64::from(completed);
        sums.failed += i64::from(failed);
        sums.busy += i64::from(busy);
        sums.no_answer += i64::from(no_answer);
        sums.voicemail += i64::from(voicemail);
        if completed == 1 {
            sums.talk_s += i64::from(call.duration_s.unwrap_or(0));
            let wait = call
                .answered_at
                .map(|at| (at - call.begun_at).num_milliseconds().max(0));
            sums.waits += i64::from(wait.is_some());
            sums.wait_ms += wait.unwrap_or(0);
        }
    }

    /// The attempt does not count.
    fn uncharge(&mut self, id: ContactId, is_callback: bool) {
        let Some(contact) = self.contacts.get_mut(&id) else {
            return;
        };
        contact.attempts -= 1;
        contact.callback_attempts -= i32::from(is_callback);
        let campaign = CampaignId::from_uuid(contact.campaign_id);
        let is_unreached = contact.attempts == 0;
        if is_unreached && let Some(row) = self.ledger.edit(campaign) {
            row.reached -= 1;
        }
        self.changed_contacts.insert(id);
    }

    /// Between the call's end and the decision: contacted, due at no instant.
    fn await_verdict(&mut self, id: ContactId) {
        self.move_contact(id, ContactStatus::Contacted);
        if let Some(contact) = self.contacts.get_mut(&id) {
            contact.next_attempt_at = None;
        }
    }

    /// The contact is due again at `at`.
    pub(super) fn wait(&mut self, id: ContactId, at: DateTime<Utc>, priority: i16) {
        let Some(contact) = self.contacts.get_mut(&id) else {
            return;
        };
        contact.next_attempt_at = Some(at);
        contact.priority = priority;
        let to = if contact.attempts == 0 {
            ContactStatus::Pending
        } else {
            ContactStatus::Contacted
        };
        let campaign = CampaignId::from_uuid(contact.campaign_id);
        self.move_contact(id, to);
        if let Some(row) = self.ledger.edit(campaign) {
            wake_by(row, at.max(self.now));
        }
    }

    /// Moves the contact to `to`, in its row and in the counters.
    pub(super) fn move_contact(&mut self, id: ContactId, to: ContactStatus) {
        let Some(contact) = self.contacts.get_mut(&id) else {
            return;
        };
        let Ok(from) = contact.status.parse::<ContactStatus>() else {
            return;
        };
        contact.status = to.to_string();
        contact.updated_at = self.now;
        let campaign = CampaignId::from_uuid(contact.campaign_id);
        self.changed_contacts.insert(id);
        if from != to
            && let Some(row) = self.ledger.edit(campaign)
        {
            moved(row, from, to);
        }
    }

    /// The call's row is to be written.
    pub(super) fn touch(&mut self, id: CallId) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.updated_at = self.now;
            self.changed_calls.insert(id);
        }
    }

    /// Writes everything; what is to be done after the commit is the answer.
    pub(super) async fn write(self, txn: &DatabaseTransaction) -> Result<Effects, EngineError> {
        let contacts = self
            .changed_contacts
            .iter()
            .filter_map(|id| self.contacts.get(id));
        store::contacts::save_all(txn, contacts).await?;
        let calls = self
            .changed_calls
            .iter()
            .filter_map(|id| self.calls.get(id));
        store::calls::save_all(txn, calls).await?;
        let undone = self.undone.iter().map(|id| id.into_uuid()).collect();
        store::calls::delete_all(txn, undone).await?;
        let mut conversations = self.conversations;
        let new = self
            .new_conversations
            .iter()
            .filter_map(|id| conversations.remove(id))
            .collect();
        store::conversations::insert_all(txn, new).await?;
        store::suppressions::insert(txn, self.suppressions, self.now).await?;
        self.rollups.add_to(txn).await?;
        self.ledger.save(txn).await?;
        Ok(self.effects)
    }
}

/// What came of the call, as far as its row tells.
pub(super) fn outcome_of(call: &call::Model) -> Result<Outcome, EngineError> {
    progress_of(call)
        .map_err(EngineError::internal)?
        .outcome()
        .ok_or_else(|| EngineError::internal(anyhow::anyhow!("call {} is not over", call.id)))
}

fn ending_of(call: &call::Model) -> Option<End> {
    call.ending
        .as_deref()
        .and_then(|ending| ending.parse().ok())
}

fn write_progress(call: &mut call::Model, progress: domain::progress::Progress) {
    call.status = progress.status().to_string();
    call.carrier_call_id = progress.carrier_call_id;
    call.ringing_at = progress.ringing_at;
    call.answered_at = progress.answered_at;
    call.answered_by = progress.answered_by.map(|by| by.to_string());
    call.agent_error = progress.agent_error;
    call.ended_at = progress.ended_at;
    call.ending = progress.end.map(|end| end.to_string());
    call.duration_s = progress
        .duration_s
        .and_then(|seconds| i32::try_from(seconds).ok());
}

/// How long until the reconciler looks at the call again, if nothing is heard of it before.
fn next_look(call: &call::Model, config: &DialingConfig) -> TimeDelta {
    if call.settled_at.is_some() {
        // The conversation's report is seconds away as a rule; a provider in trouble is not asked every second.
        return TimeDelta::seconds(2_i64 << call.checks.clamp(0, 4));
    }
    let ring_s = if call.answered_at.is_none() && call.placed_at.is_some() {
        i64::from(config.ring_timeout_s)
    } else {
        0
    };
    TimeDelta::seconds(ring_s + i64::from(config.check_after_s))
}
