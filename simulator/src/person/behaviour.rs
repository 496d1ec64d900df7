//! What one person does with one call.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a person does with a call. Times are simulated milliseconds (divided by the time scale),
/// except where a field says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Picks up, talks, agrees: the agent reaches its goal.
    Answer {
        /// From picking up to hanging up.
        talk_ms: u64,
    },
    /// Picks up, talks, declines: the conversation is no success.
    NotInterested {
        /// From picking up to hanging up.
        talk_ms: u64,
    },
    /// Picks up and asks to be called again.
    AskForCallback {
        /// From picking up to hanging up.
        talk_ms: u64,
        /// When, counted from the hang-up in **real** milliseconds, because the dialer's calendar
        /// is real; `None`: the person names no time.
        callback_after_ms: Option<u64>,
    },
    /// Picks up and asks never to be called again.
    AskDoNotCall {
        /// From picking up to hanging up.
        talk_ms: u64,
    },
    /// Picks up, talks, and makes the agent use one of the dialer's tools. Reaches its goal.
    UseTool {
        /// From picking up to hanging up, where nobody takes the call away before.
        talk_ms: u64,
        /// From picking up to the use.
        after_ms: u64,
        /// The tool's name: the last segment of its address.
        tool: String,
        /// What the agent sends with it, beside the call's id.
        arguments: Map<String, Value>,
    },
    /// A machine picks up and listens until it is hung up or its tape is full.
    Voicemail,
    /// The line is engaged.
    Busy,
    /// It rings until the caller gives up.
    NoAnswer,
    /// The network cannot complete the call.
    Failed,
    /// The number does not exist: the carrier refuses the call at once (21211).
    InvalidNumber,
}

impl Behaviour {
    /// How long the person talks, if it is a person and picks up.
    pub(crate) fn talk_ms(&self) -> Option<u64> {
        match self {
            Self::Answer { talk_ms }
            | Self::NotInterested { talk_ms }
            | Self::AskForCallback { talk_ms, .. }
            | Self::AskDoNotCall { talk_ms }
            | Self::UseTool { talk_ms, .. } => Some(*talk_ms),
            Self::Voicemail | Self::Busy | Self::NoAnswer | Self::Failed | Self::InvalidNumber => {
                None
            }
        }
    }
}
