//! How simulated time passes.

use std::time::Duration;

/// Turns simulated time into real time and back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    scale: f64,
}

impl Pace {
    /// `scale` above zero; 10.0 is ten times faster than real.
    pub fn new(scale: f64) -> Self {
        Self { scale }
    }

    /// How long `simulated_ms` really take.
    pub fn real(self, simulated_ms: u64) -> Duration {
        // Beyond a year nobody waits; a tiny scale must not overflow a timer.
        let seconds = simulated_ms as f64 / 1_000.0 / self.scale;
        Duration::from_secs_f64(seconds.min(31_536_000.0))
    }

    /// How much simulated time passes in `real`, in milliseconds.
    pub fn simulated_ms(self, real: Duration) -> u64 {
        (real.as_secs_f64() * self.scale * 1_000.0) as u64
    }
}
