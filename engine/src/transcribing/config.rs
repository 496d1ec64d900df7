//! The figures that listening to recordings goes by.

use std::time::Duration;

use chrono::TimeDelta;

/// How long a claim outlives the longest question, so that the answer can be taken in.
const CLAIM_SLACK: TimeDelta = TimeDelta::seconds(30);
/// How long after each try in vain the next one comes: so many times `retry_after_s`. With 30 s: after 30 s, 2 min, 10 min,
/// 1 h and 6 h. Then never again.
const WAITS: [i64; 5] = [1, 4, 20, 120, 720];

/// How recordings are listened to.
#[derive(Clone, Debug, PartialEq)]
pub struct TranscribingConfig {
    /// Recordings listened to at once, by all processes together.
    pub at_once_max: u32,
    /// What is spoken, for example `en`; `None`: the service finds out.
    pub language: Option<String>,
    /// The longest time the service may take for one.
    pub timeout: Duration,
    /// Seconds after a try in vain until the next one; later ones wait for 4, 20, 120 and 720 times as long.
    pub retry_after_s: u32,
    /// The utilization from which the pool's status is `warning`, from 0 to 1.
    pub warning_at: f64,
    /// The utilization from which it is `critical`.
    pub critical_at: f64,
}

impl Default for TranscribingConfig {
    fn default() -> Self {
        Self {
            at_once_max: 10,
            language: None,
            timeout: Duration::from_secs(120),
            retry_after_s: 30,
            warning_at: 0.8,
            critical_at: 0.95,
        }
    }
}

impl TranscribingConfig {
    /// How long a recording is left to whoever has claimed it.
    pub(super) fn claim(&self) -> TimeDelta {
        let timeout = TimeDelta::from_std(self.timeout).unwrap_or(TimeDelta::MAX / 2);
        timeout + CLAIM_SLACK
    }

    /// True where a recording that was tried in vain `tries` times is not tried any more.
    pub(super) fn is_enough(tries: i32) -> bool {
        usize::try_from(tries).is_ok_and(|tries| tries > WAITS.len())
    }

    /// How long until a recording is tried again that was tried in vain `tries` times before; none: never.
    pub(super) fn wait(&self, tries: i32) -> Option<TimeDelta> {
        let times = WAITS.get(usize::try_from(tries).ok()?)?;
        Some(TimeDelta::seconds(times * i64::from(self.retry_after_s)))
    }
}
