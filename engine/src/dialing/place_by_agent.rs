//! Calls that the agents' platform makes itself: no carrier of ours is asked, nothing is heard while it rings, and how it
//! went stands in the conversation.

use std::time::Duration;

use carriers::{AgentCall, AgentError, AgentLine, CampaignFault, CarrierKind, OutboundError};
use chrono::{DateTime, TimeDelta, Utc};
use domain::progress::End;
use entity::call;

use super::begin::BegunCall;
use super::place::Placed;
use super::report::{CallReport, Learned};
use super::{Dialing, fault};
use crate::error::EngineError;
use crate::store;

/// How long a contact waits where the platform did not take its call on and asked for nothing: until a conversation may
/// have ended.
const PAUSE: TimeDelta = TimeDelta::seconds(15);

/// Why the platform was not asked, or did not call.
enum Refusal {
    /// What it said.
    Said(OutboundError),
    /// Nothing of the campaign can be called: this has to be repaired.
    Fault(String),
    /// The moment to dial passed while what the request needs was put together.
    TooLate,
}

impl From<AgentError> for Refusal {
    fn from(error: AgentError) -> Self {
        Self::Said(OutboundError::NotPlaced(error))
    }
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
        let callers = &self.parts.calling_agents;
        let line = line_of(begun.carrier);
        let number_id = match callers.number_id(line, &begun.from).await {
            Ok(Some(id)) => id,
            Ok(None) => {
                let fault = CampaignFault::CallerNumber;
                let reason = format!(
                    "the agents' platform cannot call with the campaign's number ({fault})"
                );
                return Ok(Err(Refusal::Fault(reason)));
            }
            Err(error) => return Ok(Err(error.into())),
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
        if self.has_passed(begun) {
            return Ok(Err(Refusal::TooLate));
        }
        Ok(match callers.place_call(&request).await {
            Ok(placed) => Ok(Learned::TakenByAgent(placed.conversation_id)),
            Err(error) => Err(Refusal::Said(error)),
        })
    }

    async fn refused_by_agents(
        &self,
        begun: &BegunCall,
        refusal: Refusal,
    ) -> Result<Placed, EngineError> {
        let now = self.parts.clock.now();
        let (end, reason) = match refusal {
            Refusal::Fault(reason) => return self.pause_for(begun, &reason, now).await,
            Refusal::TooLate => return self.let_pass(begun).await,
            Refusal::Said(OutboundError::Ambiguous(source)) => {
                tracing::warn!(call.id = %begun.id, error = %format!("{source:#}"), "unknown whether call {} was placed", begun.id);
                return Ok(Placed::InDoubt(begun.id));
            }
            Refusal::Said(OutboundError::Failed { reason }) => (End::Failed, reason),
            Refusal::Said(OutboundError::NotPlaced(error)) => match error {
                AgentError::Rejected { reason } => (End::Rejected, reason),
                AgentError::Fault { .. } => {
                    let reason = error.to_string();
                    return self.pause_for(begun, &reason, now).await;
                }
                AgentError::Retryable { not_before, .. } => {
                    return self.wait_for_agents(begun, not_before, now).await;
                }
                AgentError::NoCapacity { .. }
                | AgentError::NotFound
                | AgentError::Unreadable(_) => {
                    return self.wait_for_agents(begun, None, now).await;
                }
            },
        };
        let report = CallReport::refused(begun.id, end, reason);
        self.insist(report).await?;
        Ok(Placed::Rejected(begun.id))
    }

    async fn pause_for(
        &self,
        begun: &BegunCall,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Placed, EngineError> {
        // Pause first: the contact that goes back must not be chosen again at once.
        fault::pause(&self.parts, begun.campaign, reason).await?;
        let report = CallReport::not_placed(begun.id, now, reason);
        self.insist(report).await?;
        Ok(Placed::Undone)
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
        let report = CallReport::not_placed(begun.id, until, reason);
        self.insist(report).await?;
        Ok(Placed::Undone)
    }
}
