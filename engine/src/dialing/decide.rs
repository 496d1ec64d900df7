//! What comes next for the contact of a call that is over: taken once, when everything that counts is known.

use chrono::{DateTime, NaiveDateTime, Utc};
use domain::outcome::AnsweredBy;
use domain::retry::{Callback, Ended, Moment, Next, Tries, Wish};
use domain::{CallId, CampaignId, ContactId, ContactStatus, Outcome, PhoneNumber, UserId};
use entity::{call, contact, conversation};

use super::books::Books;
use super::release::outcome_of;
use super::route::is_heard_of;
use super::transcribed::is_reported;
use crate::error::EngineError;
use crate::store::counters::wake_by;
use crate::store::suppressions::Suppression;
use crate::suppressions::Source;

impl Books {
    /// Decides the next step of the call's contact, if it can be decided now and was not before.
    ///
    /// Busy, unanswered and refused calls are decided at their end. An answered one waits for the conversation's report,
    /// which may tell that a machine listened, that a callback is wanted, or never a call again; it waits until the
    /// reconciler has asked for it in vain after `conversation_wait_s`, then what the carrier said is all there is. So it is
    /// at once where no report can reach us.
    pub(super) fn decide(&mut self, id: CallId) -> Result<(), EngineError> {
        let Some(call) = self.calls.get(&id) else {
            return Ok(());
        };
        let conversation = self.conversations.get(&id).filter(|said| is_reported(said));
        if call.decided_at.is_some() {
            self.honour_late_wish(id);
            return Ok(());
        }
        let is_readable = call
            .campaign_id
            .is_none_or(|id| self.rules.contains_key(&CampaignId::from_uuid(id)));
        if call.settled_at.is_none() || !is_readable {
            return Ok(());
        }
        if self.is_awaited(call, conversation)? && !self.unsaid.contains(&id) {
            return Ok(());
        }
        // The report may still come: it tells what the call cost and whether it reached its goal.
        let is_report_due = call.answered_at.is_some() && self.awaits_report(call, conversation);
        let outcome = outcome_of(call)?;
        self.take_over_wishes(id);
        let Some(call) = self.calls.get(&id) else {
            return Ok(());
        };
        let next = self.next_step(call, outcome);
        self.correct_outcome(id, outcome);
        if let Some(call) = self.calls.get_mut(&id) {
            call.decided_at = Some(self.now);
            call.check_at = call.check_at.filter(|_| is_report_due);
        }
        self.touch(id);
        if let Some(next) = next {
            self.apply(id, outcome, next);
        }
        Ok(())
    }

    /// Whether a report of what was said may still come.
    fn awaits_report(
        &self,
        call: &call::Model,
        conversation: Option<&conversation::Model>,
    ) -> bool {
        conversation.is_none() && call.agent_id.is_some() && is_heard_of(call, &self.config)
    }

    /// True while the contact waits for the conversation's report. Time alone does not end that: whoever spoke with nobody
    /// would count as reached if anything were heard of the call after the wait and before the reconciler asks. It asks, then
    /// it says so.
    fn is_awaited(
        &self,
        call: &call::Model,
        conversation: Option<&conversation::Model>,
    ) -> Result<bool, EngineError> {
        let is_talk = outcome_of(call)? == Outcome::Answered && call.ended_at.is_some();
        Ok(is_talk && self.awaits_report(call, conversation))
    }

    /// An older version left what the report says of wishes in the conversation alone. It has counted them already.
    fn take_over_wishes(&mut self, id: CallId) {
        // Taken out while the call changes: a copy would be one of everything that was said.
        let Some(said) = self.conversations.remove(&id) else {
            return;
        };
        if let Some(call) = self.calls.get_mut(&id) {
            call.callback_requested |= said.callback_requested;
        }
        self.note_wish_of_report(id, &said);
        self.conversations.insert(id, said);
    }

    /// `None` for a call outside any campaign: there is no contact to decide about.
    fn next_step(&self, call: &call::Model, outcome: Outcome) -> Option<Next> {
        let contact = call
            .contact_id
            .and_then(|id| self.contacts.get(&ContactId::from_i64(id)));
        let rules = call
            .campaign_id
            .and_then(|id| self.rules.get(&CampaignId::from_uuid(id)));
        let (Some(contact), Some(rules), Some(ended_at)) = (contact, rules, call.ended_at) else {
            return None;
        };
        let moment = Moment {
            ended_at,
            calendar: &rules.calendar,
            // By a zone that is not known here nobody is called: whoever knows it judges again before the next call.
            zone: rules.zone_of(&contact.timezone).unwrap_or(rules.zone),
        };
        Some(rules.policy.decide(
            Ended {
                outcome,
                by: call.answered_by.as_deref().and_then(|by| by.parse().ok()),
            },
            wish_of(call),
            Tries {
                was_callback: call.is_callback,
                ..tries_of(contact)
            },
            moment,
        ))
    }

    /// The agent may know better than the carrier who listened.
    fn correct_outcome(&mut self, id: CallId, outcome: Outcome) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let was = call.outcome.replace(outcome.to_string());
        if was == call.outcome || call.placed_at.is_none() {
            return;
        }
        let voicemail = Some(Outcome::Voicemail.as_str());
        let more = i32::from(call.outcome.as_deref() == voicemail)
            - i32::from(was.as_deref() == voicemail);
        let campaign = call.campaign_id.map(CampaignId::from_uuid);
        self.rollups.of(call).corrected(was.as_deref());
        if let Some(row) = campaign.map(|campaign| self.counters.of(campaign)) {
            row.calls_voicemail += more;
        }
    }

    fn apply(&mut self, id: CallId, outcome: Outcome, next: Next) {
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        let Some(contact_id) = call.contact_id.map(ContactId::from_i64) else {
            return;
        };
        let error = failure_of(call, outcome);
        let wants_callback = call.callback_requested;
        if let Some(contact) = self.contacts.get_mut(&contact_id) {
            // A call that never took place says nothing about the person.
            if outcome.is_charged() {
                contact.last_outcome = Some(outcome.to_string());
            }
            contact.last_error = error;
            let is_first_wish = wants_callback && !contact.callback_requested;
            contact.callback_requested |= wants_callback;
            let campaign = CampaignId::from_uuid(contact.campaign_id);
            if is_first_wish {
                self.counters.of(campaign).callbacks += 1;
            }
        }
        // They may have asked never to be called again meanwhile, of an older call: that outranks what follows from this one.
        let is_never = |row: &contact::Model| row.status == ContactStatus::DoNotCall.as_str();
        if self.contacts.get(&contact_id).is_some_and(is_never) {
            self.changed_contacts.insert(contact_id);
            return;
        }
        match next {
            Next::Retry(at) => self.wait(contact_id, at, 1),
            Next::Callback(at) => {
                self.count_callback_scheduled(id);
                self.wait(contact_id, at, 0);
            }
            Next::Done => self.finish(contact_id, ContactStatus::Completed),
            Next::Exhausted | Next::Never => self.finish(contact_id, ContactStatus::Failed),
            Next::DoNotCall => self.finish(contact_id, ContactStatus::DoNotCall),
        }
    }

    pub(super) fn finish(&mut self, id: ContactId, to: ContactStatus) {
        self.move_contact(id, to);
        let Some(contact) = self.contacts.get_mut(&id) else {
            return;
        };
        contact.next_attempt_at = None;
        // A job that is on its way finds its contact no longer queued.
        contact.queued_at = None;
        let campaign = CampaignId::from_uuid(contact.campaign_id);
        // The last contact's end is the campaign's.
        wake_by(self.counters.of(campaign), self.now);
        self.effects.woken.insert(campaign);
    }

    /// A report that came after the decision cannot call anybody back any more, but a wish not to be called counts.
    fn honour_late_wish(&mut self, id: CallId) {
        let call = self.calls.get(&id).filter(|call| call.do_not_call);
        let Some(contact_id) = call
            .and_then(|call| call.contact_id)
            .map(ContactId::from_i64)
        else {
            return;
        };
        let status = self
            .contacts
            .get(&contact_id)
            .and_then(|row| row.status.parse::<ContactStatus>().ok());
        // Queued and calling contacts belong to the gate and to their call; the suppression stops what comes after.
        if status.is_some_and(|s| {
            !matches!(
                s,
                ContactStatus::Queued | ContactStatus::Calling | ContactStatus::DoNotCall
            )
        }) {
            self.finish(contact_id, ContactStatus::DoNotCall);
        }
    }

    /// The instant meant by a person who named a time by the clock on their wall.
    pub(super) fn wished_instant(&self, id: CallId, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        let call = self.calls.get(&id)?;
        let contact = self.contacts.get(&ContactId::from_i64(call.contact_id?))?;
        let rules = self
            .rules
            .get(&CampaignId::from_uuid(contact.campaign_id))?;
        let zone = rules.zone_of(&contact.timezone).ok()?;
        local
            .and_local_timezone(zone)
            .earliest()
            .map(|at| at.with_timezone(&Utc))
    }

    pub(super) fn suppress(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        self.suppressions.push(Suppression {
            owner: UserId::from_uuid(call.owner_id),
            number: PhoneNumber::from_stored(call.to_number.clone()),
            source: Source::Conversation,
            reason: Some(format!("asked not to be called in call {id}")),
            added_by: None,
        });
    }
}

/// What the person called asked for, as the row of the call tells.
pub(super) fn wish_of(call: &call::Model) -> Wish {
    Wish {
        do_not_call: call.do_not_call,
        callback: call.callback_requested.then_some(Callback {
            at: call.callback_at,
        }),
    }
}

/// How often the contact was called, as its row tells.
pub(super) fn tries_of(contact: &contact::Model) -> Tries {
    Tries {
        attempts: u16::try_from(contact.attempts).unwrap_or(u16::MAX),
        callbacks: u16::try_from(contact.callback_attempts).unwrap_or(u16::MAX),
        was_callback: false,
    }
}

/// What the contact's row says went wrong; `None` where the person was reached.
pub(crate) fn failure_of(call: &call::Model, outcome: Outcome) -> Option<String> {
    if outcome == Outcome::Answered {
        return None;
    }
    let told = call.agent_error.clone().or_else(|| call.error.clone());
    Some(told.unwrap_or_else(|| {
        match outcome {
            Outcome::Voicemail if call.answered_by.as_deref() == Some(AnsweredBy::Fax.as_str()) => {
                "a fax answered"
            }
            Outcome::Voicemail => "a machine answered",
            Outcome::Busy => "the line was busy",
            Outcome::NoAnswer => "nobody answered",
            Outcome::Rejected => "the carrier refuses the number",
            Outcome::Canceled => "called off before an answer",
            Outcome::Lost => "the carrier does not know the call",
            Outcome::Answered | Outcome::Failed => "the call could not be carried",
        }
        .to_owned()
    }))
}
