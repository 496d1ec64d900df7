//! SignalWire's Compatibility API: places, looks up and ends calls, lists numbers.
//!
//! What SignalWire sends us is read in [`status`], believed on the strength of [`signature`], and answered with the
//! documents of [`cxml`].

pub mod cxml;
mod errors;
mod fields;
mod list;
mod lookup;
pub mod recording;
pub mod signature;
pub mod status;
mod wire;

use std::time::Duration;

use anyhow::anyhow;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::{Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::Url;

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

/// How to reach SignalWire, and as whom.
#[derive(Clone, Debug)]
pub struct SignalWireConfig {
    /// The API with its path, for example `https://example.signalwire.com/api/laml/2010-04-01`.
    pub base_url: Url,
    /// The project's id: the user name, and the account in every path.
    pub project_id: String,
    /// An API token of the project. Not the signing key of its webhooks.
    pub api_token: SecretString,
    /// Longest wait for the answer to "place this call". Long: giving up leaves us in doubt.
    pub place_timeout: Duration,
    /// Longest wait for the answer to anything else.
    pub request_timeout: Duration,
}

impl SignalWireConfig {
    /// Ten seconds; what [`place_timeout`](Self::place_timeout) should be unless there is a reason.
    pub const PLACE_TIMEOUT: Duration = Duration::from_secs(10);
    /// Ten seconds; what [`request_timeout`](Self::request_timeout) should be unless there is a reason.
    pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
}

/// The places below [`PlaceCall::webhook_base`] at which SignalWire calls us.
///
/// The address is part of what SignalWire signs, so whoever verifies a signature must build it here too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Callback {
    /// The call was answered: what shall be done with it?
    Answer,
    /// The call went on to another status.
    Status,
    /// Machine detection came to a result.
    MachineDetection,
    /// The leg dialled by one of our documents is over: what next?
    DialResult,
    /// The call is to be handed on: to whom?
    Transfer,
    /// The leg to whom it was handed on is over: what next?
    TransferResult,
    /// There is a recording.
    Recording,
}

impl Callback {
    /// The last segment of the address.
    #[must_use]
    pub const fn segment(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Status => "status",
            Self::MachineDetection => "amd",
            Self::DialResult => "dial-result",
            Self::Transfer => "transfer",
            Self::TransferResult => "transfer-result",
            Self::Recording => "recording",
        }
    }

    /// The whole address.
    #[must_use]
    pub fn url(self, webhook_base: &Url) -> Url {
        http::join(webhook_base, [self.segment()])
    }
}

/// A client of one project; cheap to share, keeps its connections.
#[derive(Clone, Debug)]
pub struct SignalWire {
    http: reqwest::Client,
    config: SignalWireConfig,
    account_url: Url,
}

impl SignalWire {
    /// Builds the client; does not connect.
    ///
    /// # Errors
    /// [`ConfigError`] names the field that cannot work.
    pub fn new(config: SignalWireConfig) -> Result<Self, ConfigError> {
        let shortest = config.place_timeout.min(config.request_timeout);
        for (key, empty) in [
            ("project_id", config.project_id.is_empty()),
            ("api_token", config.api_token.expose_secret().is_empty()),
            ("place_timeout", config.place_timeout.is_zero()),
            ("request_timeout", config.request_timeout.is_zero()),
        ] {
            if empty {
                return Err(ConfigError {
                    key,
                    problem: "must not be empty or zero".to_owned(),
                });
            }
        }
        let base = http::checked_base(config.base_url.clone())?;
        let http = http::client(&base, CONNECT_TIMEOUT_MAX.min(shortest / 2))?;
        let account_url = http::join(&base, ["Accounts", &config.project_id]);
        Ok(Self {
            http,
            config,
            account_url,
        })
    }

    fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.http
            .request(method, url)
            .basic_auth(
                &self.config.project_id,
                Some(self.config.api_token.expose_secret()),
            )
            .timeout(self.config.request_timeout)
    }

    fn call_url(&self, carrier_call_id: &str) -> Url {
        http::join(&self.account_url, ["Calls", carrier_call_id])
    }

    /// Asks for one JSON object. `Ok(None)` where SignalWire does not know it.
    async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<Option<T>, CarrierError> {
        carrier_http::get(self.request(Method::GET, url), errors::refused).await
    }

    /// Asks for a change of a call.
    async fn update(&self, call: &str, form: &[(&str, &str)]) -> Result<Updated, CarrierError> {
        let request = self.request(Method::POST, self.call_url(call)).form(form);
        let answer = carrier_http::ask(request).await?;
        if answer.status.is_success() {
            return Ok(Updated::Done);
        }
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(Updated::NotFound);
        }
        if errors::is_about_the_calls_state(&answer) {
            return Ok(Updated::NotInThisState);
        }
        Err(errors::refused(&answer))
    }

    /// Asks for the end of a call. `Ok(false)` where SignalWire refuses because of the status the call has.
    async fn update_status(&self, call: &str, status: &str) -> Result<bool, CarrierError> {
        let updated = self.update(call, &[("Status", status)]).await?;
        Ok(updated != Updated::NotInThisState)
    }
}

/// What became of a change of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Updated {
    Done,
    /// SignalWire does not know the call.
    NotFound,
    /// SignalWire refuses because of the status the call has.
    NotInThisState,
}

#[async_trait]
impl Carrier for SignalWire {
    fn kind(&self) -> CarrierKind {
        CarrierKind::SignalWire
    }

    async fn place(&self, call: &PlaceCall) -> Result<Placed, PlaceError> {
        let request = self
            .request(Method::POST, http::join(&self.account_url, ["Calls"]))
            .form(&wire::create_form(call))
            .timeout(self.config.place_timeout);
        let answer = carrier_http::ask_to_place(request).await?;
        if answer.status.is_success() {
            placed(answer)
        } else {
            Err(errors::not_placed(&answer))
        }
    }

    async fn calls_since(&self, since: DateTime<Utc>) -> Result<Vec<ListedCall>, CarrierError> {
        self.all_calls_since(since).await
    }

    async fn look_up(&self, key: &CallKey) -> Result<LookedUp, CarrierError> {
        match &key.carrier_call_id {
            Some(carrier_call_id) => self.look_up_by_id(carrier_call_id).await,
            None => self.look_up_by_numbers(key).await,
        }
    }

    async fn hang_up(&self, carrier_call_id: &str) -> Result<(), CarrierError> {
        // A call that still rings may have to be canceled, one that was answered completed; which of the two it is can
        // change between our requests, and a refusal does not say why. So: ask for both, then look.
        if self.update_status(carrier_call_id, "completed").await?
            || self.update_status(carrier_call_id, "canceled").await?
        {
            return Ok(());
        }
        let call: Option<wire::Call> = self.get(self.call_url(carrier_call_id)).await?;
        match call {
            Some(call) if !call.status().is_final() => Err(CarrierError::Retryable {
                not_before: None,
                source: anyhow!(
                    "SignalWire neither completes nor cancels a call that is {}",
                    call.status()
                ),
            }),
            _ => Ok(()),
        }
    }

    async fn redirect(&self, carrier_call_id: &str, document: &Url) -> Result<bool, CarrierError> {
        let form = [("Url", document.as_str()), ("Method", "POST")];
        let updated = self.update(carrier_call_id, &form).await?;
        Ok(updated == Updated::Done)
    }

    async fn open_recording(&self, kept: &KeptRecording) -> Result<Option<Sound>, CarrierError> {
        let elsewhere = |url| self.http.request(Method::GET, url);
        let request = if sound::is_at(&self.account_url, &kept.url) {
            self.request(Method::GET, kept.url.clone())
        } else {
            elsewhere(kept.url.clone())
        };
        sound::open(request, elsewhere).await
    }

    async fn list_numbers(&self) -> Result<Vec<CarrierNumber>, CarrierError> {
        self.all_numbers().await
    }
}

/// Reads the name of the call out of an acceptance: an acceptance we cannot read is a call we cannot name.
fn placed(answer: Answer) -> Result<Placed, PlaceError> {
    let body = answer
        .body
        .map_err(|e| PlaceError::Ambiguous(e.into_source()))?;
    let call: wire::Call =
        serde_json::from_slice(&body).map_err(|e| PlaceError::Ambiguous(e.into()))?;
    carrier_http::placed(call.sid, "SignalWire")
}
