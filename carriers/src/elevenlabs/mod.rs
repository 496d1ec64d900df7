//! ElevenLabs Agents: announces calls, calls people itself, fetches and finds conversations.
//!
//! What ElevenLabs sends us is read in [`webhook`] and believed on the strength of [`signature`]; what it says of a
//! conversation, asked or unasked, is understood in [`conversation`].

mod catalogue;
pub mod conversation;
mod errors;
pub mod outbound;
pub mod signature;
pub mod webhook;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

pub use self::conversation::DataCollectionIds;
use self::errors::Asked;
use crate::agent::{
    AgentError, ConversationQuery, ConversationReport, PlatformAgent, PlatformNumber, RegisterCall,
    VoiceAgents,
};
use crate::event::ConfigError;
use crate::http::{self, Answer, NoBody};

/// The word for tables and answers.
pub const NAME: &str = "elevenlabs";

/// Longest answer document, in bytes: what SignalWire accepts.
const DOCUMENT_MAX: usize = 64 * 1024;

/// Longest list of conversations read, in bytes.
const LIST_MAX: usize = 1 << 20;

/// Longest conversation read, in bytes, wherever it comes from. An hour of talk with tool calls has about one million.
pub(crate) const CONVERSATION_MAX: usize = 8 << 20;

/// Longest wait for a connection; less where the request's own timeout is less than twice as long.
const CONNECT_TIMEOUT_MAX: Duration = Duration::from_secs(5);

/// How much earlier than our call ElevenLabs' clock may date the conversation.
const CLOCK_SLACK: TimeDelta = TimeDelta::seconds(60);

/// How to reach ElevenLabs, and as whom.
#[derive(Clone, Debug)]
pub struct ElevenLabsConfig {
    /// The API's host, for example `https://api.elevenlabs.io` or a residency host.
    pub base_url: Url,
    /// The workspace's API key. Not the secret of its webhooks.
    pub api_key: SecretString,
    /// Longest wait for an answer document. Short: the person called is listening, and the carrier gives up after 5 s.
    pub register_timeout: Duration,
    /// Longest wait for the answer to anything else.
    pub request_timeout: Duration,
    /// Under which names the agents note what a person asked for.
    pub data_ids: DataCollectionIds,
}

impl ElevenLabsConfig {
    /// Three seconds; what [`register_timeout`](Self::register_timeout) should be unless there is a reason.
    pub const REGISTER_TIMEOUT: Duration = Duration::from_secs(3);
    /// Ten seconds; what [`request_timeout`](Self::request_timeout) should be unless there is a reason.
    pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
}

/// A client of one workspace; cheap to share, keeps its connections.
#[derive(Clone, Debug)]
pub struct ElevenLabs {
    http: reqwest::Client,
    config: ElevenLabsConfig,
    base: Url,
}

impl ElevenLabs {
    /// Builds the client; does not connect.
    ///
    /// # Errors
    /// [`ConfigError`] names the field that cannot work.
    pub fn new(config: ElevenLabsConfig) -> Result<Self, ConfigError> {
        for (key, empty) in [
            ("api_key", config.api_key.expose_secret().is_empty()),
            ("register_timeout", config.register_timeout.is_zero()),
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
        let shortest = config.register_timeout.min(config.request_timeout);
        let http = http::client(&base, CONNECT_TIMEOUT_MAX.min(shortest / 2))?;
        Ok(Self { http, config, base })
    }

    /// The names under which this client reads a person's wishes; for [`webhook::parse`].
    #[must_use]
    pub fn data_ids(&self) -> &DataCollectionIds {
        &self.config.data_ids
    }

    fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.http
            .request(method, url)
            .header("xi-api-key", self.config.api_key.expose_secret())
            .timeout(self.config.request_timeout)
    }

    fn url<const N: usize>(&self, segments: [&str; N]) -> Url {
        http::join(&self.base, ["v1", "convai"].into_iter().chain(segments))
    }

    async fn get<T: DeserializeOwned>(
        &self,
        url: Url,
        body_max: usize,
        asked: Asked,
    ) -> Result<T, AgentError> {
        let answer = send(self.request(Method::GET, url), body_max, asked).await?;
        serde_json::from_slice(&answer).map_err(|e| AgentError::Unreadable(e.into()))
    }
}

/// Sends a request and returns the body of a success.
async fn send(
    request: RequestBuilder,
    body_max: usize,
    asked: Asked,
) -> Result<Vec<u8>, AgentError> {
    let answer: Answer =
        http::exchange(request, body_max)
            .await
            .map_err(|e| AgentError::Retryable {
                not_before: None,
                source: e.into_source(),
            })?;
    if !answer.status.is_success() {
        return Err(errors::refused(&answer, asked));
    }
    answer.body.map_err(|no_body| match no_body {
        NoBody::CutOff(source) => AgentError::Retryable {
            not_before: None,
            source,
        },
        NoBody::TooLong(source) => AgentError::Unreadable(source),
    })
}

#[async_trait]
impl VoiceAgents for ElevenLabs {
    async fn register_call(&self, call: &RegisterCall) -> Result<String, AgentError> {
        let request = self
            .request(Method::POST, self.url(["twilio", "register-call"]))
            .json(&wire::RegisterCallBody::from(call))
            .timeout(self.config.register_timeout);
        let body = send(request, DOCUMENT_MAX, Asked::ForAnAgent).await?;
        wire::answer_document(body).map_err(AgentError::Unreadable)
    }

    async fn conversation(&self, conversation_id: &str) -> Result<ConversationReport, AgentError> {
        let url = self.url(["conversations", conversation_id]);
        let raw: Value = self
            .get(url, CONVERSATION_MAX, Asked::AboutConversations)
            .await?;
        conversation::report(raw, &self.config.data_ids)
            .map_err(|e| AgentError::Unreadable(e.into()))
    }

    async fn find_conversation(
        &self,
        query: &ConversationQuery,
    ) -> Result<Option<String>, AgentError> {
        let call_id = query.call_id.to_string();
        let since = (query.since - CLOCK_SLACK).timestamp().to_string();
        let mut url = self.url(["conversations"]);
        url.query_pairs_mut()
            .append_pair("agent_id", &query.agent_id)
            .append_pair("user_id", &call_id)
            .append_pair("call_start_after_unix", &since)
            // One call has one conversation, a few where its answer document was fetched again.
            .append_pair("page_size", "30");
        let page: Result<wire::ConversationPage, _> =
            self.get(url, LIST_MAX, Asked::AboutConversations).await;
        match page {
            Ok(page) => Ok(page.best_for(&call_id)),
            // A list that is not found is the list of an agent that is not.
            Err(AgentError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
    async fn list_agents(&self) -> Result<Vec<PlatformAgent>, AgentError> {
        self.all_agents().await
    }

    async fn list_numbers(&self) -> Result<Vec<PlatformNumber>, AgentError> {
        self.all_numbers(None).await
    }
}
