//! How dialing behaves, as flags say it.

use clap::{Args, ValueEnum};

use crate::breaker::BreakerConfig;
use crate::flag_values::positive;

/// How a call reaches its agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RouteChoice {
    /// A media stream that the agent's provider describes.
    #[default]
    Stream,
    /// The carrier dials the agent over SIP.
    Sip,
    /// The agent's provider calls by itself.
    Agent,
}

/// How dialing behaves.
#[derive(Clone, Debug, Args)]
pub struct BehaviourConfig {
    /// How a call reaches its agent where its campaign does not say
    #[arg(long, env, value_enum, default_value_t)]
    pub call_route: RouteChoice,
    /// Calls per second that the account at SignalWire takes
    #[arg(long, env, default_value_t = Self::default().carrier_calls_per_second, value_parser = positive)]
    pub carrier_calls_per_second: f64,
    /// Starts per second and slot of a campaign, after a burst of all its slots
    #[arg(long, env, default_value_t = Self::default().campaign_starts_per_slot, value_parser = positive)]
    pub campaign_starts_per_slot: f64,
    /// Seconds of ringing before the carrier gives up
    #[arg(long, env, default_value_t = Self::default().ring_timeout_s, value_parser = clap::value_parser!(u16).range(5..=600))]
    pub ring_timeout_s: u16,
    /// Whether the carrier records calls where neither `agentConfig.record` nor the request of a single call says
    #[arg(long, env, default_value_t = Self::default().record_calls, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true")]
    pub record_calls: bool,
    /// The longest talk, in seconds; then the call is hung up
    #[arg(long, env, default_value_t = Self::default().talk_s_max, value_parser = clap::value_parser!(u32).range(10..=14_400))]
    pub talk_s_max: u32,
    /// Seconds without news after which the carrier is asked about a call
    #[arg(long, env, default_value_t = Self::default().call_check_after_s, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub call_check_after_s: u32,
    /// Seconds after which a call that the carrier does not know never took place; at least 20
    #[arg(long, env, default_value_t = Self::default().call_lost_after_s, value_parser = clap::value_parser!(u32).range(20..=3_600))]
    pub call_lost_after_s: u32,
    /// Seconds for which a contact waits for its conversation's report after the call
    #[arg(long, env, default_value_t = Self::default().conversation_wait_s, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub conversation_wait_s: u32,
    /// Seconds after the end of a call until the carrier is asked what it cost; again after 6 and 45 times as long
    #[arg(long, env, default_value_t = Self::default().call_price_after_s, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub call_price_after_s: u32,
    /// When a failing carrier is left alone
    #[command(flatten)]
    pub breaker: BreakerConfig,
    /// For rehearsals against a carrier on loopback: how long a minute of `retryDelay` and `delayMinutes` lasts
    #[arg(long, env, default_value_t = Self::default().retry_minute_ms, value_parser = clap::value_parser!(u32).range(1..=60_000))]
    pub retry_minute_ms: u32,
}

/// What production runs on, as the flags say it.
impl Default for BehaviourConfig {
    fn default() -> Self {
        Self {
            call_route: RouteChoice::default(),
            carrier_calls_per_second: 1.0,
            campaign_starts_per_slot: 1.0,
            ring_timeout_s: 30,
            record_calls: false,
            talk_s_max: 3_600,
            call_check_after_s: 30,
            call_lost_after_s: 45,
            conversation_wait_s: 600,
            call_price_after_s: 20,
            breaker: BreakerConfig::default(),
            retry_minute_ms: 60_000,
        }
    }
}
