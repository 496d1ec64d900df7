//! Somebody listened, and says whether a machine picked up.

use chrono::{DateTime, Utc};
use domain::{CallId, ContactId, Outcome};
use entity::call::Model;

use super::{CallKey, Calls};
use crate::actor::Actor;
use crate::dialing::{CallReport, Correction, Learned};
use crate::error::EngineError;
use crate::field::{Field, Sieve};
use crate::store::{calls, contacts};

/// A call about which somebody knew better, and what came of that.
#[derive(Clone, Debug)]
pub struct Corrected {
    /// The call, corrected.
    pub row: Model,
    /// True where the contact waits for another attempt because of it.
    pub is_requeued: bool,
    /// Where the contact stands, where there is one.
    pub contact_status: Option<String>,
    /// When the contact is due again, if it is.
    pub next_attempt_at: Option<DateTime<Utc>>,
}

impl Calls {
    /// Takes note that the call was taken for a machine's by mistake, or that it was none after all. The figures follow; the
    /// contact is called once more, if the policy still allows that, or not any more. The same verdict again changes
    /// nothing.
    ///
    /// # Errors
    /// `NotFound` for another user's call too; `Invalid` without a verdict; `Conflict` where the call is not decided yet
    /// (`call_not_decided`), or was not taken for a machine's (`not_taken_for_machine`).
    pub async fn correct(
        &self,
        actor: &Actor,
        key: &CallKey,
        is_false_positive: Field<bool>,
    ) -> Result<Corrected, EngineError> {
        let is_false_positive = verdict(is_false_positive)?;
        let row = key.find(self.database.reader(), actor.scope()).await?;
        if row.decided_at.is_none() {
            let message = "the call is not over, or what came of it is not known yet";
            return Err(EngineError::conflict("call_not_decided", message));
        }
        let is_marked = row.false_positive_at.is_some();
        if !is_marked && row.outcome.as_deref() != Some(Outcome::Voicemail.as_str()) {
            let message = "the call was not taken for a machine's";
            return Err(EngineError::conflict("not_taken_for_machine", message));
        }
        let id = CallId::from_uuid(row.id);
        let correction = Correction {
            is_false_positive,
            by: actor.id,
        };
        let learned = Learned::Corrected(correction);
        self.dialing.learn(CallReport::of(id, learned)).await?;
        self.corrected(id).await
    }

    async fn corrected(&self, id: CallId) -> Result<Corrected, EngineError> {
        // What was just written: a reader may be behind.
        let db = self.database.writer();
        let row = calls::find(db, id).await?;
        let row = row.ok_or_else(|| EngineError::not_found("call"))?;
        let contact = row.contact_id.map(ContactId::from_i64);
        let contact = contacts::find_all(db, contact).await?.into_values().next();
        let is_last = |at: Option<DateTime<Utc>>| at == Some(row.begun_at);
        let is_requeued = row.false_positive_from.is_some()
            && contact
                .as_ref()
                .is_some_and(|contact| is_last(contact.last_attempt_at));
        Ok(Corrected {
            is_requeued,
            next_attempt_at: contact.as_ref().and_then(|contact| contact.next_attempt_at),
            contact_status: contact.map(|contact| contact.status),
            row,
        })
    }
}

fn verdict(said: Field<bool>) -> Result<bool, EngineError> {
    const KEY: &str = "isFalsePositive";
    let mut sieve = Sieve::default();
    if !said.is_mentioned() {
        sieve.refuse(KEY, "is required: true or false");
    }
    let said = sieve.required(KEY, said, Ok);
    let said = sieve.done(said).map_err(EngineError::Invalid)?;
    said.ok_or_else(|| EngineError::invalid(KEY, "is required: true or false"))
}
