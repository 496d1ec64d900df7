//! What `agentConfig` says about how calls are made. Everything else in it is its owner's, and kept as sent.

use domain::CallRoute;
use entity::campaign::Model;
use serde_json::{Map, Value};

use crate::field::Kind;

/// The key of the route.
pub(super) const ROUTE: &str = "route";
/// The key of whether calls are recorded.
pub(super) const RECORD: &str = "record";

/// `agentConfig`, as far as we act on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentConfig {
    /// How calls reach their agent; `None`: as configured.
    pub route: Option<CallRoute>,
    /// Whether calls are recorded; `None`: as configured.
    pub record: Option<bool>,
}

impl AgentConfig {
    /// Reads what `row` says. Whatever cannot be read counts as not said: it was sent when anything was kept, and nobody
    /// was told that it means something.
    #[must_use]
    pub fn of(row: &Model) -> Self {
        let Some(Value::Object(config)) = &row.agent_config else {
            return Self::default();
        };
        Self {
            route: get(config, ROUTE).and_then(|word: String| word.parse().ok()),
            record: get(config, RECORD),
        }
    }
}

fn get<T: Kind>(config: &Map<String, Value>, key: &str) -> Option<T> {
    config.get(key).cloned().and_then(T::read)
}
