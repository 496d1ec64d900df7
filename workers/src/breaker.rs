//! When a failing carrier is left alone: flags, or environment variables of the same name.

use chrono::TimeDelta;
use clap::Args;
use domain::breaker::BreakerRules;

use crate::flag_values::share;

/// When a failing carrier is left alone, and for how long.
#[derive(Clone, Debug, Args)]
pub struct BreakerConfig {
    /// Seconds within which faults of the carrier make a burst
    #[arg(long, env, default_value_t = Self::default().breaker_window_s, value_parser = clap::value_parser!(u32).range(2..=3_600))]
    pub breaker_window_s: u32,
    /// The fewest faults of the carrier that make a burst
    #[arg(long, env, default_value_t = Self::default().breaker_faults_min, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub breaker_faults_min: u32,
    /// The least share of faults among the carrier's answers that makes a burst
    #[arg(long, env, default_value_t = Self::default().breaker_fault_share, value_parser = share)]
    pub breaker_fault_share: f64,
    /// Seconds for which a carrier is left alone after a burst of its faults, and after each call that tries it in vain
    #[arg(long, env, default_value_t = Self::default().breaker_open_s, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub breaker_open_s: u32,
}

/// What production runs on, as the flags say it.
impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            breaker_window_s: 60,
            breaker_faults_min: 5,
            breaker_fault_share: 0.5,
            breaker_open_s: 30,
        }
    }
}

impl BreakerConfig {
    /// The rules that the engine goes by.
    #[must_use]
    pub fn rules(&self) -> BreakerRules {
        BreakerRules {
            window: TimeDelta::seconds(i64::from(self.breaker_window_s)),
            faults_min: self.breaker_faults_min,
            fault_share: self.breaker_fault_share,
            open_for: TimeDelta::seconds(i64::from(self.breaker_open_s)),
        }
    }
}
