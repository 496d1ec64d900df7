//! What goes wrong in a phase of faults.

use simulator::{Fault, FaultTiming, Faults, MsRange, Trigger};

use crate::plan::{Kind, Phase};
use crate::stage::Stage;

/// How often the carrier and the agents' platform misbehave, at each opportunity.
const SHARES: [(Fault, f64); 12] = [
    (Fault::CreateTooManyRequests, 0.02),
    (Fault::CreateInternalError, 0.03),
    (Fault::CreateUnavailable, 0.03),
    (Fault::CreateRefused, 0.02),
    (Fault::CreateUnanswered, 0.05),
    (Fault::CreateErrorAfterAccept, 0.05),
    (Fault::CallbackDropped, 0.1),
    (Fault::CallbackDoubled, 0.1),
    (Fault::CallbackDelayed, 0.1),
    (Fault::WebhookLost, 0.1),
    (Fault::WebhookDoubled, 0.1),
    (Fault::WebhookDelayed, 0.2),
];
/// How late a conversation's report may come, in real milliseconds: well within what is waited for it.
const CONVERSATION_LATE_MS: MsRange = MsRange::new(500, 8_000);

/// From now on the network misbehaves.
pub fn switch_on(faults: &Faults) {
    faults.set_timing(FaultTiming {
        webhook_delay_ms: CONVERSATION_LATE_MS,
        ..FaultTiming::default()
    });
    for (fault, share) in SHARES {
        faults.set(fault, Trigger::share(share));
    }
}

/// How often each struck; those that never did as well.
pub fn struck(faults: &Faults) -> Vec<(String, u64)> {
    let counted = SHARES.map(|(fault, _)| (format!("{fault:?}"), faults.fired(fault)));
    counted.to_vec()
}

/// What is done to processes in each phase of faults, and which part of the phase has passed by then.
///
/// Redis dies in the first alone. After that it only stops answering for a while and keeps what it holds: otherwise nobody
/// would see whether it holds more and more.
static DISASTERS_FIRST: [(f64, Disaster); 4] = [
    (0.1, Disaster::RedisDies),
    (0.25, Disaster::RedisIsBack),
    (0.4, Disaster::WorkerDies),
    (0.6, Disaster::WorkerIsReplaced),
];
static DISASTERS_LATER: [(f64, Disaster); 4] = [
    (0.1, Disaster::RedisFreezes),
    (0.2, Disaster::RedisThaws),
    (0.4, Disaster::WorkerDies),
    (0.6, Disaster::WorkerIsReplaced),
];

#[derive(Clone, Copy, Debug)]
enum Disaster {
    RedisDies,
    RedisIsBack,
    RedisFreezes,
    RedisThaws,
    WorkerDies,
    WorkerIsReplaced,
}

/// What is still to come of a phase.
pub struct Disasters(std::slice::Iter<'static, (f64, Disaster)>);

impl Disasters {
    /// All of `phase`: none, where it is calm.
    pub fn of(phase: &Phase) -> Self {
        let all: &[_] = match (phase.kind, phase.round) {
            (Kind::Faults, 1) => &DISASTERS_FIRST,
            (Kind::Faults, _) => &DISASTERS_LATER,
            _ => &[],
        };
        Self(all.iter())
    }

    /// Lets happen what is due when `passed` of the phase is over.
    pub async fn strike(&mut self, passed: f64, stage: &mut Stage) {
        while let Some((at, disaster)) = self.0.as_slice().first() {
            if *at > passed {
                return;
            }
            self.0.next();
            match disaster {
                Disaster::RedisDies => stage.redis.stop(),
                Disaster::RedisIsBack => stage.redis.start_again().await,
                Disaster::RedisFreezes => stage.redis.process.freeze(),
                Disaster::RedisThaws => stage.redis.process.thaw(),
                // Dropping it kills it, and reads its log.
                Disaster::WorkerDies => drop(stage.dialer.workers.pop()),
                Disaster::WorkerIsReplaced => stage.dialer.start_worker(),
            }
        }
    }
}
