//! The calls, contacts and sums that a batch of reports is about, changed in memory and written at once.

use std::collections::{BTreeSet, HashMap, HashSet};

use carriers::CarrierKind;
use chrono::{DateTime, Utc};
use domain::progress::News;
use domain::{CallId, CampaignId, ContactId, ContactStatus, Outcome, UserId};
use entity::{call, contact, conversation};
use sea_orm::DatabaseTransaction;

use super::report::{CallReport, Learned};
use super::transcribed::is_reported;
use super::{DialingConfig, Parts};
use crate::campaigns::rules::Rules;
use crate::error::EngineError;
use crate::live::{Change, UndoneCall};
use crate::store::counter_changes::CounterChanges;
use crate::store::counters::{Ledger, moved, wake_by};
use crate::store::rollups::Rollups;
use crate::store::suppressions::Suppression;
use crate::store::{self};

/// What remains to be done once the books are committed.
#[derive(Debug, Default)]
pub(super) struct Effects {
    /// Campaigns that may have something to dial.
    pub woken: BTreeSet<CampaignId>,
    /// Calls to be ended: who carries them (`None`: it was not said), and the carrier's names of them.
    pub hang_ups: BTreeSet<(Option<CarrierKind>, String)>,
    /// How the calls that ended now ended, for the metrics.
    pub outcomes: Vec<Outcome>,
    /// What those who watch are told of.
    pub changes: Vec<Change>,
}

/// Everything a batch of reports is about.
pub(super) struct Books {
    pub now: DateTime<Utc>,
    pub config: DialingConfig,
    pub counters: CounterChanges,
    pub rollups: Rollups,
    pub rules: HashMap<CampaignId, Rules>,
    pub calls: HashMap<CallId, call::Model>,
    /// The calls that are over and undecided, or that a report may end: what they need of contact and conversation is here.
    concerned: HashSet<CallId>,
    pub contacts: HashMap<ContactId, contact::Model>,
    pub conversations: HashMap<CallId, conversation::Model>,
    pub suppressions: Vec<Suppression>,
    pub effects: Effects,
    pub changed_calls: HashSet<CallId>,
    pub changed_contacts: HashSet<ContactId>,
    pub changed_conversations: HashSet<CallId>,
    /// Calls of which something was learned that may make their recording worth listening to.
    pub may_need_words: HashSet<CallId>,
    /// Calls whose recording was listened to.
    pub heard: HashSet<CallId>,
    pub undone: HashSet<CallId>,
    /// Calls whose conversation is not waited for any longer.
    pub unsaid: HashSet<CallId>,
    /// Campaigns of which a contact waits for an instant, as nobody knows them to be over.
    waiting_in: BTreeSet<CampaignId>,
}

impl Books {
    /// Locks the calls that `reports` are about, with the contacts that are theirs, and reads all that belongs to them; of a
    /// call that just goes on, as most that is reported is, neither its contact nor its conversation.
    ///
    /// A contact is its call's from the decision to dial to the one about what comes next: nobody else changes where it
    /// stands, so it is locked before the counters of its campaign are. A contact about which a late report may still
    /// change something can be anybody's by then, and is locked after them, as everybody else does.
    pub(super) async fn open(
        txn: &DatabaseTransaction,
        parts: &Parts,
        reports: &[&CallReport],
    ) -> Result<Self, EngineError> {
        let calls = reports.iter().map(|report| report.call);
        let calls = store::calls::lock_all(txn, calls).await?;
        let now = parts.clock.now();
        let campaigns = calls.values().filter_map(|call| call.campaign_id);
        let campaigns: BTreeSet<CampaignId> = campaigns.map(CampaignId::from_uuid).collect();
        let rows = store::campaigns::find_all(txn, campaigns.iter().copied()).await?;
        // What comes next in those that cannot be read is decided once they can be.
        let rules = Rules::of_readable(rows, parts.config.minute);
        let concerned = concerned_by(&calls, reports);
        // Whatever is told of a call that is over may be reason to listen to its recording, unless its words are known.
        let is_spoken = |id: &CallId, call: &call::Model| {
            concerned.contains(id) || parts.config.transcribes && call.settled_at.is_some()
        };
        let spoken = calls.iter().filter(|(id, call)| is_spoken(id, call));
        let conversations = store::conversations::find_all(txn, spoken.map(|(id, _)| *id)).await?;
        let late = late_of(&calls, &conversations, reports);
        if !late.is_empty() {
            Ledger::lock(txn, campaigns).await?;
        }
        let moving = calls.iter().filter(|(id, call)| {
            late.contains(id) || call.decided_at.is_none() && concerned.contains(id)
        });
        let contacts = moving
            .filter_map(|(_, call)| call.contact_id)
            .map(ContactId::from_i64);
        let contacts = store::contacts::lock_all(txn, contacts).await?;
        Ok(Self {
            now,
            config: parts.config.clone(),
            counters: CounterChanges::default(),
            rollups: Rollups::default(),
            rules,
            calls,
            concerned,
            contacts,
            conversations,
            suppressions: Vec::new(),
            effects: Effects::default(),
            changed_calls: HashSet::new(),
            changed_contacts: HashSet::new(),
            changed_conversations: HashSet::new(),
            may_need_words: HashSet::new(),
            heard: HashSet::new(),
            undone: HashSet::new(),
            unsaid: HashSet::new(),
            waiting_in: BTreeSet::new(),
        })
    }

    /// Lets the call learn what was reported and draws the consequences.
    pub(super) fn learn(&mut self, report: &CallReport) -> Result<(), EngineError> {
        let id = report.call;
        if self.undone.contains(&id) || !self.calls.contains_key(&id) {
            self.refuse_unknown(id, &report.learned);
            return Ok(());
        }
        match &report.learned {
            Learned::Carrier(says) if self.knows(id, says) => {}
            Learned::Carrier(says) => self.hear(id, says)?,
            Learned::NotPlaced { until, reason } => self.undo(id, *until, reason.clone()),
            Learned::Conversation(said) => self.note_report(id, said)?,
            Learned::CarrierSilent => self.end_by_conversation(id)?,
            Learned::TakenByAgent(name) => self.note_taken(id, Some(name)),
            Learned::NotBegun(told) => self.note_not_begun(id, told.clone())?,
            Learned::Wish(wish) => self.note_wish(id, *wish),
            Learned::Transfer(news) => self.note_transfer(id, news),
            Learned::Corrected(correction) => self.note_correction(id, correction),
            Learned::NothingNew => self.note_check(id),
            Learned::NothingSaid => {
                self.unsaid.insert(id);
                self.note_check(id);
            }
            Learned::Price(answer) => self.note_price(id, answer),
            Learned::Transcribed(heard) => self.note_transcription(id, heard),
            Learned::Talked(seconds) => self.note_talk(id, *seconds),
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
                let whose = (says.carrier, carrier_call_id.clone());
                self.effects.hang_ups.insert(whose);
            }
        }
    }

    /// Draws the consequences of what is known now.
    fn advance(&mut self, id: CallId) -> Result<(), EngineError> {
        let Some(call) = self.calls.get(&id).filter(|_| !self.undone.contains(&id)) else {
            return Ok(());
        };
        if call.ending.is_some() && call.decided_at.is_none() && !self.concerned.contains(&id) {
            let unread = anyhow::anyhow!("call {id} is over, and its contact was not read");
            return Err(EngineError::internal(unread));
        }
        if call.ending.is_some() && call.settled_at.is_none() {
            self.release(id)?;
        }
        self.expect_price(id);
        self.decide(id)
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
        // A campaign that is over has no use for the instant: the sweep finds the contact now.
        let is_over = self.rules.get(&campaign).is_some_and(Rules::is_over);
        let wake_at = if is_over { self.now } else { at.max(self.now) };
        wake_by(self.counters.of(campaign), wake_at);
        if is_over {
            self.effects.woken.insert(campaign);
        } else {
            self.waiting_in.insert(campaign);
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
        if from != to {
            moved(self.counters.of(campaign), from, to);
        }
    }

    /// The call's row is to be written.
    pub(super) fn touch(&mut self, id: CallId) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.updated_at = self.now;
            self.changed_calls.insert(id);
        }
    }

    /// Writes everything; what is to be done after the commit is the answer, and the counters are locked until then.
    pub(super) async fn write(mut self, txn: &DatabaseTransaction) -> Result<Effects, EngineError> {
        // Whoever holds the counters finds contacts as they are counted.
        for id in &self.changed_contacts {
            if let Some(contact) = self.contacts.get(id) {
                self.counters.of(CampaignId::from_uuid(contact.campaign_id));
            }
        }
        self.effects.changes = self.changes();
        store::transcriptions::expect(txn, self.to_listen_to(), self.now).await?;
        store::transcriptions::finish(txn, self.heard.iter().copied(), self.now).await?;
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
        let changed = self
            .changed_conversations
            .iter()
            .filter_map(|id| conversations.remove(id))
            .collect();
        store::conversations::save_all(txn, changed).await?;
        self.counters.add_to(txn).await?;
        // One that ended since it was read has no use for an instant.
        let ended = store::campaigns::ended_among(txn, &self.waiting_in).await?;
        store::counters::wake_all(txn, &ended, self.now).await?;
        self.effects.woken.extend(ended);
        store::suppressions::insert(txn, self.suppressions, self.now).await?;
        self.rollups.add_to(txn).await?;
        Ok(self.effects)
    }

    /// What those who watch are told of.
    fn changes(&self) -> Vec<Change> {
        let campaign_of = |call: &call::Model| call.campaign_id.map(CampaignId::from_uuid);
        let changed = self.changed_calls.iter();
        let changed = changed
            .filter_map(|id| self.calls.get(id))
            .map(|row| Change::Call(CallId::from_uuid(row.id), campaign_of(row)));
        let undone = self.undone.iter().filter_map(|id| self.calls.get(id));
        let undone = undone.map(|row| {
            Change::Undone(UndoneCall {
                call: CallId::from_uuid(row.id),
                campaign: campaign_of(row),
                owner: UserId::from_uuid(row.owner_id),
            })
        });
        let campaigns = self.counters.campaigns().map(Change::Campaign);
        changed.chain(undone).chain(campaigns).collect()
    }
}

/// The calls that are over and not decided about, or may be by `reports`: these say where their contacts go.
fn concerned_by(calls: &HashMap<CallId, call::Model>, reports: &[&CallReport]) -> HashSet<CallId> {
    let is_open = |call: &call::Model| call.ending.is_some() && call.decided_at.is_none();
    let open = calls.iter().filter(|(_, call)| is_open(call));
    let telling = reports.iter().filter(|report| report.learned.may_end());
    let telling = telling.map(|report| report.call);
    open.map(|(id, _)| *id).chain(telling).collect()
}

/// The calls of which it was decided what comes next, and of which `reports` may change that. A conversation that was
/// reported before says nothing new.
fn late_of(
    calls: &HashMap<CallId, call::Model>,
    conversations: &HashMap<CallId, conversation::Model>,
    reports: &[&CallReport],
) -> HashSet<CallId> {
    let is_new = |report: &CallReport| match report.learned {
        Learned::Conversation(_) => !conversations.get(&report.call).is_some_and(is_reported),
        _ => true,
    };
    let late = reports.iter().filter(|report| {
        let call = calls.get(&report.call);
        let call = call.filter(|call| call.decided_at.is_some());
        let may_change = report.learned.may_change_decision() && is_new(report);
        call.is_some_and(|call| call.do_not_call || may_change)
    });
    late.map(|report| report.call).collect()
}
