//! Deepgram: writes down what recordings say.
//!
//! Source: Deepgram, "Pre-recorded audio", "Errors", "API rate limits".

mod errors;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use crate::event::ConfigError;
use crate::http::{self, NoBody};
use crate::transcriber::{Recording, TranscribeError, Transcriber, Transcription};

/// Longest answer read, in bytes. An hour of talk has about four million, most of it times of single words.
const BODY_MAX: usize = 16 << 20;

/// Longest wait for a connection; less where the request's own timeout is less than twice as long.
const CONNECT_TIMEOUT_MAX: Duration = Duration::from_secs(5);

/// How to reach Deepgram, and as whom.
#[derive(Clone, Debug)]
pub struct DeepgramConfig {
    /// The API's host: `https://api.deepgram.com`, or that of a region.
    pub base_url: Url,
    /// The project's API key.
    pub api_key: SecretString,
    /// The model that listens, for example `nova-3`.
    pub model: String,
    /// Longest wait for a transcription. Long: Deepgram answers when it has heard everything.
    pub timeout: Duration,
}

impl DeepgramConfig {
    /// What [`model`](Self::model) should be unless there is a reason.
    pub const MODEL: &str = "nova-3";
    /// Two minutes; what [`timeout`](Self::timeout) should be unless there is a reason. An hour of sound takes less than
    /// one.
    pub const TIMEOUT: Duration = Duration::from_secs(120);
}

/// A client of one project; cheap to share, keeps its connections.
#[derive(Clone, Debug)]
pub struct Deepgram {
    http: reqwest::Client,
    config: DeepgramConfig,
    base: Url,
}

impl Deepgram {
    /// Builds the client; does not connect.
    ///
    /// # Errors
    /// [`ConfigError`] names the field that cannot work.
    pub fn new(config: DeepgramConfig) -> Result<Self, ConfigError> {
        for (key, empty) in [
            ("api_key", config.api_key.expose_secret().is_empty()),
            ("model", config.model.is_empty()),
            ("timeout", config.timeout.is_zero()),
        ] {
            if empty {
                return Err(ConfigError {
                    key,
                    problem: "must not be empty or zero".to_owned(),
                });
            }
        }
        let base = http::checked_base(config.base_url.clone())?;
        let http = http::client(&base, CONNECT_TIMEOUT_MAX.min(config.timeout / 2))?;
        Ok(Self { http, config, base })
    }

    /// The address of the question, which holds everything but where the recording is.
    fn url(&self, recording: &Recording) -> Url {
        let mut url = http::join(&self.base, ["v1", "listen"]);
        let mut query = url.query_pairs_mut();
        query
            .append_pair("model", &self.config.model)
            .append_pair("smart_format", "true")
            .append_pair("utterances", "true");
        match recording.person_channel {
            Some(_) => query.append_pair("multichannel", "true"),
            None => query.append_pair("diarize", "true"),
        };
        match &recording.language {
            Some(language) => query.append_pair("language", language),
            None => query.append_pair("detect_language", "true"),
        };
        drop(query);
        url
    }
}

#[async_trait]
impl Transcriber for Deepgram {
    async fn transcribe(&self, recording: &Recording) -> Result<Transcription, TranscribeError> {
        let token = format!("Token {}", self.config.api_key.expose_secret());
        let request = self
            .http
            .request(Method::POST, self.url(recording))
            .header(AUTHORIZATION, token)
            .timeout(self.config.timeout)
            .json(&json!({"url": recording.url.as_str()}));
        let retryable = |source| TranscribeError::Retryable {
            not_before: None,
            source,
        };
        let answer = http::exchange(request, BODY_MAX)
            .await
            .map_err(|e| retryable(e.into_source()))?;
        if !answer.status.is_success() {
            return Err(errors::refused(&answer));
        }
        let body = answer.body.map_err(|no_body| match no_body {
            NoBody::CutOff(source) => retryable(source),
            NoBody::TooLong(source) => TranscribeError::Unreadable(source),
        })?;
        let heard: wire::Heard =
            serde_json::from_slice(&body).map_err(|e| TranscribeError::Unreadable(e.into()))?;
        Ok(heard.into_transcription(recording.person_channel))
    }
}
