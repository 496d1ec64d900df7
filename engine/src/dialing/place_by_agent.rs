//! Calls that the agents' platform makes itself: no carrier of ours is asked, nothing is heard while it rings, and how it
//! went stands in the conversation.

use std::sync::Arc;
use std::time::Duration;

use carriers::{AgentCall, AgentError, AgentLine, CampaignFault, CarrierKind, OutboundError};
use chrono::{DateTime, TimeDelta, Utc};
use domain::CampaignId;
use domain::lifecycle::Status;
use domain::progress::End;
use entity::call;

use super::begin::BegunCall;
use super::caller_ids::Nameless;
use super::place::Placed;
use super::report::{CallReport, Learned};
use super::{Dialing, fault};
use crate::error::EngineError;
use crate::fail_point;
use crate::store;

/// How long a contact waits where the platform did not take its call on and asked for nothing: until a conversation may
/// have ended. So does one whose moment passed while the platform was asked for something else.
const PAUSE: TimeDelta = TimeDelta::seconds(15);
/// Calls in a row that the platform says it cannot place, before the campaign is paused: what it says of a trunk that
/// leads nowhere it says of one number as well.
const UNPLACED_MAX: u64 = 5;

/// Why the platform was not asked, or did not call.
enum Refusal {
    /// What it said.
    Said(OutboundError),
    /// Why it does not say how it knows the campaign's number.
    Nameless(Arc<Nameless>),
    /// Nothing of the campaign can be called: this has to be repaired.
    Fault(String),
    /// The campaign was paused or ended while what the request needs was put together.
    NotActive,
    /// The moment to dial passed meanwhile.
    TooLate,
}

/// How the platform reaches the telephone network with the numbers of `carrier`.
const fn line_of(carrier: CarrierKind) -> AgentLine {
    match carrier {
        CarrierKind::SignalWire => AgentLine::SipTrunk,
        CarrierKind::Exotel => AgentLine::Exotel,
    }
}

impl Dialing {
    /// Asks the platform to make the call `begun`, which is in the books.
    pub(super) async fn ask_agents(&self, begun: &BegunCall) -> Result<Placed, EngineError> {
        let found = store::calls::find(self.parts.database.writer(), begun.id).await?;
        let Some(call) = found else {
            return Ok(Placed::Stale);
        };
        match self.place_by_agent(begun, &call).await? {
            Ok(learned) => {
                self.insist(CallReport::of(begun.id, learned)).await?;
                Ok(Placed::Dialled(begun.id))
            }
            Err(refusal) => self.refused_by_agents(begun, refusal).await,
        }
    }

    async fn place_by_agent(
        &self,
        begun: &BegunCall,
        call: &call::Model,
    ) -> Result<Result<Learned, Refusal>, EngineError> {
        let Some(agent_id) = call.agent_id.clone() else {
            let reason = "the campaign names no agent".to_owned();
            return Ok(Err(Refusal::Fault(reason)));
        };
        let line = line_of(begun.carrier);
        let number_id = match self.caller_ids.find(line, &begun.from).await {
            Ok(number_id) => number_id,
            Err(nameless) => return Ok(Err(Refusal::Nameless(nameless))),
        };
        let briefing = self.briefing(call).await?;
        let mut overrides = briefing.config.overrides;
        // Nobody hangs up on this route: the agent has to.
        let talk_s_max = self.parts.config.talk_s_max;
        overrides.max_duration_s = overrides.max_duration_s.map(|asked| asked.min(talk_s_max));
        let request = AgentCall {
            line,
            agent_id,
            number_id,
            to: begun.to.clone(),
            call_id: begun.id,
            ring_timeout_s: self.parts.config.ring_timeout_s,
            dynamic_variables: briefing.variables,
            overrides: overrides.to_value(),
        };
        // The platform may have taken its time to say how it knows our number.
        if !self.is_active(begun.campaign).await? {
            return Ok(Err(Refusal::NotActive));
        }
        if self.has_passed(begun) {
            return Ok(Err(Refusal::TooLate));
        }
        let asked = self.parts.calling_agents.place_call(&request).await;
        fail_point!("place.agents_answered");
        Ok(match asked {
            Ok(placed) => Ok(Learned::TakenByAgent(placed.conversation_id)),
            Err(error) => Err(Refusal::Said(error)),
        })
    }

    async fn is_active(&self, campaign: CampaignId) -> Result<bool, EngineError> {
        let row = store::campaigns::find(self.parts.database.writer(), campaign).await?;
        Ok(
            row.is_some_and(|row| {
                row.status == Status::Active.as_str() && row.deleted_at.is_none()
            }),
        )
    }

    async fn refused_by_agents(
        &self,
        begun: &BegunCall,
        refusal: Refusal,
    ) -> Result<Placed, EngineError> {
        let now = self.parts.clock.now();
        match refusal {
            Refusal::Fault(reason) => self.pause_for(begun, &reason, now).await,
            Refusal::NotActive => {
                let reason = "the campaign was not active any more";
                self.undo_call(begun, now, reason).await
            }
            Refusal::TooLate => {
                let reason = "the moment to dial had passed";
                self.undo_call(begun, now + PAUSE, reason).await
            }
            Refusal::Nameless(nameless) => match &*nameless {
                Nameless::Unknown => {
                    let fault = CampaignFault::CallerNumber;
                    let reason = format!(
                        "the agents' platform cannot call with the campaign's number ({fault})"
                    );
                    self.pause_for(begun, &reason, now).await
                }
                // It was asked for its numbers: whatever it refuses is not one contact's.
                Nameless::Unsaid(error @ AgentError::Rejected { .. }) => {
                    self.pause_for(begun, &error.to_string(), now).await
                }
                Nameless::Unsaid(error) => self.not_called(begun, error, now).await,
            },
            Refusal::Said(OutboundError::Ambiguous(source)) => {
                tracing::warn!(call.id = %begun.id, error = %format!("{source:#}"), "unknown whether call {} was placed", begun.id);
                Ok(Placed::InDoubt(begun.id))
            }
            Refusal::Said(OutboundError::Failed { reason }) => {
                let placed = self.end_call(begun, End::Failed, &reason).await?;
                self.pause_if_none_is_placed(begun.campaign, &reason)
                    .await?;
                Ok(placed)
            }
            Refusal::Said(OutboundError::NotPlaced(error)) => {
                self.not_called(begun, &error, now).await
            }
        }
    }

    /// The platform called nobody, and `error` says why.
    async fn not_called(
        &self,
        begun: &BegunCall,
        error: &AgentError,
        now: DateTime<Utc>,
    ) -> Result<Placed, EngineError> {
        match error {
            AgentError::Rejected { reason } => self.end_call(begun, End::Rejected, reason).await,
            AgentError::Fault { .. } => {
                let line = line_of(begun.carrier);
                self.caller_ids.forget(line, &begun.from).await;
                self.pause_for(begun, &error.to_string(), now).await
            }
            AgentError::Retryable { not_before, .. } => {
                self.wait_for_agents(begun, *not_before, now).await
            }
            AgentError::NoCapacity { .. } | AgentError::NotFound | AgentError::Unreadable(_) => {
                self.wait_for_agents(begun, None, now).await
            }
        }
    }

    async fn end_call(
        &self,
        begun: &BegunCall,
        end: End,
        reason: &str,
    ) -> Result<Placed, EngineError> {
        let report = CallReport::refused(begun.id, end, reason.to_owned());
        self.insist(report).await?;
        Ok(Placed::Rejected(begun.id))
    }

    async fn undo_call(
        &self,
        begun: &BegunCall,
        until: DateTime<Utc>,
        reason: &str,
    ) -> Result<Placed, EngineError> {
        let report = CallReport::not_placed(begun.id, until, reason);
        self.insist(report).await?;
        Ok(Placed::Undone)
    }

    /// Each call that could not be placed is an attempt. Where none can be, the contacts' attempts are not to be used up:
    /// no breaker looks after this route. Calls from before the campaign was resumed do not count.
    async fn pause_if_none_is_placed(
        &self,
        id: CampaignId,
        reason: &str,
    ) -> Result<(), EngineError> {
        let db = self.parts.database.writer();
        let Some(row) = store::campaigns::find(db, id).await? else {
            return Ok(());
        };
        let since = row.resumed_at.unwrap_or(row.created_at);
        if store::unplaced_calls::are_the_last(db, id, since, UNPLACED_MAX).await? {
            let why = format!(
                "the agents' platform could not place any of the last {UNPLACED_MAX} calls: {reason}"
            );
            fault::pause(&self.parts, id, &why).await?;
        }
        Ok(())
    }

    async fn pause_for(
        &self,
        begun: &BegunCall,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Placed, EngineError> {
        // Pause first: the contact that goes back must not be chosen again at once.
        fault::pause(&self.parts, begun.campaign, reason).await?;
        self.undo_call(begun, now, reason).await
    }

    async fn wait_for_agents(
        &self,
        begun: &BegunCall,
        asked: Option<Duration>,
        now: DateTime<Utc>,
    ) -> Result<Placed, EngineError> {
        let asked = asked.and_then(|asked| TimeDelta::from_std(asked).ok());
        let until = now + asked.unwrap_or(PAUSE);
        let reason = "the agents' platform did not take the call on";
        tracing::warn!(call.id = %begun.id, "{reason}: {}", begun.id);
        self.undo_call(begun, until, reason).await
    }
}
