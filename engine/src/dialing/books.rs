//! The calls, contacts and sums that a batch of reports is about, changed in memory and written at once.

use std::collections::{BTreeSet, HashMap, HashSet};

use carriers::CarrierKind;
use chrono::{DateTime, Utc};
use domain::progress::News;
use domain::{CallId, CampaignId, ContactId, ContactStatus, Outcome, UserId};
use entity::{call, contact, conversation};
use sea_orm::DatabaseTransaction;

use super::report::{CallReport, Learned};
use super::{DialingConfig, Parts};
use crate::campaigns::rules::Rules;
use crate::error::EngineError;
use crate::live::{Change, UndoneCall};
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
    pub ledger: Ledger,
    pub rollups: Rollups,
    pub rules: HashMap<CampaignId, Rules>,
    pub calls: HashMap<CallId, call::Model>,
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
}

impl Books {
    /// Locks the campaigns of `calls`, and those that belong to none, and reads `calls` with all that belongs to them.
    pub(super) async fn open(
        txn: &DatabaseTransaction,
        parts: &Parts,
        calls: BTreeSet<CallId>,
    ) -> Result<Self, EngineError> {
        let belonging = store::calls::campaigns_of(txn, calls.iter().copied()).await?;
        let campaigns: BTreeSet<CampaignId> = belonging.values().copied().flatten().collect();
        let ledger = Ledger::lock(txn, campaigns.iter().copied()).await?;
        // Those that were not there a moment ago may be by now.
        let others = calls.iter().copied();
        let others: Vec<CallId> = others
            .filter(|call| belonging.get(call).copied().flatten().is_none())
            .collect();
        if !others.is_empty() {
            store::calls::lock_single(txn, others).await?;
        }
        let now = parts.clock.now();
        let mut rules = HashMap::new();
        for (id, row) in store::campaigns::find_all(txn, campaigns).await? {
            // One campaign that cannot be read must not hold up the others' calls; its own are decided once it can be.
            match Rules::of(row, parts.config.minute) {
                Ok(read) => drop(rules.insert(id, read)),
                Err(error) => {
                    tracing::error!(campaign.id = %id, ?error, "cannot read campaign {id}")
                }
            }
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
            changed_conversations: HashSet::new(),
            may_need_words: HashSet::new(),
            heard: HashSet::new(),
            undone: HashSet::new(),
            unsaid: HashSet::new(),
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
            Learned::Conversation(said) => self.note_report(id, *said)?,
            Learned::CarrierSilent => self.end_by_conversation(id)?,
            Learned::TakenByAgent(name) => self.note_taken(id, Some(&name)),
            Learned::NotBegun(told) => self.note_not_begun(id, told)?,
            Learned::Wish(wish) => self.note_wish(id, wish),
            Learned::Transfer(news) => self.note_transfer(id, &news),
            Learned::Corrected(correction) => self.note_correction(id, &correction),
            Learned::NothingNew => self.note_check(id),
            Learned::NothingSaid => {
                self.unsaid.insert(id);
                self.note_check(id);
            }
            Learned::Price(answer) => self.note_price(id, &answer),
            Learned::Transcribed(heard) => self.note_transcription(id, &heard),
            Learned::Talked(seconds) => self.note_talk(id, seconds),
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
        if let Some(row) = self.ledger.edit(campaign) {
            // A campaign that is over has no use for the instant: the sweep finds the contact now.
            let is_over = self.rules.get(&campaign).is_some_and(Rules::is_over);
            wake_by(row, if is_over { self.now } else { at.max(self.now) });
            if is_over {
                self.effects.woken.insert(campaign);
            }
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
    pub(super) async fn write(mut self, txn: &DatabaseTransaction) -> Result<Effects, EngineError> {
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
        store::suppressions::insert(txn, self.suppressions, self.now).await?;
        self.rollups.add_to(txn).await?;
        self.ledger.save(txn).await?;
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
        let campaigns = self.ledger.changed().map(Change::Campaign);
        changed.chain(undone).chain(campaigns).collect()
    }
}
