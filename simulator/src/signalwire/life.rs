//! The life of one call, from the carrier's queue to the hang-up.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;

use super::call::{Call, Ending, Live, Phase};
use super::pacer::Ticket;
use super::talk::Talk;
use crate::courier::Target;
use crate::network::Network;
use crate::person::Behaviour;
use crate::recorder::EndStatus;

/// A call that has just been accepted.
pub(crate) struct Newborn {
    pub call: Arc<Call>,
    pub live: Arc<Live>,
    pub ticket: Ticket,
    pub redirected: UnboundedReceiver<Target>,
}

impl Newborn {
    /// Lives until the call has ended or the simulator stops.
    pub async fn live(self, network: Arc<Network>) {
        let over = self.live.over.clone();
        over.run_until_cancelled(self.progress(&network)).await;
    }

    async fn progress(self, network: &Arc<Network>) {
        let Self {
            call,
            live,
            ticket,
            redirected,
        } = self;
        let person = &live.person;
        ticket.turn().await;
        if !call.advance(network, Phase::Initiated) {
            return;
        }
        sleep(network.pace.real(person.dial_ms)).await;
        let end = |status| call.end(network, status, Ending::CutShort);
        match person.behaviour {
            Behaviour::Busy => {
                end(EndStatus::Busy);
                return;
            }
            Behaviour::Failed | Behaviour::InvalidNumber => {
                end(EndStatus::Failed);
                return;
            }
            _ => {}
        }
        if !call.advance(network, Phase::Ringing) {
            return;
        }
        let timeout_ms = live.settings.timeout_s * 1_000;
        if person.behaviour == Behaviour::NoAnswer || person.ring_ms >= timeout_ms {
            sleep(network.pace.real(timeout_ms)).await;
            end(EndStatus::NoAnswer);
            return;
        }
        sleep(network.pace.real(person.ring_ms)).await;
        if call.advance(network, Phase::InProgress) {
            Talk {
                network,
                call: &call,
                live: &live,
            }
            .hold(redirected)
            .await;
        }
    }
}
