//! A run: processes of the dialer, the world outside them, and whoever decides what happens next.

mod ending;
mod orders;
mod setup;
mod steps;
mod tasks;
mod time;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::CampaignId;
use engine::dialing::Parts;
use engine::{Actor, Clock};
use parking_lot::Mutex;
use tokio::runtime::Runtime;

use crate::books::Books;
use crate::chance::Chance;
use crate::clock::VirtualClock;
use crate::gate::Gate;
use crate::model::Model;
use crate::network::Shared;
use crate::plan::{Change, Plan};
use crate::process::Process;
use crate::rest::Rest;
use crate::store::{Store, Template};
use crate::trace::Trace;
use crate::violation::Violation;
use tasks::{Answer, Task};

/// Steps of a run at most: far more than any needs.
const STEPS_MAX: u64 = 400_000;
/// How long after its last change a run may take until everything is done.
const LASTS_MAX: TimeDelta = TimeDelta::days(300);

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Done {
    /// The broken promise, where one was.
    pub violation: Option<Violation>,
    /// Of two runs with the same number everything happened alike.
    pub trace: u64,
    /// The last things that happened.
    pub last: Vec<String>,
    /// How long it was by the run's own clock.
    pub lasted: TimeDelta,
    /// What happened, counted.
    pub counts: Counts,
}

/// What happened in a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Times somebody was let run.
    pub steps: u64,
    /// Statements the database answered, and requests to the world outside.
    pub statements: u64,
    /// Calls the carrier took on.
    pub calls: u64,
    /// Processes killed.
    pub kills: u64,
    /// Times a process was stopped in the middle while others went on.
    pub stops: u64,
    /// Things done by people: commands, changes, imports.
    pub orders: u64,
    /// Webhooks delivered.
    pub posts: u64,
    /// Jobs delivered.
    pub jobs: u64,
    /// Calls at once at most.
    pub most_at_once: u64,
}

/// A process, or the place of one that was killed.
struct Seat {
    process: Option<Process>,
    starts: u32,
    /// Frozen until then.
    stopped_until: Option<DateTime<Utc>>,
    /// True where it is frozen in the middle of a transaction.
    has_connection: bool,
    /// When each of what it does by the clock was last begun.
    ticked_at: [Option<DateTime<Utc>>; 4],
    starts_at: DateTime<Utc>,
}

/// A run.
pub struct World {
    plan: Plan,
    clock: VirtualClock,
    chance: Chance,
    gate: Gate,
    store: Store,
    network: Shared,
    model: Model,
    books: Books,
    rest: Rest,
    seats: Vec<Seat>,
    tasks: BTreeMap<u64, Task>,
    tasks_begun: u64,
    answers: Arc<Mutex<Vec<(u64, Answer)>>>,
    changes: VecDeque<(DateTime<Utc>, Change)>,
    campaigns: Vec<CampaignId>,
    actor: Actor,
    parts: Parts,
    trace: Trace,
    counts: Counts,
    /// What fell due up to then is not waited for any more, and how often something overdue was waited for since.
    overdue: (DateTime<Utc>, u32),
    /// True once nothing goes wrong any more.
    is_ending: bool,
    /// For whoever checks and prepares.
    runtime: Arc<Runtime>,
}

impl World {
    /// Plays `plan` to its end. `is_printed`: every line of the trace goes to the standard output.
    ///
    /// # Errors
    /// Where the run could not be set up; a broken promise is in what it came to.
    pub fn play(
        plan: Plan,
        template: &Template,
        runtime: &Arc<Runtime>,
        is_printed: bool,
    ) -> anyhow::Result<Done> {
        let begun_at = plan.begins_at;
        let mut world = Self::set_up(plan, template, runtime, is_printed)?;
        let violation = world.go_on().err();
        if let Some(violation) = &violation {
            let now = world.clock.now();
            world.trace.note(now, &format!("BROKEN {violation}"));
        }
        world.counts.statements = world.gate.passed();
        world.counts.calls = world.network.lock().calls.len() as u64;
        world.counts.most_at_once = world.model.most_at_once as u64;
        Ok(Done {
            violation,
            trace: world.trace.hash(),
            last: world.trace.last(),
            lasted: world.clock.now() - begun_at,
            counts: world.counts,
        })
    }

    fn go_on(&mut self) -> Result<(), Violation> {
        self.begin()?;
        loop {
            self.counts.steps += 1;
            if self.counts.steps > STEPS_MAX {
                return Err(Violation::of("P4", "the run does not come to an end"));
            }
            self.take_in()?;
            if self.step()? {
                continue;
            }
            if self.is_over()? {
                return self.last_look();
            }
            self.pass_time()?;
        }
    }

    fn note(&mut self, what: &str) {
        let now = self.clock.now();
        self.trace.note(now, what);
    }
}
