//! One call outside any campaign, placed by hand: at once, by the process that was asked.

use std::sync::Arc;
use std::time::Duration;

use carriers::{CarrierKind, PlaceError};
use chrono::{DateTime, TimeDelta, Utc};
use domain::breaker::{Admission, Answer};
use domain::progress::{End, News};
use domain::{CallId, CallRoute, CallStatus, PhoneNumber, UserId};
use entity::call;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::breaker::{Heard, before_begin};
use super::place::{PLACE_START_MAX, answer_of};
use super::report::{CallReport, CarrierSays};
use super::{Dialing, Lines};
use crate::error::EngineError;
use crate::fail_point;
use crate::live::Change;
use crate::store::{self, calls::BLANK};

/// Under which name the row of a call keeps what the agent is to be told.
pub(super) const PARAMETERS: &str = "customParameters";

/// The longest that whoever asks is kept waiting while the carrier is left alone.
const HELD_BACK_MAX: TimeDelta = TimeDelta::seconds(2);

/// A call that somebody wants placed.
#[derive(Clone, Debug)]
pub struct SingleCall {
    /// On whose behalf.
    pub owner: UserId,
    /// Whom to call.
    pub to: PhoneNumber,
    /// The number shown.
    pub from: PhoneNumber,
    /// Who speaks.
    pub agent_id: String,
    /// What the agent is told, as dynamic variables.
    pub parameters: Map<String, Value>,
    /// Whether it is recorded; `None`: as configured.
    pub record: Option<bool>,
}

impl Dialing {
    /// Places `wanted` through the same steps as a campaign's call: gate, row, carrier, books. The call is in the books
    /// before the carrier hears of it, so that dying in between leaves a call that is looked up, never a second one.
    ///
    /// Whoever stops waiting before the turn has come calls nobody. From then on the call is placed to its end, whether
    /// or not anybody still waits for the answer; see [`Dialing::finish`] for a process that is to stop.
    ///
    /// No calendar applies: whoever asks decides. The call holds no slot and is not retried. The answer is the call's row
    /// once the carrier has answered; a call in doubt (the carrier's answer was lost, or could not be written down) is
    /// `initiated` without a name of the carrier's, and the reconciler finds out.
    ///
    /// # Errors
    /// `Conflict` for a number that asked not to be called, for one that is in a call of the same owner, where the number
    /// to call from is of a carrier that is not configured, and where the carrier refuses the account or that number; `Invalid` where it refuses the number called; `TooMany` where
    /// the turn does not come in time; `Unavailable` where the database or the carrier does not answer, or the carrier is
    /// left alone just now: nobody was called.
    pub async fn call_once(
        self: &Arc<Self>,
        wanted: SingleCall,
    ) -> Result<call::Model, EngineError> {
        let carrier = self.carrier_of(&wanted.from).await?;
        let turn = self.pace.turn_alone(wanted.owner, carrier);
        if let Err(not_yet) = turn.await {
            return Err(EngineError::TooMany {
                retry_after: not_yet.wait,
                message: "too many single calls at once, try again in a moment".to_owned(),
            });
        }
        self.be_patient(carrier).await?;
        let dialing = Arc::clone(self);
        let (written, begun) = oneshot::channel();
        let placing = self.under_way.spawn(async move {
            let (row, is_probe) = dialing.begin_once(&wanted, carrier).await?;
            fail_point!("single.begun");
            // Whoever asked may have gone.
            let _ = written.send(row.clone());
            dialing.place_once(row, is_probe, wanted).await
        });
        let Ok(row) = begun.await else {
            return placing.await.map_err(EngineError::internal)?;
        };
        let answer_s = u64::from(self.parts.config.single_call_answer_s);
        match tokio::time::timeout(Duration::from_secs(answer_s), placing).await {
            Ok(placed) => placed.map_err(EngineError::internal)?,
            // The call is in the books: to answer that it failed would be to ask for a second one.
            Err(_) => Ok(row),
        }
    }

    /// Waits for the single calls that are being placed, whoever asked for them, and for webhooks that are on their way into the
    /// books. Where the wait is cut off the calls are in doubt, and looked up at the carrier; the webhooks are kept.
    pub async fn finish(&self) {
        self.under_way.close();
        self.under_way.wait().await;
    }

    /// Asks the carrier for the call that `row` is, and notes what it says: of the call, and of the carrier.
    async fn place_once(
        &self,
        row: call::Model,
        is_probe: bool,
        wanted: SingleCall,
    ) -> Result<call::Model, EngineError> {
        let id = CallId::from_uuid(row.id);
        let carrier = self.parts.carriers.of_call(&row);
        let carrier = carrier.map_err(EngineError::internal)?;
        let heard = |answer| Heard {
            carrier: carrier.kind(),
            call: id,
            is_probe,
            answer,
        };
        if self.parts.clock.now() > row.begun_at + PLACE_START_MAX {
            // Nothing was sent, so nothing is in doubt. Whoever was frozen this long must not call: the call may have been
            // given up meanwhile, and asked for again.
            self.hear_of_carrier(heard(Answer::NotAsked)).await;
            self.insist(undone(id, row.begun_at)).await?;
            let message = "the moment to call had passed, try again";
            return Err(EngineError::unavailable(anyhow::anyhow!(message)));
        }
        let line = (wanted.to, wanted.from);
        let request = self.request(id, carrier.kind(), line, wanted.record);
        let answer = carrier.place(&request).await;
        fail_point!("single.answered");
        match answer {
            Ok(placed) => {
                self.hear_of_carrier(heard(Answer::Well)).await;
                let carrier_call_id = placed.carrier_call_id;
                let news = vec![News::Accepted { carrier_call_id }];
                let says = CarrierSays {
                    carrier: Some(carrier.kind()),
                    news,
                    ..CarrierSays::default()
                };
                self.note_if_possible(CallReport::carrier(id, says)).await;
            }
            Err(error) => {
                let until = self.hear_of_carrier(heard(answer_of(&error))).await;
                self.refused_once(id, error, until).await?;
            }
        }
        match store::calls::find(self.parts.database.writer(), id).await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => Err(EngineError::internal(anyhow::anyhow!("call {id} is gone"))),
            // The carrier may have taken the call on: to say that it failed would be to ask for a second one.
            Err(error) => {
                tracing::warn!(call.id = %id, ?error, "cannot read call {id} again");
                Ok(row)
            }
        }
    }

    /// Waits a moment where that is all the carrier asks for.
    async fn be_patient(&self, carrier: CarrierKind) -> Result<(), EngineError> {
        let db = self.parts.database.reader();
        let breaker = store::breakers::find(db, carrier).await?;
        let now = self.parts.clock.now();
        if let Admission::Wait(until) = breaker.admits(now)
            && until - now <= HELD_BACK_MAX
        {
            tokio::time::sleep((until - now).to_std().unwrap_or_default()).await;
        }
        Ok(())
    }

    /// Takes the decision to dial and writes the call; whether it tries a carrier that is left alone.
    async fn begin_once(
        &self,
        wanted: &SingleCall,
        carrier: CarrierKind,
    ) -> Result<(call::Model, bool), EngineError> {
        let number = wanted.to.expose();
        let txn = self.parts.database.begin().await?;
        // The owner's campaigns begin no call until this one is written: then they see it.
        store::people::decide_alone(&txn, [wanted.owner]).await?;
        let called = [(wanted.owner, number)];
        let suppressed = store::suppressions::among(&txn, &called).await?;
        if !suppressed.is_empty() {
            let message = "this person asked not to be called";
            return Err(EngineError::conflict("number_suppressed", message));
        }
        if !store::in_call::among(&txn, &called).await?.is_empty() {
            return Err(in_call());
        }
        let now = self.parts.clock.now();
        let mut breaker = before_begin(&txn, carrier, now).await?;
        let admission = breaker.admits(now);
        if let Admission::Wait(until) = admission {
            return Err(held_back(until - now));
        }
        let row = self.row_of(wanted, carrier, now);
        let is_probe = admission == Admission::Probe;
        if is_probe {
            breaker.probe_with(CallId::from_uuid(row.id), now);
            store::breakers::save(&txn, carrier, &breaker).await?;
        }
        store::calls::insert_all(&txn, vec![row.clone()])
            .await
            .map_err(|error| match error.sql_err() {
                // Two requests at once: the index lets one through.
                Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => in_call(),
                _ => EngineError::from(error),
            })?;
        txn.commit().await?;
        let call = Change::Call(CallId::from_uuid(row.id), None);
        self.parts.live.tell([call]);
        Ok((row, is_probe))
    }

    /// The carrier that calls from `number` go through.
    async fn carrier_of(&self, number: &PhoneNumber) -> Result<CarrierKind, EngineError> {
        let (db, number) = (self.parts.database.reader(), number.expose());
        let lines = Lines::of(db, &self.parts.carriers, [number]).await?;
        let carrier = lines.carrier_of(number);
        if !lines.is_configured(carrier) {
            let message = format!("the number is from {carrier}, which is not configured");
            return Err(EngineError::conflict("carrier_not_configured", message));
        }
        Ok(carrier)
    }

    /// Single calls are the carrier's: they are hung up, handed on and told of while they ring.
    const fn route_of_single_calls(&self) -> CallRoute {
        match self.parts.config.route {
            CallRoute::Agent => CallRoute::Stream,
            route => route,
        }
    }

    fn row_of(&self, wanted: &SingleCall, carrier: CarrierKind, now: DateTime<Utc>) -> call::Model {
        let check_after = TimeDelta::seconds(i64::from(self.parts.config.check_after_s));
        let parameters = Some(&wanted.parameters).filter(|given| !given.is_empty());
        call::Model {
            id: self.parts.clock.new_id(),
            owner_id: wanted.owner.into_uuid(),
            attempt: 1,
            direction: "outbound".to_owned(),
            carrier: carrier.to_string(),
            route: Some(self.route_of_single_calls().to_string()),
            from_number: wanted.from.expose().to_owned(),
            to_number: wanted.to.expose().to_owned(),
            agent_id: Some(wanted.agent_id.clone()),
            status: CallStatus::Initiated.to_string(),
            begun_at: now,
            check_at: Some(now + check_after),
            worker: Some(self.process.clone()),
            metadata: parameters.map(|given| json!({ PARAMETERS: given })),
            created_at: now,
            updated_at: now,
            ..BLANK
        }
    }

    async fn refused_once(
        &self,
        id: CallId,
        error: PlaceError,
        until: DateTime<Utc>,
    ) -> Result<(), EngineError> {
        let now = self.parts.clock.now();
        match error {
            PlaceError::Retryable { source, .. } | PlaceError::Busy { source, .. } => {
                self.note_if_possible(undone(id, now)).await;
                Err(EngineError::Unavailable {
                    retry_after: (until - now).to_std().unwrap_or_default(),
                    source: source.context("the carrier did not take a single call on"),
                })
            }
            PlaceError::Rejected { reason, .. } => {
                let report = CallReport::refused(id, End::Rejected, reason.clone());
                self.note_if_possible(report).await;
                let message = format!("is refused by the carrier: {reason}");
                Err(EngineError::invalid("phoneNumber", message))
            }
            PlaceError::Fault { fault, reason } => {
                self.note_if_possible(undone(id, now)).await;
                let message = format!("the carrier refuses every call ({fault}): {reason}");
                Err(EngineError::conflict("carrier_refuses", message))
            }
            PlaceError::Ambiguous(source) => {
                tracing::warn!(call.id = %id, error = %format!("{source:#}"), "unknown whether call {id} was placed");
                Ok(())
            }
        }
    }
}

/// There is no contact who had to be told why.
fn undone(call: CallId, until: DateTime<Utc>) -> CallReport {
    CallReport::not_placed(call, until, "")
}

fn held_back(wait: TimeDelta) -> EngineError {
    EngineError::Unavailable {
        retry_after: wait.to_std().unwrap_or_default(),
        source: anyhow::anyhow!("the carrier is left alone just now"),
    }
}

fn in_call() -> EngineError {
    let message = "this person is in a call already";
    EngineError::conflict("call_in_progress", message)
}
