//! What the carrier makes of a request for a call.

use std::time::Duration;

use carriers::{CampaignFault, PlaceCall, PlaceError, Placed};
use chrono::TimeDelta;
use tokio::sync::oneshot;

use super::Network;
use super::call::{Call, Seen};
use super::person::is_refused;
use crate::clock::millis;

/// When whoever waits for an answer gives up.
const TIME_OUT: TimeDelta = TimeDelta::seconds(10);

type Answer = Result<Placed, PlaceError>;

impl Network {
    /// A request for `call` is on its way; what comes back.
    pub(super) fn place(&mut self, call: &PlaceCall) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        let at = self.now();
        let (to, from) = (call.to.expose().to_owned(), call.from.expose().to_owned());
        self.seen.push(Seen::Asked {
            id: call.call_id,
            to: to.clone(),
            from: from.clone(),
            at,
        });
        let reply = |network: &mut Self, wait, what: Answer| {
            network.after(wait, move |_| drop(answer.send(what)));
        };
        let there = millis(self.chance.between(20, 1_500));
        let back = there + millis(self.chance.between(10, 2_000));
        if let Some(refusal) = self.refusal(&to) {
            reply(self, back, Err(refusal));
            return answered;
        }
        let call = Call {
            name: format!("CA{:06}", self.planned),
            id: call.call_id,
            to,
            from,
            created_at: at,
            ringing_at: None,
            answered_at: None,
            detected: None,
            ended: None,
            price: None,
            talk: None,
        };
        if !self.chance.happens(self.faults.unanswered) {
            let name = call.name.clone();
            self.after(there, move |network| network.take_on(call));
            reply(
                self,
                back,
                Ok(Placed {
                    carrier_call_id: name,
                }),
            );
            return answered;
        }
        match self.chance.between(0, 2) {
            // Taken on, and nobody hears of it.
            0 => self.after(there, move |network| network.take_on(call)),
            // It takes its time on the way: less than the grace for calls that nobody knows.
            1 => {
                let late = millis(self.chance.between(5_000, 20_000));
                self.after(late, move |network| network.take_on(call));
            }
            // It never arrives.
            _ => {}
        }
        let lost = PlaceError::Ambiguous(anyhow::anyhow!("no answer in time"));
        reply(self, TIME_OUT, Err(lost));
        answered
    }

    fn take_on(&mut self, mut call: Call) {
        let (at, id) = (self.now(), call.id);
        call.created_at = at;
        self.seen.push(Seen::Created { id, at });
        self.calls.push(call);
        self.live(self.calls.len() - 1);
    }

    fn refusal(&mut self, to: &str) -> Option<PlaceError> {
        if self.is_down(self.account_refused_until) {
            return Some(PlaceError::Fault {
                fault: CampaignFault::Balance,
                reason: "the account has no money left".to_owned(),
            });
        }
        if self.is_down(self.carrier_down_until) || self.chance.happens(self.faults.refused) {
            let asked = self.chance.between(0, 20);
            let not_before = u64::try_from(asked - 10).ok().map(Duration::from_secs);
            return Some(if self.chance.happens(0.5) {
                let source = anyhow::anyhow!("429");
                PlaceError::Busy { not_before, source }
            } else {
                let source = anyhow::anyhow!("503");
                PlaceError::Retryable { not_before, source }
            });
        }
        is_refused(self.seed, to).then(|| PlaceError::Rejected {
            reason: "the number is not in service".to_owned(),
            code: Some(21_211),
        })
    }
}
