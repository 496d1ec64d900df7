//! Exotel's Voice API, version 1: calls a person and connects whoever picks up with a flow of the account, which holds the
//! agent; looks calls up, lists numbers, finds recordings.
//!
//! What Exotel sends us is read in [`status`] and believed on the strength of [`token`]: Exotel signs nothing.
//!
//! Source: Exotel, "Connect Number to Call Flow", "Call Details", "Status Callback", "List All ExoPhones".

mod clock;
mod errors;
mod fields;
mod list;
mod lookup;
mod numbers;
pub mod status;
pub mod token;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, FixedOffset, Utc};
use domain::phone::Region;
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::Url;

use self::clock::Clock;
pub use self::numbers::CallerIdForm;
use crate::carrier::{
    CallKey, Carrier, CarrierError, CarrierNumber, ListedCall, LookedUp, PlaceCall, PlaceError,
    Placed,
};
use crate::carrier_http;
use crate::carrier_kind::CarrierKind;
use crate::event::ConfigError;
use crate::http::{self, Answer};
use crate::sound::{self, KeptRecording, Sound};

/// Longest wait for a connection; less where the request's own timeout is less than twice as long.
const CONNECT_TIMEOUT_MAX: Duration = Duration::from_secs(5);

/// The longest call Exotel allows, in seconds.
const TIME_LIMIT_S_MAX: u32 = 14_400;

/// How to reach Exotel, as whom, and how this account writes what Exotel leaves open.
#[derive(Clone, Debug)]
pub struct ExotelConfig {
    /// The API's host: `https://api.exotel.com` (Singapore) or `https://api.in.exotel.com` (Mumbai).
    pub base_url: Url,
    /// The account's SID, part of every path.
    pub account_sid: String,
    /// The API key: the user name. Old accounts use their SID.
    pub api_key: SecretString,
    /// The API token: the password.
    pub api_token: SecretString,
    /// The flow that holds the agent, `http://my.exotel.com/{sid}/exoml/start_voice/{app id}`.
    pub flow_url: Url,
    /// Where numbers without a country code belong.
    pub region: Region,
    /// How the number shown is written.
    pub caller_id_form: CallerIdForm,
    /// The clock behind Exotel's dates, which name no zone. Corrected by what Exotel answers, where that disagrees.
    pub utc_offset: FixedOffset,
    /// What prices are in, an ISO 4217 code: Exotel names no currency.
    pub currency: String,
    /// Seconds after which Exotel ends a call, 1 to 14,400. Nobody else can: version 1 has no way to hang up.
    pub time_limit_s: u32,
    /// Longest wait for the answer to "place this call". Long: giving up leaves us in doubt.
    pub place_timeout: Duration,
    /// Longest wait for the answer to anything else.
    pub request_timeout: Duration,
}

impl ExotelConfig {
    /// Ten seconds; what [`place_timeout`](Self::place_timeout) should be unless there is a reason.
    pub const PLACE_TIMEOUT: Duration = Duration::from_secs(10);
    /// Ten seconds; what [`request_timeout`](Self::request_timeout) should be unless there is a reason.
    pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
    /// Requests of all kinds per minute that Exotel answers for one account; beyond that comes 429.
    pub const REQUESTS_PER_MINUTE: u32 = 200;

    fn check(&self) -> Result<(), ConfigError> {
        let is_unset = |secret: &SecretString| secret.expose_secret().is_empty();
        for (key, is_empty) in [
            ("account_sid", self.account_sid.is_empty()),
            ("api_key", is_unset(&self.api_key)),
            ("api_token", is_unset(&self.api_token)),
            ("place_timeout", self.place_timeout.is_zero()),
            ("request_timeout", self.request_timeout.is_zero()),
        ] {
            if is_empty {
                return Err(ConfigError {
                    key,
                    problem: "must not be empty or zero".to_owned(),
                });
            }
        }
        let wrong = |key, problem: &str| {
            Err(ConfigError {
                key,
                problem: problem.to_owned(),
            })
        };
        if !matches!(self.flow_url.scheme(), "http" | "https") || self.flow_url.host().is_none() {
            return wrong("flow_url", "must be an http or https address");
        }
        if !(1..=TIME_LIMIT_S_MAX).contains(&self.time_limit_s) {
            return wrong("time_limit_s", "must be 1 to 14400 seconds");
        }
        if self.currency.len() != 3 || !self.currency.bytes().all(|b| b.is_ascii_alphabetic()) {
            return wrong("currency", "must be three letters, such as INR");
        }
        Ok(())
    }
}

/// The places below [`PlaceCall::webhook_base`] at which Exotel calls us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Callback {
    /// The call was answered, or is over.
    Status,
}

impl Callback {
    /// The last segment of the address.
    #[must_use]
    pub const fn segment(self) -> &'static str {
        match self {
            Self::Status => "status",
        }
    }

    /// The whole address.
    #[must_use]
    pub fn url(self, webhook_base: &Url) -> Url {
        http::join(webhook_base, [self.segment()])
    }
}

/// A client of one account; cheap to share, keeps its connections.
#[derive(Debug)]
pub struct Exotel {
    http: reqwest::Client,
    config: ExotelConfig,
    base: Url,
    clock: Clock,
}

impl Exotel {
    /// Builds the client; does not connect.
    ///
    /// # Errors
    /// [`ConfigError`] names the field that cannot work.
    pub fn new(config: ExotelConfig) -> Result<Self, ConfigError> {
        config.check()?;
        let base = http::checked_base(config.base_url.clone())?;
        let shortest = config.place_timeout.min(config.request_timeout);
        let http = http::client(&base, CONNECT_TIMEOUT_MAX.min(shortest / 2))?;
        let clock = Clock::new(config.utc_offset);
        Ok(Self {
            http,
            config,
            base,
            clock,
        })
    }

    fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.http
            .request(method, url)
            .basic_auth(
                self.config.api_key.expose_secret(),
                Some(self.config.api_token.expose_secret()),
            )
            .timeout(self.config.request_timeout)
    }

    /// An address below the account. Without `.json` at its end Exotel answers in XML.
    fn url<const N: usize>(&self, version: &str, segments: [&str; N]) -> Url {
        let account = [version, "Accounts", &self.config.account_sid];
        http::join(&self.base, account.into_iter().chain(segments))
    }

    /// Asks for one JSON object. `Ok(None)` where Exotel does not know it.
    async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<Option<T>, CarrierError> {
        carrier_http::get(self.request(Method::GET, url), errors::refused).await
    }

    /// Reads the name of the call out of an acceptance: an acceptance we cannot read is a call we cannot name.
    fn placed(&self, answer: Answer) -> Result<Placed, PlaceError> {
        if let Some(refusal) = errors::refused_in_spite_of_success(&answer) {
            return Err(refusal);
        }
        let body = answer
            .body
            .map_err(|e| PlaceError::Ambiguous(e.into_source()))?;
        let envelope: wire::CallEnvelope =
            serde_json::from_slice(&body).map_err(|e| PlaceError::Ambiguous(e.into()))?;
        if let Some(created) = envelope.call.date_created.as_deref() {
            self.clock.compare(created, Utc::now());
        }
        carrier_http::placed(envelope.call.sid, "Exotel")
    }
}

#[async_trait]
impl Carrier for Exotel {
    fn kind(&self) -> CarrierKind {
        CarrierKind::Exotel
    }

    /// Machine detection cannot be asked for: where Exotel looks, it says so by itself. Ringing is cut off at a minute,
    /// Exotel's longest.
    async fn place(&self, call: &PlaceCall) -> Result<Placed, PlaceError> {
        let request = self
            .request(Method::POST, self.url("v1", ["Calls", "connect.json"]))
            .form(&wire::connect_form(call, &self.config))
            .timeout(self.config.place_timeout);
        let answer = carrier_http::ask_to_place(request).await?;
        if answer.status.is_success() {
            self.placed(answer)
        } else {
            Err(errors::not_placed(&answer))
        }
    }

    async fn calls_since(&self, since: DateTime<Utc>) -> Result<Vec<ListedCall>, CarrierError> {
        self.all_calls_since(since).await
    }

    async fn look_up(&self, key: &CallKey) -> Result<LookedUp, CarrierError> {
        match &key.carrier_call_id {
            Some(sid) => self.look_up_by_id(sid, Some(key.begun_at)).await,
            None => self.look_up_by_numbers(key).await,
        }
    }

    /// Exotel's version 1 cannot end a call. `Ok` where it is over or unknown, else [`CarrierError::Refused`]: it goes on
    /// until somebody hangs up or [`ExotelConfig::time_limit_s`] is over.
    async fn hang_up(&self, carrier_call_id: &str) -> Result<(), CarrierError> {
        match self.look_up_by_id(carrier_call_id, None).await? {
            LookedUp::Found(calls) if calls.iter().any(|call| !status::is_final(&call.status)) => {
                Err(errors::not_possible("end a call"))
            }
            LookedUp::Found(_) | LookedUp::NotFound => Ok(()),
        }
    }

    /// Not possible at Exotel: `Ok(false)` where the call is over or unknown, else [`CarrierError::Refused`].
    async fn redirect(&self, carrier_call_id: &str, _: &Url) -> Result<bool, CarrierError> {
        match self.look_up_by_id(carrier_call_id, None).await? {
            LookedUp::Found(calls) if calls.iter().any(|call| !status::is_final(&call.status)) => {
                Err(errors::not_possible("give a call another document"))
            }
            LookedUp::Found(_) | LookedUp::NotFound => Ok(false),
        }
    }

    /// By an address that Exotel gives for a while, and that needs no credentials.
    async fn open_recording(&self, kept: &KeptRecording) -> Result<Option<Sound>, CarrierError> {
        let Some(open) = self.recording(&kept.carrier_call_id).await? else {
            return Ok(None);
        };
        let elsewhere = |url| self.http.request(Method::GET, url);
        sound::open(elsewhere(open), elsewhere).await
    }

    async fn list_numbers(&self) -> Result<Vec<CarrierNumber>, CarrierError> {
        self.all_numbers().await
    }
}
