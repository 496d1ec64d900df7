//! What `agentConfig` says about how calls are made. Everything else in it is its owner's, and kept as sent.

use carriers::AgentOverrides;
use domain::CallRoute;
use domain::voicemail::VoicemailPolicy;
use entity::campaign::Model;
use serde_json::{Map, Value};

use crate::field::Kind;

/// The key of the route.
pub(super) const ROUTE: &str = "route";
/// The key of whether calls are recorded.
pub(super) const RECORD: &str = "record";
/// The key of what becomes of calls that machines answer, and the keys in there.
pub(super) const VOICEMAIL: &str = "voicemail";
pub(super) const ACTION: &str = "action";
pub(super) const RETRY: &str = "retry";
/// The keys of what differs from the agent's own settings.
pub(super) const LANGUAGE: &str = "language";
pub(super) const FIRST_MESSAGE: &str = "firstMessage";
pub(super) const PROMPT: &str = "prompt";
pub(super) const VOICE_ID: &str = "voiceId";
pub(super) const MAX_DURATION: &str = "maxDurationSeconds";

/// `agentConfig`, as far as we act on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentConfig {
    /// How calls reach their agent; `None`: as configured.
    pub route: Option<CallRoute>,
    /// Whether calls are recorded; `None`: as configured.
    pub record: Option<bool>,
    /// What becomes of calls that machines answer.
    pub voicemail: VoicemailPolicy,
    /// What differs from the agent's own settings.
    pub overrides: AgentOverrides,
}

impl AgentConfig {
    /// Reads what `row` says. Whatever cannot be read counts as not said: it was sent when anything was kept, and nobody
    /// was told that it means something.
    #[must_use]
    pub fn of(row: &Model) -> Self {
        let Some(Value::Object(config)) = &row.agent_config else {
            return Self::default();
        };
        let text = |key| get(config, key).filter(|text: &String| !text.trim().is_empty());
        Self {
            route: get(config, ROUTE).and_then(|word: String| word.parse().ok()),
            record: get(config, RECORD),
            voicemail: get(config, VOICEMAIL).map(voicemail).unwrap_or_default(),
            overrides: AgentOverrides {
                language: text(LANGUAGE),
                first_message: text(FIRST_MESSAGE),
                prompt: text(PROMPT),
                voice_id: text(VOICE_ID),
                max_duration_s: get(config, MAX_DURATION)
                    .and_then(|seconds: i64| u32::try_from(seconds).ok()),
            },
        }
    }
}

fn voicemail(said: Map<String, Value>) -> VoicemailPolicy {
    let usual = VoicemailPolicy::default();
    let action = get(&said, ACTION).and_then(|word: String| word.parse().ok());
    VoicemailPolicy {
        action: action.unwrap_or(usual.action),
        retry: get(&said, RETRY).unwrap_or(usual.retry),
    }
}

fn get<T: Kind>(config: &Map<String, Value>, key: &str) -> Option<T> {
    config.get(key).cloned().and_then(T::read)
}
