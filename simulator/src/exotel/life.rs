//! The life of one call at Exotel.

use std::sync::Arc;

use tokio::time::sleep;

use super::call::Call;
use crate::elevenlabs::{Spoken, use_tool};
use crate::network::Network;
use crate::person::{Behaviour, Person};
use crate::recorder::{EndStatus, Milestone};

/// Lives until the call has ended. Nobody outside can end it: Exotel has no request for that.
pub(crate) async fn live(network: Arc<Network>, call: Arc<Call>, person: Person) {
    let network = &network;
    call.reached(network, Milestone::Initiated);
    sleep(network.pace.real(person.dial_ms)).await;
    match person.behaviour {
        Behaviour::Busy => return call.end(network, EndStatus::Busy, 0),
        Behaviour::Failed | Behaviour::InvalidNumber => {
            return call.end(network, EndStatus::Failed, 0);
        }
        _ => {}
    }
    call.reached(network, Milestone::Ringing);
    let timeout_ms = call.settings.timeout_s * 1_000;
    if person.behaviour == Behaviour::NoAnswer || person.ring_ms >= timeout_ms {
        sleep(network.pace.real(timeout_ms)).await;
        return call.end(network, EndStatus::NoAnswer, 0);
    }
    sleep(network.pace.real(person.ring_ms)).await;
    let is_machine = person.behaviour == Behaviour::Voicemail;
    call.answered(network, is_machine);
    let conversation = network.platform.take_flow(network, &call);
    let over = network.stop.child_token();
    if let Some(id) = &conversation {
        use_tool(network, id, &person, over.clone());
    }
    let wanted_ms = person
        .behaviour
        .talk_ms()
        .unwrap_or(person.voicemail_max_ms);
    let talked_ms = wanted_ms.min(call.settings.time_limit_s * 1_000);
    sleep(network.pace.real(talked_ms)).await;
    over.cancel();
    call.end(network, EndStatus::Completed, talked_ms);
    if let Some(id) = conversation {
        let spoken = Spoken::of(&person, talked_ms, talked_ms < wanted_ms);
        network.platform.hang_up(network, &id, spoken);
    }
}
