//! The carriers that this process works with.

use std::collections::BTreeMap;
use std::sync::Arc;

use carriers::{Carrier, CarrierKind};
use entity::call;

/// Every carrier that is configured, and which of them is meant where nothing says. Cheap to clone.
#[derive(Clone)]
pub struct Carriers {
    default: CarrierKind,
    configured: BTreeMap<CarrierKind, Arc<dyn Carrier>>,
}

/// A carrier that carries a call of ours, or a number, and is not configured (any more).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the carrier {0} is not configured")]
pub struct NotConfigured(pub String);

impl Carriers {
    /// `carrier` alone: it is meant where nothing says.
    #[must_use]
    pub fn of(carrier: Arc<dyn Carrier>) -> Self {
        let default = carrier.kind();
        Self {
            default,
            configured: BTreeMap::from([(default, carrier)]),
        }
    }

    /// These, and `carrier`.
    #[must_use]
    pub fn and(mut self, carrier: Arc<dyn Carrier>) -> Self {
        self.configured.insert(carrier.kind(), carrier);
        self
    }

    /// Which carrier is meant where nothing says.
    #[must_use]
    pub const fn default_kind(&self) -> CarrierKind {
        self.default
    }

    /// Those that are configured, the one that is meant where nothing says first.
    #[must_use]
    pub fn kinds(&self) -> Vec<CarrierKind> {
        let others = self.configured.keys().copied();
        let others = others.filter(|kind| *kind != self.default);
        std::iter::once(self.default).chain(others).collect()
    }

    /// The client of the carrier `kind`.
    ///
    /// # Errors
    /// [`NotConfigured`].
    pub fn get(&self, kind: CarrierKind) -> Result<&Arc<dyn Carrier>, NotConfigured> {
        let found = self.configured.get(&kind);
        found.ok_or_else(|| NotConfigured(kind.to_string()))
    }

    /// The client of whoever carries `call`.
    ///
    /// # Errors
    /// [`NotConfigured`].
    pub fn of_call(&self, call: &call::Model) -> Result<&Arc<dyn Carrier>, NotConfigured> {
        self.named(&call.carrier)
    }

    /// The client of the carrier that tables call `name`.
    ///
    /// # Errors
    /// [`NotConfigured`], also for a name that no carrier has.
    pub fn named(&self, name: &str) -> Result<&Arc<dyn Carrier>, NotConfigured> {
        match name.parse() {
            Ok(kind) => self.get(kind),
            Err(_) => Err(NotConfigured(name.to_owned())),
        }
    }
}
