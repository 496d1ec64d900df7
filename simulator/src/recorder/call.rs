//! The shapes of what is recorded.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// One create request as the carrier saw it, and all that became of it.
///
/// ElevenLabs' outbound-calls are recorded as well, with ElevenLabs for the carrier: they have no
/// callbacks, their reports are [`RecordedWebhook`]s.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedCall {
    /// When the create request arrived.
    pub arrived_at: DateTime<Utc>,
    /// As sent; empty where missing.
    pub to: Arc<str>,
    /// As sent; empty where missing. Of an outbound-call, the number that its
    /// `agent_phone_number_id` stands for.
    pub from: Arc<str>,
    /// The dialer's own id of the call: the UUID after `/calls/` in the path of `Url`, or else of
    /// `StatusCallback`. Of an outbound-call, its dynamic variable `call_id`, or else `attempt_id`.
    pub call_id: Option<Uuid>,
    /// Whether the carrier took the call.
    pub verdict: CreateVerdict,
    /// What the dialer got to hear; `None` as long as the answer is held back.
    pub answer: Option<CreateAnswer>,
    /// The place of the acceptance in the order of all acceptances and ends.
    pub accepted_order: Option<u64>,
    /// The place of the end in the same order.
    pub ended_order: Option<u64>,
    /// How many calls were live when it was accepted, itself included; 0 if it was not.
    pub live_at_acceptance: usize,
    /// The same, counting only calls from the same `From`.
    pub live_from_at_acceptance: usize,
    /// When it left the carrier's queue.
    pub initiated_at: Option<DateTime<Utc>>,
    /// When it began to ring.
    pub ringing_at: Option<DateTime<Utc>>,
    /// When it was picked up.
    pub answered_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub end_status: Option<EndStatus>,
    /// Why the dialer's answer document could not be used, if so.
    pub document_error: Option<Box<str>>,
    /// The requests made to the dialer about this call, in the order they were settled.
    pub callbacks: Vec<RecordedCallback>,
}

impl RecordedCall {
    /// The carrier's id, if the call was accepted.
    #[must_use]
    pub fn sid(&self) -> Option<Uuid> {
        match self.verdict {
            CreateVerdict::Accepted { sid } => Some(sid),
            CreateVerdict::Rejected { .. } => None,
        }
    }

    /// Whether the call was accepted and has not ended.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.accepted_order.is_some() && self.ended_order.is_none()
    }

    /// The kinds of the status callbacks the dialer received (each at least once, in order of
    /// first arrival).
    #[must_use]
    pub fn delivered(&self) -> Vec<CallbackKind> {
        let mut kinds = Vec::new();
        for callback in &self.callbacks {
            if callback.delivery.is_success() && !kinds.contains(&callback.kind) {
                kinds.push(callback.kind);
            }
        }
        kinds
    }
}

/// What the carrier decided about a create request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreateVerdict {
    /// A call exists.
    Accepted {
        /// The carrier's id of it; ElevenLabs' ids of an outbound call contain its digits.
        sid: Uuid,
    },
    /// No call exists.
    Rejected {
        /// The HTTP status; 0 where the connection was closed instead. An outbound-call that is
        /// answered `success: false` has 200.
        status: u16,
        /// SignalWire's error code; ElevenLabs has none.
        code: Option<u32>,
        /// In words.
        why: Box<str>,
    },
}

/// What the dialer got to hear about its create request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreateAnswer {
    /// An HTTP answer of this status.
    Status(u16),
    /// Nothing: the connection was closed.
    Closed,
}

/// The final states of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndStatus {
    /// It was answered, and is over.
    Completed,
    /// The line was engaged.
    Busy,
    /// Nobody picked up.
    NoAnswer,
    /// The network could not complete it.
    Failed,
    /// The caller took it back before it was answered.
    Canceled,
}

impl EndStatus {
    /// SignalWire's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::NoAnswer => "no-answer",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }
}

/// One request made to the dialer about a call, settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedCallback {
    /// What it was about.
    pub kind: CallbackKind,
    /// Its `SequenceNumber`, for status callbacks.
    pub sequence: Option<u32>,
    /// How many attempts it took, 0 for one that was dropped.
    pub attempts: u8,
    /// When it was settled.
    pub settled_at: DateTime<Utc>,
    /// What came of the last attempt.
    pub delivery: Delivery,
}

/// What a request to the dialer was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackKind {
    /// Status callback: the call left the queue.
    Initiated,
    /// Status callback: it rings.
    Ringing,
    /// Status callback: it was picked up.
    Answered,
    /// Status callback: it is over.
    Completed,
    /// The verdict of machine detection.
    MachineDetection,
    /// There is a recording, or none.
    Recording,
    /// The request for the answer document (or for that of a redirect).
    Document,
    /// The result of a `<Dial>`.
    DialAction,
}

/// What came of a request to the dialer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It answered with this status.
    Answered(u16),
    /// It could not be reached.
    Unreachable,
    /// It did not answer in time.
    TimedOut,
    /// A fault swallowed the request before it was sent.
    Dropped,
}

impl Delivery {
    /// Whether the dialer said it has it.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Self::Answered(status) if (200..300).contains(&status))
    }
}

/// One webhook of ElevenLabs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedWebhook {
    /// `post_call_transcription` and the like.
    pub kind: Box<str>,
    /// Whose it is.
    pub conversation_id: Arc<str>,
    /// When it was settled.
    pub settled_at: DateTime<Utc>,
    /// What came of it.
    pub delivery: Delivery,
}

/// A tool of the dialer's that an agent used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedToolUse {
    /// Which.
    pub tool: Box<str>,
    /// What was sent.
    pub arguments: Map<String, Value>,
    /// What came back, if it was JSON.
    pub answer: Value,
    /// When it was settled.
    pub settled_at: DateTime<Utc>,
    /// Whether it reached the dialer.
    pub delivery: Delivery,
}

/// A second leg that a document of the dialer's dialled, over now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedLeg {
    /// The call whose document it was.
    pub parent_sid: Uuid,
    /// Whom it called: a number or a SIP address.
    pub to: Arc<str>,
    /// The number it showed.
    pub from: Arc<str>,
    /// How it ended.
    pub end_status: EndStatus,
}
