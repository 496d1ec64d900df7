//! The account at Exotel: flags, or environment variables of the same name.

use carriers::exotel::{CallerIdForm, token};
use carriers::{Exotel, ExotelConfig};
use chrono::FixedOffset;
use clap::Args;
use domain::Region;
use secrecy::SecretString;
use url::Url;

use crate::config::ConfigError;

/// The account at Exotel; numbers of Exotel are called from through it.
#[derive(Clone, Debug, Args)]
pub struct ExotelAccount {
    /// Exotel's API: its host in Singapore, or `https://api.in.exotel.com` (Mumbai)
    #[arg(long, env, default_value = "https://api.exotel.com")]
    pub exotel_base_url: Url,
    /// The account's SID at Exotel
    #[arg(long, env)]
    pub exotel_account_sid: Option<String>,
    /// An API key of the account
    #[arg(long, env, hide_env_values = true)]
    pub exotel_api_key: Option<SecretString>,
    /// Its token
    #[arg(long, env, hide_env_values = true)]
    pub exotel_api_token: Option<SecretString>,
    /// The flow that holds the agent: `http://my.exotel.com/SID/exoml/start_voice/APP_ID`
    #[arg(long, env)]
    pub exotel_flow_url: Option<Url>,
    /// What makes the addresses that Exotel calls back unguessable, 24 to 128 letters and digits; two, separated by a comma,
    /// while it is being changed: the first is handed out
    #[arg(long, env, hide_env_values = true, value_delimiter = ',')]
    pub exotel_webhook_token: Vec<SecretString>,
    /// Where numbers without a country code belong
    #[arg(long, env, default_value = "IN")]
    pub exotel_region: Region,
    /// How far the clock behind Exotel's dates is ahead of UTC, in minutes; corrected by what Exotel answers
    #[arg(long, env, default_value_t = 330, allow_negative_numbers = true,
          value_parser = clap::value_parser!(i32).range(-840..=840))]
    pub exotel_utc_offset_min: i32,
    /// What Exotel's prices are in
    #[arg(long, env, default_value = "INR")]
    pub exotel_currency: String,
    /// Calls per second that the account takes, of the 200 requests of all kinds per minute
    #[arg(long, env, default_value_t = 1.5, value_parser = crate::flag_values::positive)]
    pub exotel_calls_per_second: f64,
}

impl ExotelAccount {
    /// True where anything of an account is given: then all of it must be.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.exotel_account_sid.is_some()
            || self.exotel_api_key.is_some()
            || self.exotel_api_token.is_some()
    }

    /// The keys without which no call can be placed, and whether they are given.
    pub(crate) fn needed(&self) -> [(&'static str, bool); 5] {
        [
            ("EXOTEL_ACCOUNT_SID", self.exotel_account_sid.is_some()),
            ("EXOTEL_API_KEY", self.exotel_api_key.is_some()),
            ("EXOTEL_API_TOKEN", self.exotel_api_token.is_some()),
            ("EXOTEL_FLOW_URL", self.exotel_flow_url.is_some()),
            (
                "EXOTEL_WEBHOOK_TOKEN",
                !self.exotel_webhook_token.is_empty(),
            ),
        ]
    }

    /// The client of the account, whose calls end after `talk_s_max` seconds.
    ///
    /// # Errors
    /// Which key cannot be meant.
    pub fn client(&self, talk_s_max: u32) -> Result<Exotel, ConfigError> {
        for secret in &self.exotel_webhook_token {
            token::check(secret)
                .map_err(|error| ConfigError::new("EXOTEL_WEBHOOK_TOKEN", error.problem))?;
        }
        let Some(flow_url) = self.exotel_flow_url.clone() else {
            return Err(ConfigError::new("EXOTEL_FLOW_URL", "is missing"));
        };
        let offset = FixedOffset::east_opt(self.exotel_utc_offset_min * 60);
        let config = ExotelConfig {
            base_url: self.exotel_base_url.clone(),
            account_sid: self.exotel_account_sid.clone().unwrap_or_default(),
            api_key: self.exotel_api_key.clone().unwrap_or_default(),
            api_token: self.exotel_api_token.clone().unwrap_or_default(),
            flow_url,
            region: self.exotel_region,
            caller_id_form: CallerIdForm::default(),
            utc_offset: offset.unwrap_or(FixedOffset::east_opt(0).expect("UTC is an offset")),
            currency: self.exotel_currency.clone(),
            time_limit_s: talk_s_max,
            place_timeout: ExotelConfig::PLACE_TIMEOUT,
            request_timeout: ExotelConfig::REQUEST_TIMEOUT,
        };
        Exotel::new(config).map_err(|error| {
            let key = match error.key {
                "account_sid" => "EXOTEL_ACCOUNT_SID",
                "api_key" => "EXOTEL_API_KEY",
                "api_token" => "EXOTEL_API_TOKEN",
                "flow_url" => "EXOTEL_FLOW_URL",
                "currency" => "EXOTEL_CURRENCY",
                "time_limit_s" => "TALK_S_MAX",
                _ => "EXOTEL_BASE_URL",
            };
            ConfigError::new(key, error.problem)
        })
    }
}
