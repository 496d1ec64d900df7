//! The figures that dialing goes by. Every wait has its unit in its name.

use carriers::exotel::token;
use carriers::{CarrierKind, ExotelConfig};
use chrono::TimeDelta;
use domain::CallRoute;
use domain::breaker::BreakerRules;
use secrecy::SecretString;
use url::Url;

/// Where ElevenLabs takes calls over SIP. Without a transport SignalWire would take TLS.
pub const AGENT_SIP_HOST: &str = "sip.rtc.elevenlabs.io:5060;transport=tcp";

/// Look-ups of calls that are over, for each call that SignalWire's account takes.
const LOOK_UPS_PER_CALL: f64 = 3.0;
/// How much of what Exotel's limit leaves beside the calls goes to look-ups of calls that are over. The rest is for calls
/// without news, and for lists.
const LOOK_UPS_SHARE: f64 = 0.5;
/// Fewer per second than this would be none; also where calls alone reach Exotel's limit.
const LOOK_UPS_MIN: f64 = 0.1;

/// How dialing behaves; the defaults are what production runs on.
#[derive(Clone, Debug)]
pub struct DialingConfig {
    /// Where carriers find us: `https://host`.
    pub public_url: Url,
    /// How a call reaches its agent where its campaign does not say.
    pub route: CallRoute,
    /// Where the agent's provider takes calls over SIP: host, port and transport. `None`: nowhere.
    pub agent_sip_host: Option<String>,
    /// Starts per second and slot of a campaign: a burst of `maxConcurrentCalls`, then this many times that per second.
    pub starts_per_slot: f64,
    /// Calls per second that SignalWire's account takes; its default is 1.
    pub carrier_calls_per_second: f64,
    /// Calls per second that Exotel's account takes. It answers 200 requests per minute of all kinds: calls take less than
    /// half of them, as each is also asked about.
    pub exotel_calls_per_second: f64,
    /// What makes the addresses that Exotel calls back unguessable; without it no call can go through Exotel.
    pub exotel_webhook_token: Option<SecretString>,
    /// How long a minute of `retryDelay` and `delayMinutes` lasts. Other than a minute only in rehearsals.
    pub minute: TimeDelta,
    /// Seconds of ringing before the carrier gives up.
    pub ring_timeout_s: u16,
    /// Whether the carrier tells persons from machines; a machine is hung up on.
    pub detect_machine: bool,
    /// Whether the carrier records calls where neither campaign nor single call says.
    pub record_calls: bool,
    /// Longest talk, in seconds; then we hang up.
    pub talk_s_max: u32,
    /// Seconds without news after which the carrier is asked about a call.
    pub check_after_s: u32,
    /// Seconds after which a call that the carrier does not know never took place. Far above the place time-out, so
    /// that a request still on its way is not taken for lost.
    pub lost_after_s: u32,
    /// Seconds for which a contact waits for its conversation's verdict after the call's end.
    pub conversation_wait_s: u32,
    /// Seconds after which a queued contact's job is pushed again.
    pub requeue_after_s: u32,
    /// Seconds after the end of a call until the carrier is asked what it cost; then 6 and 45 times as long. Exotel, which
    /// knows no price for two minutes, is asked after 6, 15 and 45 times as long.
    pub price_after_s: u32,
    /// Whether recordings are listened to where nobody else wrote down what was said.
    pub transcribes: bool,
    /// Seconds that whoever wants a single call waits for what became of it, once it is in the books; then the answer is
    /// the call as it stands. Less than a request may take.
    pub single_call_answer_s: u32,
    /// Milliseconds for which it may be kept for others that the carrier took a call on. The carrier's own news of the call
    /// say so as well, as a rule before; until either is in the books the call is in doubt.
    pub placed_patience_ms: u64,
    /// Milliseconds after a batch of decisions or of reports, and between two rounds of top-ups, in which what comes gathers:
    /// one transaction for many costs a fraction of many. What comes after a quiet moment does not wait.
    pub gather_ms: u64,
    /// A webhook that finds so many reports waiting, and no more than several batches of them, is kept, and answered before
    /// it is in the books. `None`: it waits with them, as on SQLite, whose one writer is busy with them.
    pub keeps_webhooks_from: Option<usize>,
    /// When a failing carrier is left alone, and for how long.
    pub breaker: BreakerRules,
}

impl DialingConfig {
    /// The defaults, reachable at `public_url`.
    #[must_use]
    pub fn new(public_url: Url) -> Self {
        Self {
            public_url,
            route: CallRoute::Stream,
            agent_sip_host: Some(AGENT_SIP_HOST.to_owned()),
            starts_per_slot: 1.0,
            carrier_calls_per_second: 1.0,
            exotel_calls_per_second: 1.5,
            exotel_webhook_token: None,
            minute: TimeDelta::minutes(1),
            ring_timeout_s: 30,
            detect_machine: true,
            record_calls: false,
            talk_s_max: 3_600,
            check_after_s: 30,
            lost_after_s: 45,
            conversation_wait_s: 600,
            requeue_after_s: 5,
            price_after_s: 20,
            transcribes: false,
            single_call_answer_s: 15,
            placed_patience_ms: 50,
            gather_ms: 5,
            keeps_webhooks_from: Some(32),
            breaker: BreakerRules {
                window: TimeDelta::seconds(60),
                faults_min: 5,
                fault_share: 0.5,
                open_for: TimeDelta::seconds(30),
            },
        }
    }

    /// Calls per second that the account at `carrier` takes.
    #[must_use]
    pub const fn calls_per_second(&self, carrier: CarrierKind) -> f64 {
        match carrier {
            CarrierKind::SignalWire => self.carrier_calls_per_second,
            CarrierKind::Exotel => self.exotel_calls_per_second,
        }
    }

    /// Calls that are over, per second, that the account at `carrier` may be asked about: Exotel's limit counts calls and
    /// questions together.
    #[must_use]
    pub fn look_ups_per_second(&self, carrier: CarrierKind) -> f64 {
        let calls = self.calls_per_second(carrier);
        match carrier {
            CarrierKind::SignalWire => calls * LOOK_UPS_PER_CALL,
            CarrierKind::Exotel => {
                let answered = f64::from(ExotelConfig::REQUESTS_PER_MINUTE) / 60.0;
                ((answered - calls) * LOOK_UPS_SHARE).max(LOOK_UPS_MIN)
            }
        }
    }

    /// Where the carrier finds us for what happens at our numbers by itself.
    #[must_use]
    pub fn inbound_webhook(&self, carrier: CarrierKind) -> Url {
        let mut url = self.public_url.clone();
        let base = self.public_url.path().trim_end_matches('/');
        url.set_path(&format!("{base}/webhooks/{carrier}/inbound"));
        url
    }

    /// Where the transcription service gets the recording of `call` from us, as long as `claim` holds it. Who knows the
    /// address may listen.
    #[must_use]
    pub fn recording_address(&self, call: domain::CallId, claim: uuid::Uuid) -> Url {
        let mut url = self.public_url.clone();
        let base = self.public_url.path().trim_end_matches('/');
        url.set_path(&format!(
            "{base}/webhooks/deepgram/calls/{call}/{claim}/recording"
        ));
        url
    }

    /// Where the carrier finds us for one call: its purposes hang below. Exotel's is a secret: never log it.
    #[must_use]
    pub fn webhook_base(&self, carrier: CarrierKind, call: domain::CallId) -> Url {
        let mut url = self.public_url.clone();
        let webhooks = format!("{}/webhooks", url.path().trim_end_matches('/'));
        match (carrier, &self.exotel_webhook_token) {
            (CarrierKind::Exotel, Some(secret)) => {
                url.set_path(&webhooks);
                token::webhook_base(&url, secret, call)
            }
            _ => {
                url.set_path(&format!("{webhooks}/{carrier}/calls/{call}"));
                url
            }
        }
    }
}
