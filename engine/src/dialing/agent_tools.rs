//! What an agent can have done during a call: the person is handed on, called back, never called again, looked up.
//!
//! An agent reads the answer aloud or acts on it, so every answer is a sentence, and "no" is an answer, not an error.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use domain::retry::{Moment, Next, Tries, WISH_DAYS_MAX, Wish};
use domain::{CallId, CampaignId, ContactId, Direction, Outcome, TransferStatus, UserId};
use entity::{call, contact};

use super::Dialing;
use super::decide::{tries_of, wish_of};
use super::report::{CallReport, Learned, PersonWish, Transfer};
use crate::campaigns::rules::Rules;
use crate::campaigns::transfer::{TransferTarget, named, targets};
use crate::error::EngineError;
use crate::store;

/// What an agent is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolAnswer {
    /// Whether it was done.
    pub is_done: bool,
    /// A sentence: what was done, or why not and what can be done instead.
    pub message: String,
}

/// When a person wants to be called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At this instant.
    At(DateTime<Utc>),
    /// At this time by the clock on the person's wall.
    Local(NaiveDateTime),
}

/// A call that an agent speaks in, and what belongs to it.
struct Speaking {
    id: CallId,
    call: call::Model,
    contact: Option<contact::Model>,
    rules: Option<Rules>,
}

impl Dialing {
    /// Hands the call on to the target that the campaign calls `name`, by giving it another document at the carrier.
    ///
    /// The target is noted before the carrier is asked, so that the document finds it; that the transfer began and how it
    /// went is noted when the carrier says so. Where it cannot be done the answer says why, and the talk goes on. Asking
    /// twice is harmless: the second time the agent has left the call.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn transfer(&self, id: CallId, name: &str) -> Result<ToolAnswer, EngineError> {
        let Some(speaking) = self.speaking(id).await? else {
            return Ok(no_such_call());
        };
        let targets = speaking.targets()?;
        let Some(target) = named(&targets, name) else {
            return Ok(no_such_target(name, &targets));
        };
        if !target.is_enabled {
            return Ok(target_is_off(target, &targets));
        }
        let Some(carrier_call_id) = &speaking.call.carrier_call_id else {
            return Ok(no_such_call());
        };
        let transfer = Transfer {
            target: Some(target.name.clone()),
            status: TransferStatus::Requested,
        };
        self.note(id, Learned::Transfer(transfer)).await?;
        let carrier = self.parts.carriers.of_call(&speaking.call);
        let carrier = carrier.map_err(EngineError::internal)?;
        let base = self.parts.config.webhook_base(carrier.kind(), id);
        let document = carriers::signalwire::Callback::Transfer.url(&base);
        Ok(match carrier.redirect(carrier_call_id, &document).await {
            Ok(true) => done(format!("The call is being handed on to {}.", target.name)),
            Ok(false) => no_such_call(),
            Err(error) => {
                tracing::warn!(call.id = %id, ?error, "call {id} could not be handed on");
                refused("The call could not be handed on just now. Go on talking.".to_owned())
            }
        })
    }

    /// Notes that the person wants to be called back, at `when` if they said; the answer says when that will be.
    ///
    /// The time is moved into the next open window. A wish is noted, and counted, also where the campaign grants no
    /// callback: the answer says so, and the person can be told. Asked twice, the later time counts.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn schedule_callback(
        &self,
        id: CallId,
        when: Option<When>,
    ) -> Result<ToolAnswer, EngineError> {
        // The tool may be used in the very moment of the hang-up: what comes next for the contact is not decided yet.
        let Some(speaking) = self.found(id, |call| call.decided_at.is_none()).await? else {
            return Ok(no_such_call());
        };
        let now = self.parts.clock.now();
        let at = match when.map(|when| speaking.instant(when)).transpose()? {
            Some(Some(at)) if at <= now => {
                let message = "That time has passed. Ask for a time in the future.";
                return Ok(refused(message.to_owned()));
            }
            Some(Some(at)) if at - now > TimeDelta::days(WISH_DAYS_MAX) => {
                let message = "That is more than a year ahead. Ask for an earlier time.";
                return Ok(refused(message.to_owned()));
            }
            Some(None) => {
                let message = "There is no such time on that day. Ask for another time.";
                return Ok(refused(message.to_owned()));
            }
            at => at.flatten(),
        };
        let wish = PersonWish {
            callback_requested: true,
            callback_at: at,
            do_not_call: false,
        };
        self.note(id, Learned::Wish(wish)).await?;
        speaking.promise(at, now)
    }

    /// Notes that the person never wants to be called again: once this has answered no campaign of this owner will.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn do_not_call(&self, id: CallId) -> Result<ToolAnswer, EngineError> {
        // Also long after the call: a wish not to be called is never too late.
        let is_ours = |call: &call::Model| call.direction == Direction::Outbound.as_str();
        let Some(speaking) = self.found(id, is_ours).await? else {
            return Ok(no_such_call());
        };
        let wish = PersonWish {
            do_not_call: true,
            ..PersonWish::default()
        };
        self.note(id, Learned::Wish(wish)).await?;
        let owner = UserId::from_uuid(speaking.call.owner_id);
        let txn = self.parts.database.begin().await?;
        store::people::outwait_decisions(txn, owner).await?;
        Ok(done("This number will not be called again.".to_owned()))
    }

    /// Who is on the line: the contact of the call, where it has one.
    ///
    /// # Errors
    /// `NotFound` where no such call is going on; `Unavailable` where the database does not answer.
    pub async fn contact_of(&self, id: CallId) -> Result<Option<contact::Model>, EngineError> {
        let speaking = self.speaking(id).await?;
        let speaking = speaking.ok_or_else(|| EngineError::not_found("call"))?;
        Ok(speaking.contact)
    }

    async fn note(&self, call: CallId, learned: Learned) -> Result<(), EngineError> {
        self.learn(CallReport::of(call, learned)).await
    }

    /// The call `id`, unless it is over. An agent that speaks after the hang-up speaks to nobody.
    async fn speaking(&self, id: CallId) -> Result<Option<Speaking>, EngineError> {
        self.found(id, |call| call.settled_at.is_none()).await
    }

    /// The call `id`, if it is one that is `wanted`.
    async fn found(
        &self,
        id: CallId,
        wanted: impl FnOnce(&call::Model) -> bool + Send,
    ) -> Result<Option<Speaking>, EngineError> {
        let db = self.parts.database.reader();
        let found = store::calls::find(db, id).await?;
        let Some(call) = found.filter(wanted) else {
            return Ok(None);
        };
        let contact = match call.contact_id.map(ContactId::from_i64) {
            Some(id) => store::contacts::find_all(db, [id]).await?.remove(&id),
            None => None,
        };
        let campaign = call.campaign_id.map(CampaignId::from_uuid);
        let campaign = match campaign {
            Some(id) => store::campaigns::find_all(db, [id]).await?.remove(&id),
            None => None,
        };
        let rules = campaign
            .map(|row| Rules::of(row, self.parts.config.minute))
            .transpose()?;
        Ok(Some(Speaking {
            id,
            call,
            contact,
            rules,
        }))
    }
}

impl Speaking {
    fn targets(&self) -> Result<Vec<TransferTarget>, EngineError> {
        self.rules
            .as_ref()
            .map_or(Ok(Vec::new()), |rules| targets(&rules.row))
    }

    /// The instant meant; `None`: the clocks skip that time.
    fn instant(&self, when: When) -> Result<Option<DateTime<Utc>>, EngineError> {
        let local = match when {
            When::At(at) => return Ok(Some(at)),
            When::Local(local) => local,
        };
        let (Some(rules), Some(contact)) = (&self.rules, &self.contact) else {
            return Ok(Some(local.and_utc()));
        };
        let zone = rules.zone_of(&contact.timezone)?;
        let at = local.and_local_timezone(zone).earliest();
        Ok(at.map(|at| at.with_timezone(&Utc)))
    }

    /// What can be said of a callback at `at`, if the call ended `now` with the person reached.
    fn promise(
        mut self,
        at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<ToolAnswer, EngineError> {
        let (Some(rules), Some(contact)) = (&self.rules, &self.contact) else {
            let message = "The wish is noted; nobody is called back by itself here.";
            return Ok(refused(message.to_owned()));
        };
        let zone = rules.zone_of(&contact.timezone)?;
        let moment = Moment {
            ended_at: now,
            calendar: &rules.calendar,
            zone,
        };
        let tries = Tries {
            was_callback: self.call.is_callback,
            ..tries_of(contact)
        };
        self.call.callback_requested = true;
        self.call.callback_at = at;
        let wish = Wish {
            do_not_call: false,
            ..wish_of(&self.call)
        };
        let id = self.id;
        Ok(
            match rules.policy.decide(Outcome::Answered, wish, tries, moment) {
                Next::Callback(at) => {
                    let local = at.with_timezone(&zone).format("%A, %-d %B %Y, %H:%M %Z");
                    done(format!(
                        "The person will be called back on {local}, or soon after."
                    ))
                }
                _ => {
                    tracing::info!(call.id = %id, "a callback was asked for in call {id}, and none is granted");
                    let message = "The wish is noted, but this campaign makes no further callback. Do not promise one.";
                    refused(message.to_owned())
                }
            },
        )
    }
}

const fn done(message: String) -> ToolAnswer {
    ToolAnswer {
        is_done: true,
        message,
    }
}

const fn refused(message: String) -> ToolAnswer {
    ToolAnswer {
        is_done: false,
        message,
    }
}

fn no_such_call() -> ToolAnswer {
    refused("There is no such call in progress.".to_owned())
}

fn no_such_target(name: &str, targets: &[TransferTarget]) -> ToolAnswer {
    refused(match enabled(targets) {
        Some(names) => {
            format!("There is no transfer target {name:?}. There are: {names}. Go on talking.")
        }
        None => "Calls of this campaign cannot be handed on. Go on talking.".to_owned(),
    })
}

fn target_is_off(target: &TransferTarget, targets: &[TransferTarget]) -> ToolAnswer {
    let name = &target.name;
    refused(match enabled(targets) {
        Some(names) => format!(
            "The transfer target {name:?} is turned off. There are: {names}. Go on talking."
        ),
        None => format!(
            "The transfer target {name:?} is turned off, and there is no other. Go on talking."
        ),
    })
}

/// The names of those to whom a call can be handed on; `None` where there is nobody.
fn enabled(targets: &[TransferTarget]) -> Option<String> {
    let enabled = targets.iter().filter(|target| target.is_enabled);
    let names: Vec<&str> = enabled.map(|target| target.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
