//! What a worker does with a job: wait for its turn, take the decision, ask the carrier.

use std::time::Duration;

use carriers::{CarrierKind, PlaceCall, PlaceError};
use chrono::{DateTime, TimeDelta, Utc};
use domain::breaker::Answer;
use domain::gate::Why;
use domain::progress::{End, News};
use domain::{CallId, CallRoute, PhoneNumber};
use entity::contact;

use super::begin::{Begun, BegunCall};
use super::breaker::Heard;
use super::give_back::give_back;
use super::pace::NotYet;
use super::report::{CallReport, CarrierSays};
use super::{Dialing, fault};
use crate::error::EngineError;
use crate::fail_point;
use crate::queue::CallJob;
use crate::store::counters::Ledger;
use crate::store::{self};

/// A request goes out within this long after the slot was taken, or not at all: a process that was frozen in between
/// must not dial a contact that the reconciler gave up meanwhile.
pub(super) const PLACE_START_MAX: TimeDelta = TimeDelta::seconds(5);
/// How often what the carrier said is offered to a database that does not answer.
const LEARN_TRIES_MAX: u32 = 6;
/// The first pause between those; doubled each time, about three seconds in all.
const LEARN_PAUSE: Duration = Duration::from_millis(100);

/// What became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// The carrier took the call on.
    Dialled(CallId),
    /// It is unknown whether the carrier did; the reconciler asks it.
    InDoubt(CallId),
    /// Somebody else had it, or it is no longer due.
    Stale,
    /// The contact went back, uncharged.
    Returned(Why),
    /// The contact is finished without a call.
    Dropped(Why),
    /// The carrier refuses the number for good.
    Rejected(CallId),
    /// The carrier took nothing on; the attempt is undone.
    Undone,
}

impl Placed {
    /// The word for metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dialled(_) => "dialled",
            Self::InDoubt(_) => "in_doubt",
            Self::Stale => "stale",
            Self::Returned(why) | Self::Dropped(why) => why.as_str(),
            Self::Rejected(_) => "rejected",
            Self::Undone => "undone",
        }
    }
}

impl Dialing {
    /// Places the call that `job` permits.
    ///
    /// Safe to run twice: the second finds the contact no longer queued. Dying before the decision leaves the contact
    /// queued, and its job is pushed again; dying after it leaves a call without a carrier's name, which the reconciler
    /// looks up at the carrier and never redials on doubt.
    ///
    /// # Errors
    /// What `begin` says where the database does not answer: nothing was dialled.
    pub async fn place(&self, job: &CallJob) -> Result<Placed, EngineError> {
        let carrier = job.carrier.parse();
        let carrier = carrier.unwrap_or_else(|_| self.parts.carriers.default_kind());
        fail_point!("place.job_taken");
        if let Err(not_yet) = self.pace.turn(job, carrier).await {
            return Box::pin(self.send_back(job, not_yet)).await;
        }
        fail_point!("place.turn_come");
        let mut was_probe = false;
        let placed = match self.begins.submit(job.clone()).await? {
            Begun::Dial(call) => {
                was_probe = call.is_probe;
                self.ask_carrier(&call).await
            }
            Begun::Stale => Ok(Placed::Stale),
            Begun::Returned(why) => Ok(Placed::Returned(why)),
            Begun::Dropped(why) => Ok(Placed::Dropped(why)),
        };
        // A call that was placed takes the room that its job had; a probe may have opened the way for others.
        if was_probe || !matches!(placed, Ok(Placed::Dialled(_) | Placed::InDoubt(_))) {
            self.wake(job.campaign_id);
        }
        placed
    }

    async fn ask_carrier(&self, call: &BegunCall) -> Result<Placed, EngineError> {
        let started = std::time::Instant::now();
        if self.has_passed(call) {
            self.heard(call, Answer::NotAsked).await;
            return Box::pin(self.let_pass(call)).await;
        }
        if call.route == CallRoute::Agent {
            self.heard(call, Answer::NotAsked).await;
            // Large, and taken by few: hundreds of jobs at once shall not each have room for it.
            return Box::pin(self.ask_agents(call)).await;
        }
        let carrier = self.parts.carriers.get(call.carrier);
        let carrier = carrier.map_err(EngineError::internal)?;
        let line = (call.to.clone(), call.from.clone());
        let request = self.request(call.id, call.carrier, line, call.record);
        fail_point!("place.asking");
        let answer = carrier.place(&request).await;
        fail_point!("place.answered", !call.is_probe);
        fail_point!("place.probe_answered", call.is_probe);
        metrics::histogram!("dialer_place_seconds").record(started.elapsed());
        match answer {
            Ok(placed) => {
                self.heard(call, Answer::Well).await;
                let carrier_call_id = placed.carrier_call_id;
                let says = CarrierSays {
                    carrier: Some(call.carrier),
                    news: vec![News::Accepted { carrier_call_id }],
                    ..CarrierSays::default()
                };
                // What became of a probe is waited for by everybody else.
                let patience = if call.is_probe {
                    Duration::ZERO
                } else {
                    Duration::from_millis(self.parts.config.placed_patience_ms)
                };
                self.insist_within(CallReport::carrier(call.id, says), patience)
                    .await?;
                fail_point!("place.written");
                Ok(Placed::Dialled(call.id))
            }
            Err(error) => Box::pin(self.refused(call, error)).await,
        }
    }

    /// True where the moment to dial has passed: the window closed, or whoever is about to dial was frozen for too long.
    pub(super) fn has_passed(&self, call: &BegunCall) -> bool {
        let now = self.parts.clock.now();
        now > call.begun_at + PLACE_START_MAX
            || call.closes_at.is_some_and(|closes_at| now >= closes_at)
    }

    /// Nothing was sent, so nothing is in doubt. If the reconciler gave the call up meanwhile this changes nothing.
    pub(super) async fn let_pass(&self, call: &BegunCall) -> Result<Placed, EngineError> {
        let now = self.parts.clock.now();
        let report = CallReport::not_placed(call.id, now, "the moment to dial had passed");
        self.insist(report).await?;
        Ok(Placed::Undone)
    }

    /// What `carrier` is asked for the call `id` from the second number to the first; `record`: `None` as configured.
    pub(super) fn request(
        &self,
        id: CallId,
        carrier: CarrierKind,
        (to, from): (PhoneNumber, PhoneNumber),
        record: Option<bool>,
    ) -> PlaceCall {
        let config = &self.parts.config;
        PlaceCall {
            call_id: id,
            to,
            from,
            webhook_base: config.webhook_base(carrier, id),
            ring_timeout_s: config.ring_timeout_s,
            detect_machine: config.detect_machine,
            record: record.unwrap_or(config.record_calls),
        }
    }

    async fn refused(&self, call: &BegunCall, error: PlaceError) -> Result<Placed, EngineError> {
        let until = self.heard(call, answer_of(&error)).await;
        match error {
            PlaceError::Retryable { source, .. } | PlaceError::Busy { source, .. } => {
                tracing::warn!(call.id = %call.id, error = %format!("{source:#}"), "the carrier did not take call {} on", call.id);
                let reason = "the carrier did not take the call on";
                let report = CallReport::not_placed(call.id, until, reason);
                self.insist(report).await?;
                Ok(Placed::Undone)
            }
            PlaceError::Rejected { reason, .. } => {
                let report = CallReport::refused(call.id, End::Rejected, reason);
                self.insist(report).await?;
                Ok(Placed::Rejected(call.id))
            }
            PlaceError::Fault { fault, reason } => {
                // Pause first: the contact that goes back must not be chosen again at once.
                let why = format!("the carrier refuses every call ({fault}): {reason}");
                fault::pause(&self.parts, call.campaign, &why).await?;
                let report = CallReport::not_placed(call.id, until, &why);
                self.insist(report).await?;
                Ok(Placed::Undone)
            }
            PlaceError::Ambiguous(source) => {
                tracing::warn!(call.id = %call.id, error = %format!("{source:#}"), "unknown whether call {} was placed", call.id);
                Ok(Placed::InDoubt(call.id))
            }
        }
    }

    /// Takes in what the carrier's answer says of the carrier; until when the contact waits, if it was not called.
    async fn heard(&self, call: &BegunCall, answer: Answer) -> DateTime<Utc> {
        let heard = Heard {
            carrier: call.carrier,
            call: call.id,
            is_probe: call.is_probe,
            answer,
        };
        let until = self.hear_of_carrier(heard).await;
        match answer {
            // Who tried the carrier in vain is not the next to try, even if first in line: it may have been the number.
            Answer::Fault(_) if call.is_probe => until + self.parts.config.breaker.open_for,
            _ => until,
        }
    }

    /// Tells the books what the carrier said, also through a short absence of the database. If that does not help the
    /// reconciler will ask the carrier the same question.
    pub(super) async fn insist(&self, report: CallReport) -> Result<(), EngineError> {
        self.insist_within(report, Duration::ZERO).await
    }

    /// [`Self::insist`] on a `report` that may be kept for others until `patience` is over.
    async fn insist_within(
        &self,
        report: CallReport,
        patience: Duration,
    ) -> Result<(), EngineError> {
        let mut pause = LEARN_PAUSE;
        for _ in 1..LEARN_TRIES_MAX {
            match self
                .reports
                .submit_within(report.clone().into(), patience)
                .await
            {
                Err(error) if error.is_transient() => tokio::time::sleep(pause).await,
                done => return done,
            }
            pause *= 2;
        }
        self.learn(report).await
    }

    /// Tells the books what the carrier said. It stands whether or not it can be written down: where it cannot, the call
    /// stays in doubt, and the reconciler asks the carrier again.
    pub(super) async fn note_if_possible(&self, report: CallReport) {
        let id = report.call;
        if let Err(error) = self.insist(report).await {
            tracing::warn!(call.id = %id, ?error, "could not note what the carrier said of call {id}; it will say it again");
        }
    }

    /// The turn did not come: the contact goes back without a charge, due when the turn may come.
    async fn send_back(&self, job: &CallJob, not_yet: NotYet) -> Result<Placed, EngineError> {
        let txn = self.parts.database.begin().await?;
        let mut ledger = Ledger::lock(&txn, [job.campaign_id]).await?;
        let now = self.parts.clock.now();
        let until = now + TimeDelta::from_std(not_yet.wait).unwrap_or_default();
        let mut found = store::contacts::lock_all(&txn, [job.contact_id]).await?;
        let contact = found.get_mut(&job.contact_id);
        let is_awaited =
            |row: &&mut contact::Model| row.status == "queued" && row.ticket == job.ticket;
        let Some(contact) = contact.filter(is_awaited) else {
            return Ok(Placed::Stale);
        };
        give_back(contact, &mut ledger, until, now);
        store::contacts::save_all(&txn, [&*contact]).await?;
        ledger.save(&txn).await?;
        txn.commit().await?;
        self.announce(job.campaign_id);
        self.wake(job.campaign_id);
        Ok(Placed::Returned(Why::Paced))
    }
}

/// What a refusal says of the carrier.
pub(super) fn answer_of(error: &PlaceError) -> Answer {
    let asked = |wait: Option<Duration>| wait.and_then(|wait| TimeDelta::from_std(wait).ok());
    match error {
        PlaceError::Busy { not_before, .. } => Answer::Busy(asked(*not_before)),
        PlaceError::Retryable { not_before, .. } => Answer::Fault(asked(*not_before)),
        PlaceError::Ambiguous(_) => Answer::Fault(None),
        // The carrier is well: it is the call, or the account, that it refuses.
        PlaceError::Rejected { .. } | PlaceError::Fault { .. } => Answer::Well,
    }
}
