//! The pretend phone network as a process of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Parser;
use simulator::{
    DeepgramAccount, ExotelAccount, NumberProvider, OwnedNumber, PretendAgent, Simulator,
    SimulatorConfig,
};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A pretend phone network: SignalWire, Exotel, ElevenLabs, Deepgram, and the people who are called.
///
/// Prints one line that ends in its URL when it is ready. Controls: GET/PUT /_simulator/faults,
/// GET /_simulator/record, GET/PUT /_simulator/people, PUT /_simulator/webhook,
/// GET /_simulator/transcriptions.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen [default: a free port of 127.0.0.1]
    #[arg(long, env = "SIMULATOR_BIND")]
    bind: Option<SocketAddr>,
    /// SignalWire's Project ID
    #[arg(long, env = "SIMULATOR_PROJECT_ID")]
    project_id: Option<String>,
    /// SignalWire's API token
    #[arg(long, env = "SIMULATOR_API_TOKEN", hide_env_values = true)]
    api_token: Option<String>,
    /// The key SignalWire signs its callbacks with
    #[arg(long, env = "SIMULATOR_SIGNING_KEY", hide_env_values = true)]
    signing_key: Option<String>,
    /// What ElevenLabs expects in xi-api-key
    #[arg(long, env = "SIMULATOR_ELEVENLABS_API_KEY", hide_env_values = true)]
    elevenlabs_api_key: Option<String>,
    /// The secret ElevenLabs signs its webhooks with
    #[arg(
        long,
        env = "SIMULATOR_ELEVENLABS_WEBHOOK_SECRET",
        hide_env_values = true
    )]
    elevenlabs_webhook_secret: Option<String>,
    /// Where ElevenLabs sends its events [default: nowhere]
    #[arg(long, env = "SIMULATOR_ELEVENLABS_WEBHOOK_URL")]
    elevenlabs_webhook_url: Option<String>,
    /// Below which address agents find the dialer's tools [default: they have none]
    #[arg(long, env = "SIMULATOR_AGENT_TOOLS_URL")]
    agent_tools_url: Option<String>,
    /// The bearer token of the tools
    #[arg(long, env = "SIMULATOR_AGENT_TOOLS_TOKEN", hide_env_values = true)]
    agent_tools_token: Option<String>,
    /// Makes people and faults repeatable
    #[arg(long, env = "SIMULATOR_SEED")]
    seed: Option<u64>,
    /// How much faster than real the network lives
    #[arg(long, env = "SIMULATOR_TIME_SCALE")]
    time_scale: Option<f64>,
    /// How many calls leave the queue per simulated second [default: no queue]
    #[arg(long, env = "SIMULATOR_CALLS_PER_SECOND")]
    calls_per_second: Option<f64>,
    /// How long after its end a call has a price, in simulated milliseconds
    #[arg(long, env = "SIMULATOR_PRICE_AFTER_MS")]
    price_after_ms: Option<u64>,
    /// The numbers the project owns, E.164, separated by commas; `+918012345678=exotel` for one that
    /// ElevenLabs reaches by another provider (exotel, twilio)
    #[arg(long, env = "SIMULATOR_NUMBERS", value_delimiter = ',')]
    numbers: Vec<String>,
    /// The ids of the agents that exist, separated by commas
    #[arg(long, env = "SIMULATOR_AGENTS", value_delimiter = ',')]
    agents: Vec<String>,
    /// How many conversations ElevenLabs holds at once [default: no limit]
    #[arg(long, env = "SIMULATOR_CONCURRENT_CONVERSATIONS")]
    concurrent_conversations: Option<usize>,
    /// Exotel's account SID
    #[arg(long, env = "SIMULATOR_EXOTEL_ACCOUNT_SID")]
    exotel_account_sid: Option<String>,
    /// Exotel's API key
    #[arg(long, env = "SIMULATOR_EXOTEL_API_KEY", hide_env_values = true)]
    exotel_api_key: Option<String>,
    /// Exotel's API token
    #[arg(long, env = "SIMULATOR_EXOTEL_API_TOKEN", hide_env_values = true)]
    exotel_api_token: Option<String>,
    /// The ExoPhones of the account, E.164, separated by commas
    #[arg(long, env = "SIMULATOR_EXOTEL_NUMBERS", value_delimiter = ',')]
    exotel_numbers: Vec<String>,
    /// How many requests a minute Exotel answers [default: any number]
    #[arg(long, env = "SIMULATOR_EXOTEL_REQUESTS_PER_MINUTE")]
    exotel_requests_per_minute: Option<u32>,
    /// The agent that Exotel's flows lead to [default: nobody]
    #[arg(long, env = "SIMULATOR_EXOTEL_AGENT")]
    exotel_agent: Option<String>,
    /// Deepgram's API key
    #[arg(long, env = "SIMULATOR_DEEPGRAM_API_KEY", hide_env_values = true)]
    deepgram_api_key: Option<String>,
    /// How many recordings Deepgram listens to at once [default: any number]
    #[arg(long, env = "SIMULATOR_DEEPGRAM_CONCURRENT_REQUESTS")]
    deepgram_concurrent_requests: Option<usize>,
    /// A JSON file that says how people behave; absent fields keep their defaults
    #[arg(long, env = "SIMULATOR_PEOPLE")]
    people: Option<PathBuf>,
}

impl Arguments {
    fn config(self) -> anyhow::Result<SimulatorConfig> {
        let default = SimulatorConfig::default();
        let agent_id = self
            .agents
            .first()
            .unwrap_or(&default.agents[0].agent_id)
            .clone();
        let owned = |number: &String| {
            let agent_id = Some(agent_id.clone());
            let number = owned_number(number)?;
            anyhow::Ok(OwnedNumber { agent_id, ..number })
        };
        let numbers = self.numbers.iter().map(owned).collect::<Result<_, _>>()?;
        let agents = self
            .agents
            .iter()
            .map(|id| PretendAgent::new(id, id))
            .collect();
        let people = match &self.people {
            None => default.people,
            Some(path) => {
                let json = fs::read(path).with_context(|| format!("{}", path.display()))?;
                serde_json::from_slice(&json).with_context(|| format!("{}", path.display()))?
            }
        };
        let exotel = self.exotel(default.exotel);
        let deepgram = DeepgramAccount {
            api_key: self.deepgram_api_key.unwrap_or(default.deepgram.api_key),
            concurrent_requests: self.deepgram_concurrent_requests,
            ..default.deepgram
        };
        Ok(SimulatorConfig {
            bind: self.bind.unwrap_or(default.bind),
            project_id: self.project_id.unwrap_or(default.project_id),
            api_token: self.api_token.unwrap_or(default.api_token),
            signing_key: self.signing_key.unwrap_or(default.signing_key),
            elevenlabs_api_key: self
                .elevenlabs_api_key
                .unwrap_or(default.elevenlabs_api_key),
            elevenlabs_webhook_secret: self
                .elevenlabs_webhook_secret
                .unwrap_or(default.elevenlabs_webhook_secret),
            elevenlabs_webhook_url: self.elevenlabs_webhook_url,
            agent_tools_url: self.agent_tools_url,
            agent_tools_token: self.agent_tools_token.unwrap_or(default.agent_tools_token),
            seed: self.seed.unwrap_or(default.seed),
            time_scale: self.time_scale.unwrap_or(default.time_scale),
            calls_per_second: self.calls_per_second,
            price_after_ms: self.price_after_ms.unwrap_or(default.price_after_ms),
            numbers: if self.numbers.is_empty() {
                default.numbers
            } else {
                numbers
            },
            agents: if self.agents.is_empty() {
                default.agents
            } else {
                agents
            },
            concurrent_conversations: self.concurrent_conversations,
            exotel,
            deepgram,
            people,
        })
    }
}

impl Arguments {
    fn exotel(&self, default: ExotelAccount) -> ExotelAccount {
        let or = |given: &Option<String>, default: String| given.clone().unwrap_or(default);
        let numbers: Vec<OwnedNumber> = self
            .exotel_numbers
            .iter()
            .map(|number| OwnedNumber::new(number))
            .collect();
        ExotelAccount {
            account_sid: or(&self.exotel_account_sid, default.account_sid),
            api_key: or(&self.exotel_api_key, default.api_key),
            api_token: or(&self.exotel_api_token, default.api_token),
            numbers: if numbers.is_empty() {
                default.numbers
            } else {
                numbers
            },
            requests_per_minute: self.exotel_requests_per_minute,
            agent_id: self.exotel_agent.clone(),
            ..default
        }
    }
}

/// A number as the flag has it, with or without its provider at ElevenLabs.
fn owned_number(text: &str) -> anyhow::Result<OwnedNumber> {
    let (number, provider) = match text.split_once('=') {
        None => (text, NumberProvider::SipTrunk),
        Some((number, "exotel")) => (number, NumberProvider::Exotel),
        Some((number, "twilio")) => (number, NumberProvider::Twilio),
        Some((_, other)) => bail!("{other:?} is not a provider; there are exotel and twilio"),
    };
    Ok(OwnedNumber {
        provider,
        ..OwnedNumber::new(number)
    })
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let config = Arguments::parse().config()?;
    let mut terminate = signal(SignalKind::terminate())?;
    let simulator = Simulator::start(config).await?;
    println!("dialer-simulator is ready at {}", simulator.base_url());
    tokio::select! {
        _ = terminate.recv() => {}
        pressed = tokio::signal::ctrl_c() => pressed?,
    }
    simulator.stop().await;
    Ok(())
}
