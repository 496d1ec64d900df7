//! One call at Exotel: its state, and the two ways to change it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use tokio::time::Instant;
use uuid::Uuid;

use super::callback::Outbox;
use crate::network::Network;
use crate::recorder::{CallbackKind, EndStatus, Milestone};

/// What a call does with the dialer's wishes.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub status_callback: Option<Box<str>>,
    /// Whether the dialer wants to hear of the answer.
    pub wants_answered: bool,
    /// Whether it named any event: then callbacks have all fields.
    pub has_events: bool,
    /// Whether it asked for JSON.
    pub wants_json: bool,
    /// How long it may ring, in simulated seconds.
    pub timeout_s: u64,
    /// How long it may last, in simulated seconds.
    pub time_limit_s: u64,
    pub is_recorded: bool,
    /// What is repeated in callbacks.
    pub custom_field: Option<Box<str>>,
}

/// One call; kept after its end.
pub(crate) struct Call {
    pub sid: Uuid,
    /// The person, E.164.
    pub to: Arc<str>,
    /// The ExoPhone shown, E.164.
    pub from: Arc<str>,
    pub created_at: DateTime<Utc>,
    pub settings: Settings,
    /// The place in the recorder's record.
    pub recorded: u32,
    pub outbox: Arc<Outbox>,
    facts: Mutex<Facts>,
}

/// What the API tells about a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// `None` while it goes on: "in-progress" from its first moment.
    pub end: Option<EndStatus>,
    pub updated_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// When that was, for the time until it is settled.
    pub ended: Option<Instant>,
    /// Simulated seconds on the line, 0 while it lasts.
    pub duration_s: u64,
    pub is_answered: bool,
    pub is_machine: bool,
}

impl Call {
    pub fn new(
        sid: Uuid,
        (to, from): (Arc<str>, Arc<str>),
        settings: Settings,
        recorded: u32,
    ) -> Self {
        let created_at = Utc::now();
        Self {
            sid,
            to,
            from,
            created_at,
            settings,
            recorded,
            outbox: Arc::new(Outbox::new(recorded)),
            facts: Mutex::new(Facts {
                end: None,
                updated_at: created_at,
                ended_at: None,
                ended: None,
                duration_s: 0,
                is_answered: false,
                is_machine: false,
            }),
        }
    }

    pub fn facts(&self) -> Facts {
        *self.facts.lock()
    }

    /// Whether `Duration` and `Price` are known.
    pub fn is_settled(&self, network: &Network) -> bool {
        self.facts().ended.is_some_and(|at| {
            network.pace.simulated_ms(at.elapsed()) >= network.config.exotel.settle_ms
        })
    }

    pub fn reached(&self, network: &Network, milestone: Milestone) {
        let now = Utc::now();
        network.recorder.reached(self.recorded, milestone, now);
    }

    /// Somebody, or a machine, picked up.
    pub fn answered(&self, network: &Arc<Network>, is_machine: bool) {
        {
            let mut facts = self.facts.lock();
            facts.is_answered = true;
            facts.is_machine = is_machine;
            facts.updated_at = Utc::now();
        }
        self.reached(network, Milestone::Answered);
        if self.settings.wants_answered {
            self.announce(network, CallbackKind::Answered);
        }
    }

    /// Ends the call, in the record before anybody outside can learn of it.
    pub fn end(&self, network: &Arc<Network>, status: EndStatus, talked_ms: u64) {
        let now = Utc::now();
        network.recorder.ended(self.recorded, status, now);
        {
            let mut facts = self.facts.lock();
            facts.end = Some(status);
            facts.updated_at = now;
            facts.ended_at = Some(now);
            facts.ended = Some(Instant::now());
            facts.duration_s = talked_ms.div_ceil(1_000);
        }
        self.announce(network, CallbackKind::Completed);
        self.outbox.close();
    }

    fn announce(&self, network: &Arc<Network>, kind: CallbackKind) {
        self.outbox.push(network, self, kind);
    }
}
