//! The way from a process to what is outside.

use std::sync::Arc;

use parking_lot::MutexGuard;

use super::{Network, Shared};
use crate::gate::Gate;

/// Where a process asks the network; whoever goes through passes the process's gate before the question is heard.
pub struct Door {
    network: Shared,
    gate: Gate,
}

impl Door {
    /// From the process behind `gate` to `network`.
    #[must_use]
    pub fn new(network: &Shared, gate: &Gate) -> Self {
        Self {
            network: Arc::clone(network),
            gate: gate.clone(),
        }
    }

    /// The network, once the gate is open.
    pub fn outside(&self) -> MutexGuard<'_, Network> {
        self.gate.pass();
        self.network.lock()
    }
}
