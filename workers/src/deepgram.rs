//! How recordings are listened to: the account at Deepgram, and how much is asked of it.

use std::time::Duration;

use clap::Args;
use engine::TranscribingConfig;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::config::ConfigError;
use crate::flag_values::share;

/// The account at Deepgram, which listens to recordings of calls that brought no transcript.
#[derive(Clone, Debug, Args)]
pub struct DeepgramArgs {
    /// The API's host
    #[arg(long, env, default_value = "https://api.deepgram.com")]
    pub deepgram_base_url: Url,
    /// The project's API key; without one recordings are not listened to
    #[arg(long, env, hide_env_values = true)]
    pub deepgram_api_key: Option<SecretString>,
    /// The model that listens
    #[arg(long, env, default_value = "nova-3")]
    pub deepgram_model: String,
    /// What is spoken in recordings, e.g. en or hi; without it Deepgram finds out
    #[arg(long, env)]
    pub deepgram_language: Option<String>,
    /// Recordings that Deepgram listens to at once, for all processes together; below the project's limit
    #[arg(long, env, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub deepgram_max_connections: u32,
    /// The longest time Deepgram may take for one recording, in seconds
    #[arg(long, env, default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub deepgram_timeout_s: u32,
    /// Seconds after Deepgram failed with a recording until it is asked again; then 4, 20, 120 and 720 times as long
    #[arg(long, env, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub deepgram_retry_after_s: u32,
    /// The part of the connections in use, from 0 to 1, from which the pool shows `warning`
    #[arg(long, env, default_value_t = 0.8, value_parser = share)]
    pub deepgram_warning_at: f64,
    /// The part from which it shows `critical`
    #[arg(long, env, default_value_t = 0.95, value_parser = share)]
    pub deepgram_critical_at: f64,
}

impl DeepgramArgs {
    /// True where recordings are listened to.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.deepgram_api_key.is_some()
    }

    /// Refuses what cannot be meant.
    ///
    /// # Errors
    /// Names the key and says what to do.
    pub fn check(&self) -> Result<(), ConfigError> {
        let empty = |text: &str| text.trim().is_empty();
        let key = self.deepgram_api_key.as_ref();
        let fill_in = "is empty; fill it in, or leave the key out";
        for (name, is_empty) in [
            (
                "DEEPGRAM_API_KEY",
                key.is_some_and(|key| empty(key.expose_secret())),
            ),
            ("DEEPGRAM_MODEL", empty(&self.deepgram_model)),
            (
                "DEEPGRAM_LANGUAGE",
                self.deepgram_language.as_deref().is_some_and(empty),
            ),
        ] {
            if is_empty {
                return Err(ConfigError::new(name, fill_in));
            }
        }
        if self.deepgram_warning_at > self.deepgram_critical_at {
            let problem = "must not be above DEEPGRAM_CRITICAL_AT";
            return Err(ConfigError::new("DEEPGRAM_WARNING_AT", problem));
        }
        Ok(())
    }

    pub(crate) fn transcribing(&self) -> TranscribingConfig {
        TranscribingConfig {
            at_once_max: self.deepgram_max_connections,
            language: self.deepgram_language.clone(),
            timeout: Duration::from_secs(u64::from(self.deepgram_timeout_s)),
            retry_after_s: self.deepgram_retry_after_s,
            warning_at: self.deepgram_warning_at,
            critical_at: self.deepgram_critical_at,
        }
    }
}
