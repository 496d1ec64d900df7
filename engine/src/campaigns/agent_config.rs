//! What `agentConfig` says about how calls are made. Everything else in it is its owner's, and kept as sent.

use carriers::AgentOverrides;
use domain::CallRoute;
use domain::voicemail::{VoicemailAction, VoicemailPolicy};
use entity::campaign::Model;
use serde_json::{Map, Value};

use crate::field::Kind;

/// The key of the route.
pub(super) const ROUTE: &str = "route";
/// The key of whether calls are recorded.
pub(crate) const RECORD: &str = "record";
/// The key of what becomes of calls that machines answer, and the keys in there.
pub(super) const VOICEMAIL: &str = "voicemail";
pub(super) const ACTION: &str = "action";
pub(super) const RETRY: &str = "retry";
/// The keys of what differs from the agent's own settings.
pub(crate) const LANGUAGE: &str = "language";
pub(crate) const FIRST_MESSAGE: &str = "firstMessage";
pub(crate) const PROMPT: &str = "prompt";
pub(crate) const VOICE_ID: &str = "voiceId";
pub(crate) const MAX_DURATION: &str = "maxDurationSeconds";

/// How people are told of the wish that machines are hung up on.
pub(crate) const HANG_UP: &str = "voicemail.action";

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

    /// The keys of the wishes in `row` that not every route can grant, in the order in which the reference has them. That
    /// a machine is hung up on is one where it is said; that it is left to the agent is what happens by itself.
    pub(crate) fn said(row: &Model) -> Vec<&'static str> {
        let Self {
            route: _,
            record,
            voicemail: _,
            overrides,
        } = Self::of(row);
        let action = row.agent_config.as_ref().and_then(|config| {
            let action = config.get(VOICEMAIL)?.get(ACTION)?.as_str()?;
            action.parse::<VoicemailAction>().ok()
        });
        let wishes = [
            (RECORD, record.is_some()),
            (HANG_UP, action == Some(VoicemailAction::HangUp)),
            (LANGUAGE, overrides.language.is_some()),
            (FIRST_MESSAGE, overrides.first_message.is_some()),
            (PROMPT, overrides.prompt.is_some()),
            (VOICE_ID, overrides.voice_id.is_some()),
            (MAX_DURATION, overrides.max_duration_s.is_some()),
        ];
        let said = wishes.into_iter().filter(|(_, is_said)| *is_said);
        said.map(|(key, _)| key).collect()
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
