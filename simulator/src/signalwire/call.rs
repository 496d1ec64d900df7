//! One call at the carrier: its state, and the only two ways to change it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::callback::{Callback, Outbox};
use super::request::Settings;
use super::{recording, wire};
use crate::courier::Target;
use crate::elevenlabs::Spoken;
use crate::network::Network;
use crate::person::Person;
use crate::recorder::{CallbackKind, EndStatus, Milestone};

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Queued,
    Initiated,
    Ringing,
    InProgress,
    Ended(EndStatus),
}

impl Phase {
    /// The word of the API, which knows no `initiated`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued | Self::Initiated => "queued",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Ended(status) => status.as_str(),
        }
    }

    pub fn is_final(self) -> bool {
        matches!(self, Self::Ended(_))
    }
}

/// Whether what picked up is a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnsweredBy {
    Human,
    Machine,
}

/// How a call that was answered came to its end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    /// As the person wanted, after so much simulated time.
    Natural { talked_ms: u64 },
    /// Somebody cut it off; the time is measured.
    CutShort,
}

/// One call at the carrier; kept after its end, without what only the living need.
pub(crate) struct Call {
    pub sid: Uuid,
    pub to: Arc<str>,
    pub from: Arc<str>,
    pub created_at: DateTime<Utc>,
    /// The call whose document dialled this one.
    pub parent_sid: Option<Uuid>,
    /// The place among all calls of the carrier.
    pub index: u32,
    /// The place in the recorder's record; legs dialled by documents have none.
    pub recorded: Option<u32>,
    state: Mutex<State>,
}

struct State {
    facts: Facts,
    live: Option<Arc<Live>>,
    picked_up: Option<Instant>,
}

/// What the API tells about a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub phase: Phase,
    pub updated_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub duration_s: u64,
    pub answered_by: Option<AnsweredBy>,
    /// How long its recording is, in seconds, once there is one.
    pub recorded_s: Option<u64>,
}

/// What a call needs as long as it lives.
pub(crate) struct Live {
    pub settings: Settings,
    pub person: Person,
    /// Cancelled at the end of the call, and with the simulator.
    pub over: CancellationToken,
    pub outbox: Arc<Outbox>,
    /// New documents for the running call.
    pub redirects: mpsc::UnboundedSender<Target>,
    /// The conversation the call's stream is connected to.
    conversation: Mutex<Option<Arc<str>>>,
}

impl Live {
    pub fn new(
        settings: Settings,
        person: Person,
        outbox: Outbox,
        network: &Network,
    ) -> (Arc<Self>, mpsc::UnboundedReceiver<Target>) {
        let (redirects, redirected) = mpsc::unbounded_channel();
        let live = Self {
            settings,
            person,
            over: network.stop.child_token(),
            outbox: Arc::new(outbox),
            redirects,
            conversation: Mutex::new(None),
        };
        (Arc::new(live), redirected)
    }

    pub fn connect_agent(&self, conversation: Arc<str>) {
        *self.conversation.lock() = Some(conversation);
    }

    /// Ends the conversation with the agent, if there is one.
    pub fn disconnect_agent(&self, network: &Arc<Network>, talked_ms: u64, is_cut_short: bool) {
        if let Some(id) = self.conversation.lock().take() {
            let spoken = Spoken::of(&self.person, talked_ms, is_cut_short);
            network.platform.hang_up(network, &id, spoken);
        }
    }
}

/// What a call is made of.
pub(crate) struct NewCall {
    pub sid: Uuid,
    pub to: Arc<str>,
    pub from: Arc<str>,
    pub parent_sid: Option<Uuid>,
    pub recorded: Option<u32>,
    pub live: Option<Arc<Live>>,
}

impl Call {
    pub fn new(new: NewCall, index: u32) -> Self {
        let created_at = Utc::now();
        let facts = Facts {
            phase: Phase::Queued,
            updated_at: created_at,
            started_at: None,
            ended_at: None,
            duration_s: 0,
            answered_by: None,
            recorded_s: None,
        };
        Self {
            sid: new.sid,
            to: new.to,
            from: new.from,
            created_at,
            parent_sid: new.parent_sid,
            index,
            recorded: new.recorded,
            state: Mutex::new(State {
                facts,
                live: new.live,
                picked_up: None,
            }),
        }
    }

    pub fn facts(&self) -> Facts {
        self.state.lock().facts
    }

    /// What the call needs to live; `None` once it has ended.
    pub fn live(&self) -> Option<Arc<Live>> {
        self.state.lock().live.clone()
    }

    pub fn picked_up_at(&self) -> Option<Instant> {
        self.state.lock().picked_up
    }

    /// Notes what the machine detection found.
    pub fn detected(&self, answered_by: AnsweredBy) {
        self.state.lock().facts.answered_by = Some(answered_by);
    }

    /// Moves the call on to `phase`, which is not final. `false`: it has ended meanwhile.
    ///
    /// State, record and callback are written under one lock, so that their orders agree.
    pub fn advance(&self, network: &Arc<Network>, phase: Phase) -> bool {
        let mut state = self.state.lock();
        if state.facts.phase.is_final() {
            return false;
        }
        let now = Utc::now();
        state.facts.phase = phase;
        state.facts.updated_at = now;
        let (milestone, kind) = match phase {
            Phase::Initiated => (Milestone::Initiated, CallbackKind::Initiated),
            Phase::Ringing => (Milestone::Ringing, CallbackKind::Ringing),
            Phase::InProgress => (Milestone::Answered, CallbackKind::Answered),
            Phase::Queued | Phase::Ended(_) => return true,
        };
        state.facts.started_at.get_or_insert(now);
        if phase == Phase::InProgress {
            state.picked_up = Some(Instant::now());
        }
        if let Some(recorded) = self.recorded {
            network.recorder.reached(recorded, milestone, now);
        }
        let live = state.live.clone();
        if let Some(live) = &live {
            self.announce(network, live, &state.facts, kind);
        }
        drop(state);
        live.inspect(|live| live.outbox.pump(network));
        true
    }

    /// Ends the call. `false`: it had ended already, and nothing changed.
    ///
    /// The record knows of the end before anybody outside can.
    pub fn end(&self, network: &Arc<Network>, status: EndStatus, ending: Ending) -> bool {
        let mut state = self.state.lock();
        if state.facts.phase.is_final() {
            return false;
        }
        let now = Utc::now();
        let talked_ms = match (state.picked_up, ending) {
            (None, _) => 0,
            (Some(_), Ending::Natural { talked_ms }) => talked_ms,
            (Some(at), Ending::CutShort) => network.pace.simulated_ms(at.elapsed()),
        };
        state.facts.phase = Phase::Ended(status);
        state.facts.updated_at = now;
        state.facts.ended_at = Some(now);
        state.facts.duration_s = talked_ms.div_ceil(1_000);
        if let Some(recorded) = self.recorded {
            network.recorder.ended(recorded, status, now);
        }
        let live = state.live.take();
        if let Some(live) = &live {
            let is_recorded = state.picked_up.is_some() && live.settings.recording.is_some();
            state.facts.recorded_s = is_recorded.then_some(state.facts.duration_s);
            self.announce(network, live, &state.facts, CallbackKind::Completed);
            self.announce_recording(network, live, &state.facts);
        }
        drop(state);
        network.carrier.forget_live(self.index);
        if let Some(live) = live {
            live.over.cancel();
            live.outbox.pump(network);
            live.outbox.close();
            live.disconnect_agent(network, talked_ms, matches!(ending, Ending::CutShort));
        }
        true
    }

    /// Puts the news of the recording into the outbox, if the dialer asked for it.
    fn announce_recording(&self, network: &Network, live: &Live, facts: &Facts) {
        let Some(wanted) = &live.settings.recording else {
            return;
        };
        let form = recording::callback(network, self, facts, wanted);
        if let Some((form, target)) = form.zip(wanted.callback.clone()) {
            live.outbox.push_unnumbered(Callback {
                kind: CallbackKind::Recording,
                sequence: None,
                target,
                form,
            });
        }
    }

    /// Puts the status callback of `kind` into the outbox, if the dialer asked for it.
    fn announce(&self, network: &Network, live: &Live, facts: &Facts, kind: CallbackKind) {
        let Some(target) = &live.settings.status_callback else {
            return;
        };
        if !live.settings.events.contains(&kind) {
            return;
        }
        live.outbox.push(|sequence| Callback {
            kind,
            sequence: Some(sequence),
            target: target.clone(),
            form: wire::status_callback(&network.config.project_id, self, facts, sequence),
        });
    }
}
