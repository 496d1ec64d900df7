//! The agents' platform, as the dialer asks it.

use async_trait::async_trait;
use carriers::{
    AgentCall, AgentError, AgentLine, CallingAgents, ConversationQuery, ConversationReport,
    OutboundError, PlacedByAgent, PlatformAgent, PlatformNumber, RegisterCall, VoiceAgents,
};
use domain::PhoneNumber;
use tokio::sync::oneshot;

use super::door::Door;
use super::post::conversation;
use super::{Network, Shared};
use crate::clock::millis;
use crate::gate::Gate;

/// The agents' platform.
pub struct VirtualAgents {
    door: Door,
}

impl VirtualAgents {
    /// The agents' platform of `network`; whoever asks passes `gate` before the question is heard.
    #[must_use]
    pub fn new(network: &Shared, gate: &Gate) -> Self {
        Self {
            door: Door::new(network, gate),
        }
    }
}

type Asked<T> = oneshot::Receiver<Result<T, AgentError>>;

#[async_trait]
impl VoiceAgents for VirtualAgents {
    async fn register_call(&self, _: &RegisterCall) -> Result<String, AgentError> {
        let document = || "<Response><Connect/></Response>".to_owned();
        let asked = self.door.outside().ask(move |_| Ok(document()));
        asked.await.unwrap_or_else(|_| Err(no_answer()))
    }

    async fn conversation(&self, name: &str) -> Result<ConversationReport, AgentError> {
        let name = name.to_owned();
        let asked = self
            .door
            .outside()
            .ask(move |network| network.conversation(&name));
        asked.await.unwrap_or_else(|_| Err(no_answer()))
    }

    async fn find_conversation(
        &self,
        query: &ConversationQuery,
    ) -> Result<Option<String>, AgentError> {
        let call = query.call_id;
        let asked = self.door.outside().ask(move |network| {
            let talk = network.call(call).and_then(|call| call.talk.as_ref());
            Ok(talk
                .map(|talk| talk.name.clone())
                .filter(|name| !name.is_empty()))
        });
        asked.await.unwrap_or_else(|_| Err(no_answer()))
    }

    async fn list_agents(&self) -> Result<Vec<PlatformAgent>, AgentError> {
        Ok(vec![PlatformAgent {
            agent_id: "agent".to_owned(),
            name: "Agent".to_owned(),
        }])
    }

    async fn list_numbers(&self) -> Result<Vec<PlatformNumber>, AgentError> {
        Ok(Vec::new())
    }
}

/// No campaign is played over the route on which the platform calls by itself.
#[async_trait]
impl CallingAgents for VirtualAgents {
    async fn place_call(&self, _: &AgentCall) -> Result<PlacedByAgent, OutboundError> {
        let source = anyhow::anyhow!("the platform calls nobody here");
        Err(OutboundError::Ambiguous(source))
    }

    async fn number_id(&self, _: AgentLine, _: &PhoneNumber) -> Result<Option<String>, AgentError> {
        Ok(None)
    }
}

impl Network {
    /// Answers a question in a moment, if it is answered at all.
    fn ask<T: Send + 'static>(
        &mut self,
        question: impl FnOnce(&mut Self) -> Result<T, AgentError> + Send + 'static,
    ) -> Asked<T> {
        let (answer, answered) = oneshot::channel();
        let wait = millis(self.chance.between(10, 900));
        let is_lost = self.chance.happens(self.faults.look_ups_unanswered);
        self.after(wait, move |network| {
            let told = if is_lost {
                Err(no_answer())
            } else {
                question(network)
            };
            drop(answer.send(told));
        });
        answered
    }

    fn conversation(&self, name: &str) -> Result<ConversationReport, AgentError> {
        let talks = self
            .calls
            .iter()
            .filter_map(|call| Some((call, call.talk.as_ref()?)));
        let mut named = talks.filter(|(_, talk)| talk.name == name);
        let (call, talk) = named.next().ok_or(AgentError::NotFound)?;
        Ok(conversation(call, talk, self.now()))
    }
}

fn no_answer() -> AgentError {
    AgentError::Retryable {
        not_before: None,
        source: anyhow::anyhow!("no answer"),
    }
}
