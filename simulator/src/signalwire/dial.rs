//! `<Dial>`: a second leg, to a person or over SIP.

use std::sync::Arc;

use tokio::time::sleep;
use uuid::Uuid;

use super::call::{Call, Ending, NewCall, Phase};
use super::document::{Dial, DialTarget};
use super::talk::{Ask, Step, Talk, absolute};
use crate::courier::Target;
use crate::network::Network;
use crate::person::Behaviour;
use crate::recorder::{CallbackKind, EndStatus, RecordedLeg};

/// The dialled leg. However its call is left, the leg ends.
struct Leg {
    network: Arc<Network>,
    call: Arc<Call>,
}

impl Leg {
    fn end(&self, status: EndStatus, talked_ms: u64) {
        self.over(status, Ending::Natural { talked_ms });
    }

    fn over(&self, status: EndStatus, ending: Ending) {
        let is_first = self.call.end(&self.network, status, ending);
        if let Some(parent_sid) = self.call.parent_sid.filter(|_| is_first) {
            self.network.recorder.leg(RecordedLeg {
                parent_sid,
                to: Arc::clone(&self.call.to),
                from: Arc::clone(&self.call.from),
                end_status: status,
            });
        }
    }
}

impl Drop for Leg {
    fn drop(&mut self) {
        let status = match self.call.facts().phase {
            Phase::InProgress => EndStatus::Completed,
            _ => EndStatus::Canceled,
        };
        self.over(status, Ending::CutShort);
    }
}

impl Talk<'_> {
    /// Dials, waits for the end of the leg, and leads to the `action`, if there is one.
    pub async fn dial(self, dial: &Dial, source: &Target) -> Step {
        let (DialTarget::Number(to) | DialTarget::Sip(to)) = &dial.target;
        let leg = self.leg(to, dial.caller_id.as_deref());
        let has_hung_up = match &dial.target {
            DialTarget::Number(_) => {
                self.dial_number(&leg, dial).await;
                false
            }
            DialTarget::Sip(uri) => self.dial_sip(&leg, dial, uri).await,
        };
        let action = dial
            .action
            .as_deref()
            .and_then(|url| absolute(source, url, dial.is_get));
        let ask = action.map(|target| self.result_of(&leg.call, target));
        match (ask, has_hung_up) {
            (None, false) => Step::Next,
            (Some(ask), false) => Step::Goto(ask),
            (None, true) => Step::Over,
            (Some(ask), true) => {
                self.tell(ask);
                Step::Over
            }
        }
    }

    fn leg(self, to: &str, caller_id: Option<&str>) -> Leg {
        let call = self.network.carrier.open(NewCall {
            sid: Uuid::new_v4(),
            to: to.into(),
            from: caller_id.map_or_else(|| Arc::clone(&self.call.from), Into::into),
            parent_sid: Some(self.call.sid),
            recorded: None,
            live: None,
        });
        Leg {
            network: Arc::clone(self.network),
            call,
        }
    }

    fn result_of(self, leg: &Call, target: Target) -> Ask {
        let facts = leg.facts();
        let more = vec![
            ("DialCallDuration", facts.duration_s.to_string()),
            ("DialCallSid", leg.sid.to_string()),
            ("DialCallStatus", facts.phase.as_str().to_owned()),
        ];
        Ask {
            target,
            kind: CallbackKind::DialAction,
            more,
        }
    }

    /// Reports the result of a dial after the caller has hung up; the answer is of no use.
    fn tell(self, ask: Ask) {
        let (network, call) = (Arc::clone(self.network), Arc::clone(self.call));
        let live = Arc::clone(self.live);
        self.network.spawn(async move {
            let talk = Talk {
                network: &network,
                call: &call,
                live: &live,
            };
            // Recorded either way; a dead call has no use for a document.
            let _ = talk.fetch(&ask).await;
        });
    }

    /// The first person waits on the line while the second one is called.
    async fn dial_number(self, leg: &Leg, dial: &Dial) {
        let pace = self.network.pace;
        let person = self.network.people.next_call(&leg.call.to);
        leg.call.advance(self.network, Phase::Initiated);
        sleep(pace.real(person.dial_ms)).await;
        match person.behaviour {
            Behaviour::Busy => return leg.end(EndStatus::Busy, 0),
            Behaviour::Failed | Behaviour::InvalidNumber => return leg.end(EndStatus::Failed, 0),
            _ => {}
        }
        leg.call.advance(self.network, Phase::Ringing);
        let timeout_ms = dial.timeout_s.saturating_mul(1_000);
        if person.behaviour == Behaviour::NoAnswer || person.ring_ms >= timeout_ms {
            sleep(pace.real(timeout_ms)).await;
            return leg.end(EndStatus::NoAnswer, 0);
        }
        sleep(pace.real(person.ring_ms)).await;
        leg.call.advance(self.network, Phase::InProgress);
        let talk_ms = person
            .behaviour
            .talk_ms()
            .unwrap_or(person.voicemail_max_ms);
        let talked_ms = talk_ms.min(dial.time_limit_s.saturating_mul(1_000));
        sleep(pace.real(talked_ms)).await;
        leg.end(EndStatus::Completed, talked_ms);
    }

    /// Connects to the agent of an ElevenLabs number, or to any other SIP address, which simply
    /// picks up. Returns whether the person ended it.
    async fn dial_sip(self, leg: &Leg, dial: &Dial, uri: &str) -> bool {
        leg.call.advance(self.network, Phase::Initiated);
        if is_elevenlabs(uri) {
            match self.network.platform.take_sip(self.network, uri, self.call) {
                Some(conversation) => self.connect_agent(conversation),
                None => {
                    leg.end(EndStatus::Failed, 0);
                    return false;
                }
            }
        }
        leg.call.advance(self.network, Phase::InProgress);
        let talked_ms = dial.time_limit_s.saturating_mul(1_000);
        let has_hung_up = tokio::select! {
            () = sleep(self.network.pace.real(talked_ms)) => false,
            () = self.until_the_person_hangs_up() => true,
        };
        self.leave_agent();
        leg.over(EndStatus::Completed, Ending::CutShort);
        has_hung_up
    }
}

fn is_elevenlabs(uri: &str) -> bool {
    uri.split_once('@')
        .is_some_and(|(_, host)| host.contains("elevenlabs.io"))
}
