//! Ranges and weights that people without a script are drawn from.

use anyhow::ensure;
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::Behaviour;

/// An inclusive range of milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MsRange {
    /// The shortest.
    pub min: u64,
    /// The longest.
    pub max: u64,
}

impl MsRange {
    /// From `min` to `max`, both included.
    #[must_use]
    pub const fn new(min: u64, max: u64) -> Self {
        Self { min, max }
    }

    /// Always `ms`.
    #[must_use]
    pub const fn exactly(ms: u64) -> Self {
        Self::new(ms, ms)
    }

    pub(crate) fn draw(self, rng: &mut impl Rng) -> u64 {
        rng.random_range(self.min..=self.max.max(self.min))
    }

    pub(crate) fn check(self, name: &str) -> anyhow::Result<()> {
        ensure!(
            self.min <= self.max,
            "{name}: min {} is above max {}",
            self.min,
            self.max
        );
        Ok(())
    }
}

/// How often each behaviour occurs: weights, whatever their sum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shares {
    /// Picks up and agrees.
    pub answered: f64,
    /// Picks up and declines.
    pub not_interested: f64,
    /// Is engaged.
    pub busy: f64,
    /// Lets it ring.
    pub no_answer: f64,
    /// Has a machine.
    pub voicemail: f64,
    /// Asks to be called again.
    pub callback: f64,
    /// Asks never to be called again.
    pub do_not_call: f64,
    /// Cannot be reached for a fault of the network.
    pub failed: f64,
    /// Does not exist, today and tomorrow.
    pub invalid_number: f64,
}

impl Default for Shares {
    /// A list as lists are: about half of the calls are answered by a person.
    fn default() -> Self {
        Self {
            answered: 0.38,
            not_interested: 0.10,
            busy: 0.12,
            no_answer: 0.18,
            voicemail: 0.12,
            callback: 0.05,
            do_not_call: 0.02,
            failed: 0.02,
            invalid_number: 0.01,
        }
    }
}

impl Shares {
    /// Nobody does anything; set what is wanted with the struct update syntax.
    pub const NONE: Self = Self {
        answered: 0.0,
        not_interested: 0.0,
        busy: 0.0,
        no_answer: 0.0,
        voicemail: 0.0,
        callback: 0.0,
        do_not_call: 0.0,
        failed: 0.0,
        invalid_number: 0.0,
    };

    fn weights(&self) -> [f64; 9] {
        [
            self.answered,
            self.not_interested,
            self.busy,
            self.no_answer,
            self.voicemail,
            self.callback,
            self.do_not_call,
            self.failed,
            self.invalid_number,
        ]
    }

    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let weights = self.weights();
        ensure!(
            weights.iter().all(|w| w.is_finite() && *w >= 0.0) && weights.iter().sum::<f64>() > 0.0,
            "shares: every weight must be zero or more, and one above zero"
        );
        Ok(())
    }

    /// The share of numbers that do not exist, between 0 and 1.
    pub(crate) fn invalid_part(&self) -> f64 {
        self.invalid_number / self.weights().iter().sum::<f64>()
    }

    /// Draws what a number that exists does. A list of nothing but numbers that do not exist is
    /// legal, and never asks.
    pub(crate) fn draw(&self, rng: &mut impl Rng, times: &Times) -> Behaviour {
        let weights = &self.weights()[..8];
        let mut left = rng.random::<f64>() * weights.iter().sum::<f64>();
        let chosen = weights
            .iter()
            .position(|weight| {
                left -= weight;
                left < 0.0
            })
            .unwrap_or(0);
        let talk_ms = times.talk_ms.draw(rng);
        match chosen {
            0 => Behaviour::Answer { talk_ms },
            1 => Behaviour::NotInterested { talk_ms },
            2 => Behaviour::Busy,
            3 => Behaviour::NoAnswer,
            4 => Behaviour::Voicemail,
            5 => {
                let callback_after_ms = Some(times.callback_after_ms.draw(rng));
                Behaviour::AskForCallback {
                    talk_ms,
                    callback_after_ms,
                }
            }
            6 => Behaviour::AskDoNotCall { talk_ms },
            _ => Behaviour::Failed,
        }
    }
}

/// The ranges a drawn behaviour takes its times from.
pub(crate) struct Times {
    pub talk_ms: MsRange,
    pub callback_after_ms: MsRange,
}
