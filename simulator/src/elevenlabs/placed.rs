//! The life of one call that ElevenLabs makes itself.

use std::sync::Arc;

use chrono::Utc;
use tokio::time::sleep;

use super::conversation::{Failure, Spoken, Status};
use super::{platform, use_tool, webhook};
use crate::network::Network;
use crate::person::{Behaviour, Person};
use crate::recorder::{EndStatus, Milestone};

/// An outbound call that was accepted.
pub(crate) struct Placed {
    pub conversation_id: Arc<str>,
    /// Its place in the record.
    pub recorded: u32,
    pub person: Person,
    /// How long it may ring, in simulated milliseconds.
    pub ringing_ms: u64,
    /// How long the agent may talk, in simulated milliseconds.
    pub longest_ms: Option<u64>,
}

impl Placed {
    /// Lives until everything about the call was reported.
    pub async fn live(self, network: &Arc<Network>) {
        match self.ring(network).await {
            Ok(()) => self.talk(network).await,
            Err(failure) => self.fail(network, failure).await,
        }
    }

    /// Calls the person until somebody, or a machine, picks up.
    async fn ring(&self, network: &Network) -> Result<(), Failure> {
        let person = &self.person;
        self.reached(network, Milestone::Initiated);
        sleep(network.pace.real(person.dial_ms)).await;
        match person.behaviour {
            Behaviour::Busy => return Err(Failure::Busy),
            Behaviour::Failed => return Err(Failure::Network),
            Behaviour::InvalidNumber => return Err(Failure::NoSuchNumber),
            _ => {}
        }
        self.reached(network, Milestone::Ringing);
        if person.behaviour == Behaviour::NoAnswer || person.ring_ms >= self.ringing_ms {
            sleep(network.pace.real(self.ringing_ms)).await;
            return Err(Failure::NoAnswer);
        }
        sleep(network.pace.real(person.ring_ms)).await;
        Ok(())
    }

    /// Talks until the person hangs up. On a machine the agent hangs up itself, as soon as it has
    /// noticed: nobody else could.
    async fn talk(self, network: &Arc<Network>) {
        self.reached(network, Milestone::Answered);
        let (id, person) = (&self.conversation_id, &self.person);
        network.platform.change(id, |conversation| {
            conversation.status = Status::InProgress;
            conversation.started_at = Some(Utc::now());
        });
        let over = network.stop.child_token();
        use_tool(network, id, person, over.clone());
        let on_machine_ms = person.detection_ms.min(person.voicemail_max_ms);
        let wanted_ms = person.behaviour.talk_ms().unwrap_or(on_machine_ms);
        let talked_ms = wanted_ms.min(self.longest_ms.unwrap_or(u64::MAX));
        sleep(network.pace.real(talked_ms)).await;
        over.cancel();
        let spoken = Spoken::of(person, talked_ms, talked_ms < wanted_ms);
        self.ended(network, EndStatus::Completed);
        network.platform.over(id, spoken);
        platform::analyse(network, id, spoken).await;
    }

    async fn fail(self, network: &Arc<Network>, failure: Failure) {
        self.ended(network, failure.end_status());
        let id = &self.conversation_id;
        network.platform.change(id, |conversation| {
            conversation.status = Status::Failed;
            conversation.failure = Some(failure);
        });
        webhook::report_failure(network, id).await;
    }

    fn reached(&self, network: &Network, milestone: Milestone) {
        let now = Utc::now();
        network.recorder.reached(self.recorded, milestone, now);
    }

    // In the record before anybody can learn of it.
    fn ended(&self, network: &Network, status: EndStatus) {
        network.recorder.ended(self.recorded, status, Utc::now());
    }
}
