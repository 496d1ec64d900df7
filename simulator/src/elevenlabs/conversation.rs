//! One conversation between a person and an agent.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::value::RawValue;

use crate::person::{Behaviour, Person};
use crate::recorder::EndStatus;

/// How far a conversation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Announced; nobody has connected yet.
    Initiated,
    /// Announced; ElevenLabs itself is calling the person.
    Dialling,
    InProgress,
    /// Over; being analysed.
    Processing,
    Done,
    /// It never began, for a reason named in [`Conversation::failure`].
    Failed,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initiated | Self::Dialling => "initiated",
            Self::InProgress => "in-progress",
            Self::Processing => "processing",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// Why an outbound call did not become a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    Busy,
    NoAnswer,
    /// The number does not exist.
    NoSuchNumber,
    /// The network could not complete the call.
    Network,
}

impl Failure {
    /// `failure_reason` of the webhook: the few words that were seen.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::NoAnswer => "no-answer",
            Self::NoSuchNumber | Self::Network => "unknown",
        }
    }

    pub fn sip_status(self) -> (u16, &'static str) {
        match self {
            Self::Busy => (486, "Busy Here"),
            Self::NoAnswer => (480, "Temporarily Unavailable"),
            Self::NoSuchNumber => (404, "Not Found"),
            Self::Network => (503, "Service Unavailable"),
        }
    }

    /// `call_result` of the conversation.
    pub fn call_result(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::NoAnswer => "no_answer",
            Self::NoSuchNumber | Self::Network => "failed",
        }
    }

    pub fn end_status(self) -> EndStatus {
        match self {
            Self::Busy => EndStatus::Busy,
            Self::NoAnswer => EndStatus::NoAnswer,
            Self::NoSuchNumber | Self::Network => EndStatus::Failed,
        }
    }
}

/// What came of the talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upshot {
    Agreed,
    Declined,
    /// Wants to be called again; the instant is known if the person named one.
    WantsCallback {
        after_ms: Option<u64>,
    },
    WantsNoCalls,
    Voicemail,
    /// The line was cut before the person could say anything of use.
    CutShort,
}

/// A talk that is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spoken {
    pub upshot: Upshot,
    /// Simulated milliseconds.
    pub talked_ms: u64,
    /// How long the analysis takes, in simulated milliseconds.
    pub processing_ms: u64,
    pub ended_at: DateTime<Utc>,
}

impl Spoken {
    /// What `person` has said after `talked_ms`, ended now.
    pub fn of(person: &Person, talked_ms: u64, is_cut_short: bool) -> Self {
        let upshot = match person.behaviour {
            Behaviour::Voicemail => Upshot::Voicemail,
            // What it was about is done, also where the tool took the call away.
            Behaviour::UseTool { .. } => Upshot::Agreed,
            _ if is_cut_short => Upshot::CutShort,
            Behaviour::Answer { .. } => Upshot::Agreed,
            Behaviour::AskForCallback {
                callback_after_ms, ..
            } => Upshot::WantsCallback {
                after_ms: callback_after_ms,
            },
            Behaviour::AskDoNotCall { .. } => Upshot::WantsNoCalls,
            _ => Upshot::Declined,
        };
        let processing_ms = person.processing_ms;
        Self {
            upshot,
            talked_ms,
            processing_ms,
            ended_at: Utc::now(),
        }
    }

    /// The instant the person asked to be called at.
    pub fn callback_at(&self) -> Option<DateTime<Utc>> {
        match self.upshot {
            Upshot::WantsCallback {
                after_ms: Some(after_ms),
            } => {
                let after = i64::try_from(after_ms)
                    .ok()
                    .and_then(TimeDelta::try_milliseconds)?;
                self.ended_at.checked_add_signed(after)
            }
            _ => None,
        }
    }

    /// ElevenLabs' verdict.
    pub fn call_successful(&self) -> &'static str {
        match self.upshot {
            Upshot::Agreed | Upshot::WantsCallback { .. } => "success",
            Upshot::Declined | Upshot::WantsNoCalls | Upshot::Voicemail => "failure",
            Upshot::CutShort => "unknown",
        }
    }
}

/// One conversation; small, because there are many. What is told of it is made when asked.
#[derive(Clone)]
pub(crate) struct Conversation {
    pub id: Arc<str>,
    pub agent_id: Arc<str>,
    pub agent_name: Arc<str>,
    pub user_id: Option<Arc<str>>,
    pub direction: Direction,
    /// The agent's number.
    pub agent_number: Box<str>,
    /// The person's number.
    pub external_number: Box<str>,
    /// `conversation_initiation_client_data`, echoed as it came.
    pub client_data: Option<Box<RawValue>>,
    /// `twilio`, `exotel` or `sip_trunking`.
    pub line: &'static str,
    /// ElevenLabs' id of the number it called from, if it was ElevenLabs that called.
    pub phone_number_id: Option<Box<str>>,
    pub status: Status,
    pub announced_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    /// The id of the call it took place on.
    pub call_sid: Option<Box<str>>,
    pub spoken: Option<Spoken>,
    /// Set where it never began.
    pub failure: Option<Failure>,
}

/// Who called whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    Inbound,
    Outbound,
}

impl Direction {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
}

impl Conversation {
    /// Whether it counts against the limit of concurrent conversations.
    pub fn is_under_way(&self) -> bool {
        matches!(self.status, Status::Dialling | Status::InProgress)
    }

    /// `call_result` of the call ElevenLabs made; `None` while it is open.
    pub fn call_result(&self) -> Option<&'static str> {
        match (self.failure, &self.spoken) {
            (Some(failure), _) => Some(failure.call_result()),
            (None, Some(spoken)) if spoken.upshot == Upshot::Voicemail => Some("voicemail"),
            (None, Some(_)) => Some("answered"),
            (None, None) => None,
        }
    }

    /// When it began, or was announced.
    pub fn start_unix(&self) -> i64 {
        self.started_at.unwrap_or(self.announced_at).timestamp()
    }

    /// How long it lasted, in simulated seconds, 0 while it lasts.
    pub fn duration_s(&self) -> u64 {
        self.spoken
            .map_or(0, |spoken| spoken.talked_ms.div_ceil(1_000))
    }

    /// ElevenLabs' verdict, once it is analysed.
    pub fn call_successful(&self) -> Option<&'static str> {
        let spoken = self.spoken.filter(|_| self.status == Status::Done)?;
        Some(spoken.call_successful())
    }
}
