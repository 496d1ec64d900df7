//! A call that is over gives its slot back; an attempt that did not take place is taken back.

use chrono::{DateTime, Utc};
use domain::progress::End;
use domain::{CallId, CampaignId, ContactId, ContactStatus, Direction, Outcome, TransferStatus};
use entity::call;

use super::books::Books;
use super::hear::{ask_after, next_look};
use crate::error::EngineError;
use crate::store::call_sums::Ended;
use crate::store::calls::progress_of;
use crate::store::counters::wake_by;

impl Books {
    /// Gives the slot of a call that is over back and counts how it ended.
    pub(super) fn release(&mut self, id: CallId) -> Result<(), EngineError> {
        let Some(call) = self.calls.get_mut(&id) else {
            return Ok(());
        };
        let outcome = outcome_of(call)?;
        if call.direction == Direction::Outbound.as_str() {
            self.effects.outcomes.push(outcome);
        }
        call.settled_at = Some(self.now);
        self.may_need_words.insert(id);
        call.outcome = Some(outcome.to_string());
        call.checks = 0;
        let wait = next_look(call, &self.config);
        ask_after(call, self.now, wait);
        let (is_callback, contact) = (call.is_callback, call.contact_id.map(ContactId::from_i64));
        let campaign = call.campaign_id.map(CampaignId::from_uuid);
        if let Some(row) = campaign.map(|campaign| self.counters.of(campaign)) {
            row.live -= 1;
            wake_by(row, self.now);
            self.effects.woken.extend(campaign);
        }
        self.count_ended(id);
        if let Some(contact) = contact {
            if !outcome.is_charged() {
                self.uncharge(contact, is_callback);
            }
            self.await_verdict(contact);
        }
        self.touch(id);
        Ok(())
    }

    /// Counts how a call ended.
    pub(super) fn count_ended(&mut self, id: CallId) {
        // A call that the carrier never took on is in no statistic.
        let Some(call) = self.calls.get(&id).filter(|call| call.placed_at.is_some()) else {
            return;
        };
        let ended = Ended::of(call);
        let voicemail = i32::from(call.outcome.as_deref() == Some(Outcome::Voicemail.as_str()));
        let campaign = call.campaign_id.map(CampaignId::from_uuid);
        if let Some(row) = campaign.map(|campaign| self.counters.of(campaign)) {
            row.calls_completed += ended.completed;
            row.calls_failed += ended.failed;
            row.calls_busy += ended.busy;
            row.calls_no_answer += ended.no_answer;
            row.calls_voicemail += voicemail;
        }
        self.rollups.of(call).ended();
    }

    /// Undoes an attempt that the carrier did not take on. A sign that it did after all outranks this.
    pub(super) fn undo(&mut self, id: CallId, until: DateTime<Utc>, reason: String) {
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        if call.placed_at.is_some() || call.settled_at.is_some() {
            return;
        }
        let is_callback = call.is_callback;
        let campaign = call.campaign_id.map(CampaignId::from_uuid);
        let contact = call.contact_id.map(ContactId::from_i64);
        if let Some(row) = campaign.map(|campaign| self.counters.of(campaign)) {
            row.live -= 1;
            // The slot is free for somebody else meanwhile.
            wake_by(row, self.now);
            self.effects.woken.extend(campaign);
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

    /// The attempt does not count.
    fn uncharge(&mut self, id: ContactId, is_callback: bool) {
        let Some(contact) = self.contacts.get_mut(&id) else {
            return;
        };
        contact.attempts -= 1;
        contact.callback_attempts -= i32::from(is_callback);
        let campaign = CampaignId::from_uuid(contact.campaign_id);
        let is_unreached = contact.attempts == 0;
        if is_unreached {
            self.counters.of(campaign).reached -= 1;
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
}

/// What came of the call, as far as its row tells.
pub(super) fn outcome_of(call: &call::Model) -> Result<Outcome, EngineError> {
    let progress = progress_of(call).map_err(EngineError::internal)?;
    let was_taken = call.transfer_status.as_deref() == Some(TransferStatus::Completed.as_str());
    if was_taken && progress.end == Some(End::Completed) {
        // Whoever talked with a colleague was reached, whatever detection and agent made of it.
        return Ok(Outcome::Answered);
    }
    progress
        .outcome()
        .ok_or_else(|| EngineError::internal(anyhow::anyhow!("call {} is not over", call.id)))
}
