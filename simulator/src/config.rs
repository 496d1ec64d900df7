//! What a simulator is told before it starts.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::ensure;
use serde::{Deserialize, Serialize};

use crate::deepgram::DeepgramAccount;
use crate::exotel::ExotelAccount;
use crate::person::PeopleConfig;

/// Everything a [`Simulator`](crate::Simulator) needs to know before it starts.
#[derive(Clone, Debug)]
pub struct SimulatorConfig {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// SignalWire's Project ID: the Basic user and the account in every path.
    pub project_id: String,
    /// SignalWire's API token: the Basic password.
    pub api_token: String,
    /// The key SignalWire signs its callbacks with.
    pub signing_key: String,
    /// What ElevenLabs expects in `xi-api-key`.
    pub elevenlabs_api_key: String,
    /// The secret ElevenLabs signs its webhooks with.
    pub elevenlabs_webhook_secret: String,
    /// The one address for all of ElevenLabs' events; `None`: no webhooks are sent.
    pub elevenlabs_webhook_url: Option<String>,
    /// Below which address agents find the dialer's tools; `None`: they have none.
    pub agent_tools_url: Option<String>,
    /// The bearer token of the tools.
    pub agent_tools_token: String,
    /// Makes people, faults and their order repeatable.
    pub seed: u64,
    /// How much faster than real the network lives: 10.0 lets a ring of 20 s take 2 s. Durations
    /// are reported in simulated seconds, instants in real time.
    pub time_scale: f64,
    /// How many calls leave the queue per (simulated) second; `None`: no queue.
    pub calls_per_second: Option<f64>,
    /// How long after its end a call has a price, in simulated milliseconds.
    pub price_after_ms: u64,
    /// The numbers the project owns, at SignalWire and at ElevenLabs.
    pub numbers: Vec<OwnedNumber>,
    /// The voice agents that exist at ElevenLabs.
    pub agents: Vec<PretendAgent>,
    /// How many conversations ElevenLabs holds at once, those it is still dialling for included;
    /// beyond that, register-call and outbound-call are answered 429, too many at once. `None`: no
    /// limit. A conversation that is only registered does not count until a call connects to it.
    pub concurrent_conversations: Option<usize>,
    /// What there is at Exotel.
    pub exotel: ExotelAccount,
    /// What there is at Deepgram.
    pub deepgram: DeepgramAccount,
    /// How people behave who have no script.
    pub people: PeopleConfig,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            project_id: "11111111-2222-4333-8444-555555555555".into(),
            api_token: "PT-simulator".into(),
            signing_key: "PSK-simulator".into(),
            elevenlabs_api_key: "xi-simulator".into(),
            elevenlabs_webhook_secret: "wsec-simulator".into(),
            elevenlabs_webhook_url: None,
            agent_tools_url: None,
            agent_tools_token: "tools-token-of-the-simulator".into(),
            seed: 1,
            time_scale: 1.0,
            calls_per_second: None,
            price_after_ms: 10_000,
            numbers: (100..104)
                .map(|n| OwnedNumber::new(&format!("+12025550{n}")))
                .collect(),
            agents: vec![PretendAgent::new("agent_demo", "Demo agent")],
            concurrent_conversations: None,
            exotel: ExotelAccount::default(),
            deepgram: DeepgramAccount::default(),
            people: PeopleConfig::default(),
        }
    }
}

impl SimulatorConfig {
    /// # Errors
    /// A sentence that names the field which cannot work.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.time_scale.is_finite() && self.time_scale > 0.0,
            "time_scale must be above zero, it is {}",
            self.time_scale
        );
        if let Some(rate) = self.calls_per_second {
            ensure!(
                rate.is_finite() && rate > 0.0,
                "calls_per_second must be above zero, it is {rate}; leave it out for no limit"
            );
        }
        for secret in [&self.signing_key, &self.elevenlabs_webhook_secret] {
            ensure!(!secret.is_empty(), "the signing secrets must not be empty");
        }
        self.people.check()
    }
}

/// A number that belongs to the project, known to both providers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedNumber {
    /// E.164, e.g. `+12025550100`.
    pub phone_number: String,
    /// What people call it.
    pub friendly_name: String,
    /// SignalWire's id of it, a UUID.
    pub sid: String,
    /// ElevenLabs' id of it, `phnum_…`.
    pub phone_number_id: String,
    /// The agent that takes calls arriving over SIP for this number.
    pub agent_id: Option<String>,
    /// How ElevenLabs reaches the telephone network with it.
    #[serde(default)]
    pub provider: NumberProvider,
}

/// How a number is attached to ElevenLabs; each kind has an outbound-call address of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberProvider {
    /// Over a SIP trunk, as SignalWire's numbers are.
    #[default]
    SipTrunk,
    /// By a Twilio account.
    Twilio,
    /// By an Exotel account.
    Exotel,
}

impl NumberProvider {
    /// ElevenLabs' word for it in a number.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SipTrunk => "sip_trunk",
            Self::Twilio => "twilio",
            Self::Exotel => "exotel",
        }
    }
}

impl OwnedNumber {
    /// A number whose ids follow from its digits, so that they are the same in every run.
    #[must_use]
    pub fn new(phone_number: &str) -> Self {
        let digits: String = phone_number.chars().filter(char::is_ascii_digit).collect();
        Self {
            phone_number: phone_number.into(),
            friendly_name: format!("Number {phone_number}"),
            sid: format!("00000000-0000-4000-8000-{digits:0>12.12}"),
            phone_number_id: format!("phnum_{digits}"),
            agent_id: Some("agent_demo".into()),
            provider: NumberProvider::default(),
        }
    }
}

/// A voice agent at ElevenLabs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PretendAgent {
    /// `agent_…`.
    pub agent_id: String,
    /// What people call it.
    pub name: String,
}

impl PretendAgent {
    /// An agent of this id and name.
    #[must_use]
    pub fn new(agent_id: &str, name: &str) -> Self {
        Self {
            agent_id: agent_id.into(),
            name: name.into(),
        }
    }
}
