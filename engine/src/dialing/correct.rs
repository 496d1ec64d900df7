//! Somebody listened, and knows better than the detection: it was no machine. Or it was one after all.

use domain::{AnsweredBy, CallId, CampaignId, ContactId, ContactStatus, Outcome, UserId};
use entity::call;

use super::books::Books;
use super::decide::tries_of;
use super::report::Correction;

/// Who says so, in `answered_by_source`.
const SOURCE: &str = "user";

impl Books {
    /// Notes a verdict of a person on what the detection said. Only of a call that is decided, and that was taken for a
    /// machine; the same verdict again changes nothing.
    pub(super) fn note_correction(&mut self, id: CallId, correction: &Correction) {
        let Some(call) = self.calls.get(&id).filter(|call| call.decided_at.is_some()) else {
            return;
        };
        let is_marked = call.false_positive_at.is_some();
        let is_machine = call.outcome.as_deref() == Some(Outcome::Voicemail.as_str());
        match (is_marked, correction.is_false_positive) {
            (false, true) if is_machine => self.mark(id, correction.by),
            (true, false) => self.unmark(id),
            _ => {}
        }
    }

    /// It was a person: the figures follow, and the person is called once more, if the policy still allows that.
    fn mark(&mut self, id: CallId, by: UserId) {
        self.count_voicemail(id, -1);
        let stood = self.put_back(id);
        let now = self.now;
        if let Some(call) = self.calls.get_mut(&id) {
            call.false_positive_at = Some(now);
            call.false_positive_by = Some(by.into_uuid());
            call.false_positive_from = stood.map(|status| status.to_string());
            call.answered_by = Some(AnsweredBy::Human.to_string());
            call.answered_by_source = Some(SOURCE.to_owned());
            call.outcome = Some(Outcome::Answered.to_string());
        }
        self.touch(id);
    }

    /// It was a machine after all: everything is as it was, unless the person was called again meanwhile.
    fn unmark(&mut self, id: CallId) {
        self.count_voicemail(id, 1);
        let stood = self
            .calls
            .get_mut(&id)
            .and_then(|call| call.false_positive_from.take())
            .and_then(|status| status.parse::<ContactStatus>().ok());
        if let Some((contact, stood)) = self.last_called(id).zip(stood)
            && matches!(
                self.status_of(contact),
                Some(ContactStatus::Contacted | ContactStatus::Queued)
            )
        {
            self.finish(contact, stood);
        }
        if let Some(call) = self.calls.get_mut(&id) {
            let by_carrier = call
                .carrier_answered_by
                .as_deref()
                .and_then(|by| by.parse().ok());
            let by_carrier = by_carrier.filter(|by: &AnsweredBy| by.is_machine());
            let source = if by_carrier.is_some() {
                "carrier"
            } else {
                "agent"
            };
            let answered_by = by_carrier.unwrap_or(AnsweredBy::Machine);
            call.false_positive_at = None;
            call.false_positive_by = None;
            call.answered_by = Some(answered_by.to_string());
            call.answered_by_source = Some(source.to_owned());
            call.outcome = Some(Outcome::Voicemail.to_string());
        }
        self.touch(id);
    }

    fn count_voicemail(&mut self, id: CallId, change: i32) {
        let Some(call) = self.calls.get(&id).filter(|call| call.placed_at.is_some()) else {
            return;
        };
        let campaign = call.campaign_id.map(CampaignId::from_uuid);
        self.rollups.of(call).marked(change < 0);
        if let Some(row) = campaign.map(|campaign| self.counters.of(campaign)) {
            row.calls_voicemail += change;
        }
    }

    /// Has the person called once more whom this call was the last to; where the contact stood before. `None`: nothing is
    /// done, as more is to come anyway, no attempt is left, no window opens, or the campaign is over.
    fn put_back(&mut self, id: CallId) -> Option<ContactStatus> {
        let contact = self.last_called(id)?;
        let stood = self.status_of(contact)?;
        let row = self.contacts.get(&contact)?;
        let rules = self.rules.get(&CampaignId::from_uuid(row.campaign_id))?;
        let zone = rules.zone_of(&row.timezone).ok()?;
        let has_attempt = rules.policy.grants_attempt(tries_of(row));
        if stood != ContactStatus::Failed || !has_attempt || rules.is_over() {
            return None;
        }
        let ended_at = self.calls.get(&id)?.ended_at?;
        let due = self.now.max(ended_at + rules.policy.delay);
        let due = rules.calendar.next_open(zone, due)?;
        self.wait(contact, due, 1);
        Some(stood)
    }

    /// The contact of the call, if nobody has called it since.
    fn last_called(&self, id: CallId) -> Option<ContactId> {
        let call: &call::Model = self.calls.get(&id)?;
        let contact = ContactId::from_i64(call.contact_id?);
        let row = self.contacts.get(&contact)?;
        (row.last_attempt_at == Some(call.begun_at)).then_some(contact)
    }

    fn status_of(&self, id: ContactId) -> Option<ContactStatus> {
        self.contacts.get(&id)?.status.parse().ok()
    }
}
