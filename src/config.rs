//! What the API process is configured by: flags, or environment variables of the same name.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use domain::PhoneNumber;
use engine::Settings;
use engine::calls::OutboundDefaults;
use engine::campaigns::Limits;
use engine::live::LiveLimits;
use secrecy::{ExposeSecret, SecretString};
use workers::ServiceConfig;
use workers::config::{CarrierChoice, ConfigError, SecretUrl, is_loopback};

use crate::http::body_within::BodyTimes;
use crate::http::connections::ConnectionLimits;

/// Where the API listens where nobody says.
const BIND_DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);
/// A token that can be guessed is none.
const TOKEN_CHARS_MIN: usize = 16;
/// HS256 is as strong as its secret: 256 bits.
const JWT_SECRET_BYTES_MIN: usize = 32;

/// The configuration of the API process.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// What API and workers share
    #[command(flatten)]
    pub service: ServiceConfig,
    /// Where to listen; 127.0.0.1:3000 where neither this nor PORT is given
    #[arg(long, env)]
    pub bind_addr: Option<SocketAddr>,
    /// A port to listen on, on all addresses; `BIND_ADDR` goes before it
    #[arg(long, env)]
    pub port: Option<u16>,
    /// The bearer token of the first administrator; made and printed once where none is given on an empty database
    #[arg(long, env, hide_env_values = true)]
    pub admin_token: Option<SecretString>,
    /// What the dashboard signs its tokens with (HS256)
    #[arg(long, env, hide_env_values = true)]
    pub jwt_secret: Option<SecretString>,
    /// Origins of pages that may call the API, separated by commas; `*` for all
    #[arg(long, env, value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// The bearer token that `/metrics` asks for; without one it answers to loopback only
    #[arg(long, env, hide_env_values = true)]
    pub metrics_token: Option<SecretString>,
    /// The number that single calls are made from where the request names none, E.164
    #[arg(long, env)]
    pub outbound_phone_number: Option<String>,
    /// The agent that speaks in single calls where the request names none
    #[arg(long, env)]
    pub outbound_agent_id: Option<String>,
    /// Connections that one process has at the same time; who comes after that waits
    #[arg(long, env, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub http_connections_max: u32,
    /// Seconds that a connection may take over the head of a request, waiting for it to begin included
    #[arg(long, env, default_value_t = 75, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub http_head_s: u32,
    /// Bytes of the head of a request
    #[arg(long, env, default_value_t = 65_536, value_parser = clap::value_parser!(u32).range(8_192..=1_048_576))]
    pub http_head_bytes: u32,
    /// Seconds that the body of a request may take; of an import ten times as many
    #[arg(long, env, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=25))]
    pub http_body_s: u32,
    /// Seconds that a connection may take none of an answer that is there for it
    #[arg(long, env, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub http_answer_s: u32,
    /// The highest `maxConcurrentCalls` a campaign may ask for
    #[arg(long, env, default_value_t = Limits::default().max_concurrent_calls,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_concurrent_calls_limit: u32,
    /// Clients that one process lets watch at the same time
    #[arg(long, env, default_value_t = LiveLimits::default().clients_max,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub live_clients_max: u32,
    /// Seconds without a sign of life after which a client that watches is gone; it is pinged three times meanwhile
    #[arg(long, env, default_value_t = 60, value_parser = clap::value_parser!(u32).range(3..=3_600))]
    pub live_silence_s: u32,
}

/// The configuration of a command that only needs the database.
#[derive(Clone, Debug, Args)]
pub struct DatabaseArgs {
    /// The database: `sqlite://FILE?mode=rwc` or `postgres://USER:PASSWORD@HOST/NAME`
    #[arg(
        long,
        env,
        default_value = "sqlite://dialer.sqlite?mode=rwc",
        hide_env_values = true
    )]
    pub database_url: SecretUrl,
}

impl Config {
    /// Where to listen.
    #[must_use]
    pub fn bind(&self) -> SocketAddr {
        match (self.bind_addr, self.port) {
            (Some(address), _) => address,
            (None, Some(port)) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
            (None, None) => BIND_DEFAULT,
        }
    }

    /// What connections may cost, where the system has room for `connections_max` of them.
    #[must_use]
    pub fn connection_limits(&self, connections_max: usize) -> ConnectionLimits {
        ConnectionLimits {
            connections_max,
            head: Duration::from_secs(u64::from(self.http_head_s)),
            head_bytes: usize::try_from(self.http_head_bytes).unwrap_or(usize::MAX),
            stall: Duration::from_secs(u64::from(self.http_answer_s)),
        }
    }

    /// How long bodies may take.
    #[must_use]
    pub fn body_times(&self) -> BodyTimes {
        BodyTimes::new(Duration::from_secs(u64::from(self.http_body_s)))
    }

    /// What the use cases are told.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            jwt_secret: self.jwt_secret.clone(),
            limits: Limits {
                max_concurrent_calls: self.max_concurrent_calls_limit,
            },
            live: LiveLimits {
                clients_max: self.live_clients_max,
            },
            outbound: OutboundDefaults {
                phone_number: self.outbound_phone_number.clone(),
                agent_id: self.outbound_agent_id.clone(),
            },
        }
    }

    /// Refuses what cannot be meant, before anything is started.
    ///
    /// # Errors
    /// Names the key and says what to do.
    pub fn check(&self) -> Result<(), ConfigError> {
        let too_short = |secret: &Option<SecretString>, min: usize| {
            let length = secret.as_ref().map(|secret| secret.expose_secret().len());
            length.is_some_and(|length| length < min)
        };
        for (key, token) in [
            ("ADMIN_TOKEN", &self.admin_token),
            ("METRICS_TOKEN", &self.metrics_token),
            (
                "ELEVENLABS_TOOLS_TOKEN",
                &self.service.providers.elevenlabs_tools_token,
            ),
        ] {
            if too_short(token, TOKEN_CHARS_MIN) {
                let problem =
                    format!("must have at least {TOKEN_CHARS_MIN} characters, or be left out");
                return Err(ConfigError::new(key, problem));
            }
        }
        if too_short(&self.jwt_secret, JWT_SECRET_BYTES_MIN) {
            let problem =
                format!("must have at least {JWT_SECRET_BYTES_MIN} characters, or be left out");
            return Err(ConfigError::new("JWT_SECRET", problem));
        }
        let accounts = &self.service.providers;
        for (key, secrets) in [
            ("SIGNALWIRE_SIGNING_KEY", &accounts.signalwire_signing_key),
            (
                "ELEVENLABS_WEBHOOK_SECRET",
                &accounts.elevenlabs_webhook_secret,
            ),
        ] {
            let is_empty = |secret: &SecretString| secret.expose_secret().trim().is_empty();
            if secrets.iter().any(is_empty) {
                let problem =
                    "holds an empty one, which signs nothing; fill it in, or leave the key out";
                return Err(ConfigError::new(key, problem));
            }
        }
        self.check_single_calls()?;
        self.service.deepgram.check()?;
        if let Some(url) = self.service.public_url.as_ref().filter(|url| !is_web(url)) {
            let problem = format!("{url} must be http:// or https://, without query");
            return Err(ConfigError::new("PUBLIC_URL", problem));
        }
        if self.service.carrier() == CarrierChoice::Simulator {
            // Its keys are made with it.
            return Ok(());
        }
        self.service.check_accounts()?;
        let is_reached = |url: &url::Url| self.service.public_url.is_some() || is_loopback(url);
        let exotel = &accounts.exotel.exotel_base_url;
        let is_lost = (self.service.has_signalwire()
            && !is_reached(&self.service.signalwire_base_url()?))
            || (self.service.has_exotel() && !is_reached(exotel));
        if is_lost {
            let problem = "is missing; carriers report to the API, say where they reach it";
            return Err(ConfigError::new("PUBLIC_URL", problem));
        }
        self.service.check_signatures(self.bind())
    }
}

impl Config {
    fn check_single_calls(&self) -> Result<(), ConfigError> {
        if let Some(number) = &self.outbound_phone_number
            && let Err(error) = PhoneNumber::parse(number, None)
        {
            return Err(ConfigError::new("OUTBOUND_PHONE_NUMBER", error.to_string()));
        }
        let agent = self.outbound_agent_id.as_deref();
        if agent.is_some_and(|agent| agent.trim().is_empty()) {
            let problem = "is empty; fill it in, or leave the key out".to_owned();
            return Err(ConfigError::new("OUTBOUND_AGENT_ID", problem));
        }
        Ok(())
    }
}

fn is_web(url: &url::Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none()
}
