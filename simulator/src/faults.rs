//! What the network does wrong, and when.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use parking_lot::Mutex;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::person::MsRange;

/// One thing that can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A create is answered 429/20429; nothing is created.
    CreateTooManyRequests,
    /// A create is answered 500; nothing is created.
    CreateInternalError,
    /// A create is answered 503; nothing is created.
    CreateUnavailable,
    /// A create is answered 401/20003; nothing is created.
    CreateUnauthorized,
    /// A create is answered 402/4001, the balance is used up; nothing is created.
    CreateNoBalance,
    /// A create at Exotel is answered 403: India's register of those who do not want calls forbids
    /// this one; nothing is created.
    CreateDoNotDisturb,
    /// The create request is read, then its connection is closed instead of answered; nothing is
    /// created. No refused TCP connection: the dialer sees its request sent and the answer missing,
    /// and cannot tell this from [`Fault::CreateUnanswered`].
    CreateRefused,
    /// The call is created and lives; the connection is closed before the answer.
    CreateUnanswered,
    /// The call is created and lives; the answer is 500.
    CreateErrorAfterAccept,
    /// The call is created; the answer waits for [`FaultTiming::create_slow_ms`].
    CreateSlow,
    /// The call is created; the answer waits until
    /// [`FaultTiming::create_after_callbacks`] callbacks were sent.
    CreateAfterCallbacks,
    /// A fetch or list of calls is answered 503.
    LookupUnavailable,
    /// A call that is over is described without a price, whatever the delay of prices.
    PriceUnknown,
    /// An update of a call is answered 503; nothing changes.
    UpdateUnavailable,
    /// A carrier's callback (status or machine detection, not a request for a document) is never
    /// sent.
    CallbackDropped,
    /// A carrier's callback is sent twice.
    CallbackDoubled,
    /// A carrier's callback, and with it every later one of that call, waits for
    /// [`FaultTiming::callback_delay_ms`].
    CallbackDelayed,
    /// A carrier's callback goes its own way for [`FaultTiming::callback_reorder_ms`], so that
    /// later ones overtake it.
    CallbackReordered,
    /// register-call is answered 500.
    RegisterCallFailed,
    /// register-call is answered 429, too many conversations at once.
    RegisterCallTooMany,
    /// register-call waits for [`FaultTiming::register_slow_ms`] before its answer.
    RegisterCallSlow,
    /// register-call or outbound-call is answered 401 `quota_exceeded`.
    QuotaExceeded,
    /// register-call or outbound-call is answered 429, too many requests, in the new dialect:
    /// `code` `rate_limit_exceeded`, `status` `system_busy`.
    RateLimitExceeded,
    /// register-call or outbound-call is answered 429, too many conversations at once, in the old
    /// dialect: `status` `too_many_concurrent_requests`. The new one is that of
    /// [`Fault::RegisterCallTooMany`] and of a reached
    /// [`limit`](crate::SimulatorConfig::concurrent_conversations).
    TooManyConcurrentRequests,
    /// outbound-call is answered 200 with `success: false`; nobody is called.
    OutboundRefused,
    /// The outbound call is placed; the answer waits until its webhook was sent, of failure or of
    /// the conversation that is over, but no longer than 10 s.
    OutboundAfterWebhook,
    /// ElevenLabs' webhook is never sent.
    WebhookLost,
    /// ElevenLabs' webhook is sent twice.
    WebhookDoubled,
    /// ElevenLabs' webhook waits for [`FaultTiming::webhook_delay_ms`].
    WebhookDelayed,
    /// A conversation's fetch is answered 404.
    ConversationNotFound,
    /// A conversation's fetch is answered 429.
    ConversationTooMany,
    /// Any request to Exotel is answered 429, as beyond
    /// [`the limit`](crate::ExotelAccount::requests_per_minute); nothing is done.
    ExotelTooManyRequests,
    /// Exotel's callback has only the four fields that come without events.
    ExotelCallbackShort,
    /// Exotel's callback is a form in parts, though JSON was asked for.
    ExotelCallbackForm,
    /// Deepgram answers 429 with a `Retry-After` of [`FaultTiming::deepgram_retry_after_s`].
    DeepgramTooMany,
    /// Deepgram answers 503.
    DeepgramUnavailable,
    /// Deepgram answers 401.
    DeepgramUnauthorized,
    /// Deepgram answers 402, the credits are used up.
    DeepgramNoBalance,
    /// Deepgram's answer waits for [`FaultTiming::deepgram_slow_ms`].
    DeepgramSlow,
    /// Deepgram cannot fetch the recording and answers 400.
    RecordingUnreachable,
    /// A list of SignalWire's or Exotel's numbers is answered 503.
    NumbersUnavailable,
    /// A list of ElevenLabs' agents or numbers is answered 500.
    CatalogueUnavailable,
}

/// How often a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// The probability at each opportunity, 0.0 to 1.0.
    #[serde(default = "certain")]
    pub share: f64,
    /// How many times more it may strike; `None`: without end.
    #[serde(default)]
    pub times: Option<u64>,
}

fn certain() -> f64 {
    1.0
}

impl Trigger {
    /// Strikes every time.
    #[must_use]
    pub const fn always() -> Self {
        Self {
            share: 1.0,
            times: None,
        }
    }

    /// Strikes the next `times` times.
    #[must_use]
    pub const fn times(times: u64) -> Self {
        Self {
            share: 1.0,
            times: Some(times),
        }
    }

    /// Strikes with probability `share`, 0.0 to 1.0.
    #[must_use]
    pub const fn share(share: f64) -> Self {
        Self { share, times: None }
    }
}

/// How long the faults that take time take. Real milliseconds, whatever the time scale: the dialer's
/// time-outs are real.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultTiming {
    /// [`Fault::CreateSlow`].
    pub create_slow_ms: u64,
    /// [`Fault::CreateAfterCallbacks`]: how many; the answer comes after 10 s in any case, and at
    /// once when the call has ended and everything was sent.
    pub create_after_callbacks: u32,
    /// [`Fault::CallbackDelayed`].
    pub callback_delay_ms: MsRange,
    /// [`Fault::CallbackReordered`].
    pub callback_reorder_ms: MsRange,
    /// [`Fault::RegisterCallSlow`].
    pub register_slow_ms: u64,
    /// [`Fault::WebhookDelayed`].
    pub webhook_delay_ms: MsRange,
    /// [`Fault::DeepgramSlow`].
    pub deepgram_slow_ms: u64,
    /// [`Fault::DeepgramTooMany`]: seconds.
    pub deepgram_retry_after_s: u64,
}

impl Default for FaultTiming {
    fn default() -> Self {
        Self {
            create_slow_ms: 2_000,
            create_after_callbacks: 1,
            callback_delay_ms: MsRange::new(100, 1_000),
            callback_reorder_ms: MsRange::new(0, 1_000),
            register_slow_ms: 2_000,
            webhook_delay_ms: MsRange::new(100, 2_000),
            deepgram_slow_ms: 2_000,
            deepgram_retry_after_s: 1,
        }
    }
}

/// Everything that goes wrong at present; the whole of it is replaced over HTTP.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultPlan {
    /// What strikes, and how often.
    pub triggers: BTreeMap<Fault, Trigger>,
    /// How long it takes.
    pub timing: FaultTiming,
}

impl FaultPlan {
    fn check(&self) -> anyhow::Result<()> {
        for (fault, trigger) in &self.triggers {
            ensure!(
                (0.0..=1.0).contains(&trigger.share),
                "{fault:?}: share must lie between 0 and 1, it is {}",
                trigger.share
            );
        }
        self.timing.callback_delay_ms.check("callback_delay_ms")?;
        self.timing
            .callback_reorder_ms
            .check("callback_reorder_ms")?;
        self.timing.webhook_delay_ms.check("webhook_delay_ms")
    }
}

/// The switchboard of faults, settable at any moment. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Faults(Arc<Mutex<Switchboard>>);

struct Switchboard {
    plan: FaultPlan,
    fired: BTreeMap<Fault, u64>,
    rng: ChaCha8Rng,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        let (plan, fired) = Default::default();
        let rng = ChaCha8Rng::seed_from_u64(seed);
        Self(Arc::new(Mutex::new(Switchboard { plan, fired, rng })))
    }

    /// From now on `fault` strikes as `trigger` says.
    pub fn set(&self, fault: Fault, trigger: Trigger) {
        self.0.lock().plan.triggers.insert(fault, trigger);
    }

    /// From now on `fault` strikes no more.
    pub fn unset(&self, fault: Fault) {
        self.0.lock().plan.triggers.remove(&fault);
    }

    /// Sets how long the faults that take time take.
    pub fn set_timing(&self, timing: FaultTiming) {
        self.0.lock().plan.timing = timing;
    }

    /// From now on nothing goes wrong. What was delayed still arrives late; counts stay.
    pub fn clear(&self) {
        self.0.lock().plan = FaultPlan::default();
    }

    /// Replaces the whole plan.
    ///
    /// # Errors
    /// A sentence that names what cannot work; nothing has changed then.
    pub fn replace(&self, plan: FaultPlan) -> anyhow::Result<()> {
        plan.check()?;
        self.0.lock().plan = plan;
        Ok(())
    }

    /// What goes wrong at present, with what is left of bounded counts.
    #[must_use]
    pub fn plan(&self) -> FaultPlan {
        self.0.lock().plan.clone()
    }

    /// How often `fault` struck. A test that relies on a fault asserts that it did.
    #[must_use]
    pub fn fired(&self, fault: Fault) -> u64 {
        self.0.lock().fired.get(&fault).copied().unwrap_or(0)
    }

    /// How often each fault struck; those that never did are absent.
    #[must_use]
    pub fn fired_all(&self) -> BTreeMap<Fault, u64> {
        self.0.lock().fired.clone()
    }

    /// Whether `fault` strikes here and now; counts it if so.
    pub(crate) fn strikes(&self, fault: Fault) -> bool {
        let mut board = self.0.lock();
        let board = &mut *board;
        let Some(trigger) = board.plan.triggers.get_mut(&fault) else {
            return false;
        };
        if trigger.times == Some(0) || board.rng.random::<f64>() >= trigger.share {
            return false;
        }
        trigger.times = trigger.times.map(|left| left - 1);
        *board.fired.entry(fault).or_default() += 1;
        true
    }

    pub(crate) fn timing(&self) -> FaultTiming {
        self.0.lock().plan.timing
    }

    /// Draws a real delay out of `range`.
    pub(crate) fn draw(&self, range: MsRange) -> Duration {
        Duration::from_millis(range.draw(&mut self.0.lock().rng))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounded_fault_strikes_exactly_that_often() {
        let faults = Faults::new(1);
        faults.set(Fault::CreateRefused, Trigger::times(3));
        let struck = (0..10)
            .filter(|_| faults.strikes(Fault::CreateRefused))
            .count();
        assert_eq!((struck, faults.fired(Fault::CreateRefused)), (3, 3));
    }

    #[test]
    fn a_share_of_a_fifth_strikes_about_a_fifth_of_the_time() {
        let faults = Faults::new(1);
        faults.set(Fault::CallbackDropped, Trigger::share(0.2));
        let struck = (0..5_000)
            .filter(|_| faults.strikes(Fault::CallbackDropped))
            .count();
        assert!(
            (900..1_100).contains(&struck),
            "{struck} of 5000, 1000 expected"
        );
    }

    #[test]
    fn a_plan_out_of_range_is_refused_and_changes_nothing() {
        let faults = Faults::new(1);
        faults.set(Fault::CreateSlow, Trigger::always());
        let mut plan = FaultPlan::default();
        plan.triggers.insert(Fault::CreateSlow, Trigger::share(1.5));
        assert!(faults.replace(plan).is_err());
        assert_eq!(
            faults.plan().triggers[&Fault::CreateSlow],
            Trigger::always()
        );
    }

    #[test]
    fn a_plan_reads_as_it_is_written() {
        let json = r#"{"triggers":{"callback_dropped":{"share":0.2},"create_slow":{"times":2}},
                       "timing":{"create_slow_ms":500}}"#;
        let plan: FaultPlan = serde_json::from_str(json).unwrap();
        assert_eq!(plan.triggers[&Fault::CallbackDropped], Trigger::share(0.2));
        assert_eq!(plan.triggers[&Fault::CreateSlow], Trigger::times(2));
        assert_eq!(plan.timing.create_slow_ms, 500);
    }
}
