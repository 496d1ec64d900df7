//! What every dialing process is configured by: flags, or environment variables of the same name.

use std::net::{IpAddr, SocketAddr};

use chrono::TimeDelta;
use clap::{Args, ValueEnum};
use domain::CallRoute;
use engine::TranscribingConfig;
use engine::dialing::DialingConfig;
use engine::dialing::config::AGENT_SIP_HOST;
use engine::queue::redis::RedisQueueConfig;
use secrecy::SecretString;
use url::{Host, Url};

use crate::behaviour::{BehaviourConfig, RouteChoice};
use crate::deepgram::DeepgramArgs;
use crate::exotel::ExotelAccount;
use crate::flag_values::sip_host;
pub use crate::secret_url::{SecretUrl, UnknownScheme};
use crate::telemetry::LogFormat;

/// A worker of fewer jobs at once keeps none of them only to write several down together.
const PATIENT_JOBS_MIN: u32 = 64;
/// Beside such a worker few reports wait at once, and as many are too many for a carrier to wait for.
const SMALL_KEEPS_FROM: usize = 4;

/// Who carries the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CarrierChoice {
    /// SignalWire.
    Signalwire,
    /// Exotel.
    Exotel,
    /// The pretend phone network.
    Simulator,
}

/// The configuration that API and workers share.
#[derive(Clone, Debug, Args)]
pub struct ServiceConfig {
    /// The database: `sqlite://FILE?mode=rwc` or `postgres://USER:PASSWORD@HOST/NAME`
    #[arg(
        long,
        env,
        default_value = "sqlite://dialer.sqlite?mode=rwc",
        hide_env_values = true
    )]
    pub database_url: SecretUrl,
    /// Connections to the database
    #[arg(long, env, default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=500))]
    pub database_max_connections: u32,
    /// The queue: `redis://HOST`; without it the queue lives in the API's memory, with the workers inside
    #[arg(long, env, hide_env_values = true)]
    pub redis_url: Option<SecretUrl>,
    /// The queue's name in Redis
    #[arg(long, env, default_value = "calls")]
    pub queue_name: String,
    /// Where carriers find the API: what they call back
    #[arg(long, env)]
    pub public_url: Option<Url>,
    /// Who carries the calls of numbers that no configured carrier offers; the simulator is the default on SQLite only
    #[arg(long, env, value_enum)]
    pub carrier: Option<CarrierChoice>,
    /// Calls placed at once by one worker
    #[arg(long = "concurrency", env = "WORKER_CONCURRENCY", default_value_t = 128,
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub worker_concurrency: u32,
    /// The providers
    #[command(flatten)]
    pub providers: ProviderConfig,
    /// Who listens to recordings
    #[command(flatten)]
    pub deepgram: DeepgramArgs,
    /// How dialing behaves
    #[command(flatten)]
    pub behaviour: BehaviourConfig,
    /// How log lines look
    #[arg(long, env, value_enum, default_value_t)]
    pub log_format: LogFormat,
}

/// Accounts with the providers.
#[derive(Clone, Debug, Args)]
pub struct ProviderConfig {
    /// The space's name, as in `NAME.signalwire.com`
    #[arg(long, env)]
    pub signalwire_space: Option<String>,
    /// Instead of the space: the API with its path
    #[arg(long, env)]
    pub signalwire_base_url: Option<Url>,
    /// The project's id
    #[arg(long, env)]
    pub signalwire_project_id: Option<String>,
    /// An API token of the project
    #[arg(long, env, hide_env_values = true)]
    pub signalwire_api_token: Option<SecretString>,
    /// What SignalWire signs its webhooks with; two, separated by a comma, while a key is being changed
    #[arg(long, env, hide_env_values = true, value_delimiter = ',')]
    pub signalwire_signing_key: Vec<SecretString>,
    /// The API's host
    #[arg(long, env, default_value = "https://api.elevenlabs.io")]
    pub elevenlabs_base_url: Url,
    /// The workspace's API key
    #[arg(long, env, hide_env_values = true)]
    pub elevenlabs_api_key: Option<SecretString>,
    /// Where ElevenLabs takes calls over SIP: host, port and transport; empty: the route sip is off
    #[arg(long, env, default_value = AGENT_SIP_HOST, value_parser = sip_host)]
    pub elevenlabs_sip_host: String,
    /// What ElevenLabs signs its webhooks with
    #[arg(long, env, hide_env_values = true, value_delimiter = ',')]
    pub elevenlabs_webhook_secret: Vec<SecretString>,
    /// What the tools of our agents prove themselves with, as a bearer token; without one they are off
    #[arg(long, env, hide_env_values = true)]
    pub elevenlabs_tools_token: Option<SecretString>,
    /// Exotel
    #[command(flatten)]
    pub exotel: ExotelAccount,
}

/// Something in the configuration that cannot be: which key or keys, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{keys}: {problem}")]
pub struct ConfigError {
    keys: String,
    problem: String,
}

impl ConfigError {
    /// `problem` is a sentence that says what to do about `key`.
    pub fn new(key: &'static str, problem: impl Into<String>) -> Self {
        Self {
            keys: key.to_owned(),
            problem: problem.into(),
        }
    }

    /// These keys are not given, and calls cannot be placed without them.
    fn missing(keys: &[&'static str]) -> Self {
        Self {
            keys: keys.join(", "),
            problem: "missing; without them no call can be placed".to_owned(),
        }
    }
}

impl ServiceConfig {
    /// True on SQLite.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.database_url.scheme() == "sqlite"
    }

    /// Who carries the calls.
    #[must_use]
    pub fn carrier(&self) -> CarrierChoice {
        let default = if self.is_embedded() {
            CarrierChoice::Simulator
        } else {
            CarrierChoice::Signalwire
        };
        self.carrier.unwrap_or(default)
    }

    /// True where SignalWire is to carry calls.
    #[must_use]
    pub fn has_signalwire(&self) -> bool {
        let accounts = &self.providers;
        let is_given =
            accounts.signalwire_project_id.is_some() || accounts.signalwire_api_token.is_some();
        self.carrier() != CarrierChoice::Exotel || is_given
    }

    /// True where Exotel is to carry calls.
    #[must_use]
    pub fn has_exotel(&self) -> bool {
        self.carrier() == CarrierChoice::Exotel || self.providers.exotel.is_wanted()
    }

    /// The queue in Redis, where there is one.
    #[must_use]
    pub fn redis(&self) -> Option<RedisQueueConfig> {
        let url = self.redis_url.as_ref()?.expose().to_owned();
        Some(RedisQueueConfig {
            url,
            name: self.queue_name.clone(),
        })
    }

    /// Refuses accounts that lack a credential, naming all that are missing.
    ///
    /// # Errors
    /// Which keys are missing.
    pub fn check_accounts(&self) -> Result<(), ConfigError> {
        let accounts = &self.providers;
        let has_space =
            accounts.signalwire_space.is_some() || accounts.signalwire_base_url.is_some();
        let signalwire = [
            ("SIGNALWIRE_SPACE", has_space),
            (
                "SIGNALWIRE_PROJECT_ID",
                accounts.signalwire_project_id.is_some(),
            ),
            (
                "SIGNALWIRE_API_TOKEN",
                accounts.signalwire_api_token.is_some(),
            ),
        ];
        let elevenlabs = ("ELEVENLABS_API_KEY", accounts.elevenlabs_api_key.is_some());
        let signalwire = signalwire.into_iter().filter(|_| self.has_signalwire());
        let exotel = accounts.exotel.needed().into_iter();
        let exotel = exotel.filter(|_| self.has_exotel());
        let missing: Vec<&'static str> = signalwire
            .chain([elevenlabs])
            .chain(exotel)
            .filter(|(_, is_given)| !is_given)
            .map(|(key, _)| key)
            .collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::missing(&missing))
        }
    }

    /// SignalWire's API with its path.
    ///
    /// # Errors
    /// Where neither the space nor the address is given.
    pub fn signalwire_base_url(&self) -> Result<Url, ConfigError> {
        if let Some(url) = &self.providers.signalwire_base_url {
            return Ok(url.clone());
        }
        let space = self.providers.signalwire_space.as_ref().ok_or_else(|| {
            ConfigError::new(
                "SIGNALWIRE_SPACE",
                "is missing; name the space, or set SIGNALWIRE_BASE_URL",
            )
        })?;
        Url::parse(&format!(
            "https://{space}.signalwire.com/api/laml/2010-04-01"
        ))
        .map_err(|_| ConfigError::new("SIGNALWIRE_SPACE", "is not the name of a space"))
    }

    /// True where a carrier is not on loopback.
    fn calls_real_people(&self) -> Result<bool, ConfigError> {
        let signalwire = self.has_signalwire() && !is_loopback(&self.signalwire_base_url()?);
        let exotel = &self.providers.exotel.exotel_base_url;
        Ok(signalwire || (self.has_exotel() && !is_loopback(exotel)))
    }

    /// The figures that dialing goes by; `public_url` where none is configured.
    ///
    /// # Errors
    /// Where values do not fit each other.
    pub fn dialing(&self, public_url: Url) -> Result<DialingConfig, ConfigError> {
        let behaviour = &self.behaviour;
        let is_rehearsal = behaviour.retry_minute_ms != 60_000;
        if is_rehearsal && self.carrier() != CarrierChoice::Simulator && self.calls_real_people()? {
            let problem = "is for rehearsals; a carrier that is not on loopback calls real people, and their minutes have 60,000 ms";
            return Err(ConfigError::new("RETRY_MINUTE_MS", problem));
        }
        let host = &self.providers.elevenlabs_sip_host;
        let agent_sip_host = Some(host.clone()).filter(|host| !host.is_empty());
        let route = match behaviour.call_route {
            RouteChoice::Stream => CallRoute::Stream,
            RouteChoice::Sip => CallRoute::Sip,
            RouteChoice::Agent => CallRoute::Agent,
        };
        if route == CallRoute::Sip && agent_sip_host.is_none() {
            let problem = "is empty, and CALL_ROUTE=sip needs it; fill it in, or leave it out";
            return Err(ConfigError::new("ELEVENLABS_SIP_HOST", problem));
        }
        let is_small = self.worker_concurrency < PATIENT_JOBS_MIN;
        let usual = DialingConfig::new(self.public_url.clone().unwrap_or(public_url));
        Ok(DialingConfig {
            route,
            agent_sip_host,
            starts_per_slot: behaviour.campaign_starts_per_slot,
            carrier_calls_per_second: behaviour.carrier_calls_per_second,
            exotel_calls_per_second: self.providers.exotel.exotel_calls_per_second,
            exotel_webhook_token: self.providers.exotel.exotel_webhook_token.first().cloned(),
            minute: TimeDelta::milliseconds(i64::from(behaviour.retry_minute_ms)),
            ring_timeout_s: behaviour.ring_timeout_s,
            record_calls: behaviour.record_calls,
            talk_s_max: behaviour.talk_s_max,
            check_after_s: behaviour.call_check_after_s,
            lost_after_s: behaviour.call_lost_after_s,
            conversation_wait_s: behaviour.conversation_wait_s,
            price_after_s: behaviour.call_price_after_s,
            breaker: behaviour.breaker.rules(),
            transcribes: self.deepgram.is_on(),
            placed_patience_ms: if is_small {
                0
            } else {
                usual.placed_patience_ms
            },
            gather_ms: if is_small { 0 } else { usual.gather_ms },
            keeps_webhooks_from: usual
                .keeps_webhooks_from
                .filter(|_| !self.is_embedded())
                .map(|from| if is_small { SMALL_KEEPS_FROM } else { from }),
            ..usual
        })
    }

    /// The keys that SignalWire's webhooks are signed with. `None`: nobody signs, as SignalWire is pretended. None at all
    /// where SignalWire carries no calls: then nobody speaks for it.
    #[must_use]
    pub fn signalwire_keys(&self) -> Option<Vec<SecretString>> {
        let keys = &self.providers.signalwire_signing_key;
        let is_unsigned = keys.is_empty() && self.has_signalwire();
        (!is_unsigned).then(|| keys.clone())
    }

    /// The secrets that ElevenLabs' webhooks are signed with. `None`: nobody signs.
    #[must_use]
    pub fn elevenlabs_secrets(&self) -> Option<Vec<SecretString>> {
        let secrets = &self.providers.elevenlabs_webhook_secret;
        (!secrets.is_empty()).then(|| secrets.clone())
    }

    /// How recordings are listened to.
    #[must_use]
    pub fn transcribing(&self) -> TranscribingConfig {
        self.deepgram.transcribing()
    }

    /// Signatures are demanded whenever a key is configured; where strangers can reach us a key must be.
    ///
    /// # Errors
    /// Which keys are missing.
    pub fn check_signatures(&self, bind: SocketAddr) -> Result<(), ConfigError> {
        let is_private =
            bind.ip().is_loopback() && self.public_url.as_ref().is_none_or(is_loopback);
        let must = "is missing; outside loopback webhooks are believed only when they are signed";
        let has_signalwire = self.has_signalwire();
        if has_signalwire && !is_private && self.providers.signalwire_signing_key.is_empty() {
            return Err(ConfigError::new("SIGNALWIRE_SIGNING_KEY", must));
        }
        if !is_private && self.providers.elevenlabs_webhook_secret.is_empty() {
            return Err(ConfigError::new("ELEVENLABS_WEBHOOK_SECRET", must));
        }
        Ok(())
    }
}

/// True where the address cannot leave this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
