//! Which process dies at which step, and what goes on meanwhile.

use std::fmt;

use simulator::{Fault, Trigger};

/// Who comes to the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Api,
    Worker,
}

/// Who goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The same process, started anew.
    Again,
    /// Another one that was running all the time.
    Other,
}

/// What goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// A campaign.
    Campaign,
    /// A campaign whose calls the agents' platform makes.
    AgentsCall,
    /// A campaign whose calls' prices are asked for.
    Prices,
    /// A campaign whose first jobs got lost together with the API.
    LostJobs,
    /// A campaign, while somebody holds up what is reported of its calls.
    HeldUp,
    /// Contacts are imported.
    Import,
    /// Somebody is called by hand.
    Single,
    /// A number is put onto the list of those that must not be called.
    Suppression,
}

/// One step of the life of a call.
#[derive(Debug)]
pub struct Row {
    pub point: &'static str,
    pub who: Who,
    /// The how manieth time at the step is fatal.
    pub nth: u32,
    pub scene: Scene,
    /// What the carrier does wrong meanwhile.
    pub fault: Option<(Fault, Trigger)>,
    /// Who goes on: only whoever is sure to come to the step beside others can be killed beside others.
    pub then: &'static [Then],
}

/// A row, and who goes on.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub row: &'static Row,
    pub then: Then,
}

impl Case {
    pub fn of(row: &'static Row) -> impl Iterator<Item = Self> {
        row.then.iter().map(move |then| Self { row, then: *then })
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {:?}", self.row.point, self.row.who, self.then)
    }
}

const BOTH: &[Then] = &[Then::Again, Then::Other];
const AGAIN: &[Then] = &[Then::Again];

const fn worker(point: &'static str, nth: u32) -> Row {
    Row {
        point,
        who: Who::Worker,
        nth,
        scene: Scene::Campaign,
        fault: None,
        then: BOTH,
    }
}

const fn api(point: &'static str, nth: u32) -> Row {
    Row {
        who: Who::Api,
        then: AGAIN,
        ..worker(point, nth)
    }
}

const fn alone(row: Row) -> Row {
    Row { then: AGAIN, ..row }
}

const fn while_it(row: Row, scene: Scene) -> Row {
    Row { scene, ..row }
}

const fn although(row: Row, fault: Fault, trigger: Trigger) -> Row {
    Row {
        fault: Some((fault, trigger)),
        ..row
    }
}

/// The carrier takes none of the first calls on: it is the worker who finds that out, and looks for others to call. Of calls
/// that go well only the API is told.
const fn refused(row: Row) -> Row {
    although(row, Fault::CreateUnavailable, Trigger::times(6))
}

/// In the order of the steps in `ARCHITECTURE.md`.
pub const ROWS: &[Row] = &[
    // 1. A contact is due.
    while_it(api("import.committed", 1), Scene::Import),
    api("command.committed", 1),
    // 2. Top up.
    api("top_up.chosen", 1),
    refused(worker("top_up.chosen", 1)),
    api("top_up.committed", 1),
    refused(worker("top_up.committed", 1)),
    api("top_up.pushed", 1),
    refused(worker("top_up.pushed", 1)),
    // 3. A worker takes the job.
    worker("place.job_taken", 2),
    worker("place.turn_come", 2),
    // 4. Begin.
    worker("begin.decided", 2),
    worker("begin.committed", 2),
    // 5. Ask the carrier.
    worker("place.asking", 3),
    worker("place.answered", 3),
    worker("place.written", 3),
    while_it(worker("place.agents_answered", 2), Scene::AgentsCall),
    alone(although(
        worker("place.probe_answered", 1),
        Fault::CreateUnavailable,
        Trigger::times(6),
    )),
    // 6. The phone is picked up.
    api("answer.registered", 2),
    // 7. The carrier reports.
    while_it(api("webhook.kept", 3), Scene::HeldUp),
    api("settle.taken_in", 3),
    worker("settle.taken_in", 2),
    api("settle.committed", 3),
    worker("settle.committed", 2),
    // 8. What comes next.
    api("conversation.kept", 2),
    // 9. What nobody reported.
    worker("reconcile.claimed", 6),
    alone(while_it(worker("reconcile.requeued", 1), Scene::LostJobs)),
    alone(although(
        worker("check.claimed", 1),
        Fault::CallbackDropped,
        Trigger::share(0.5),
    )),
    alone(although(
        worker("check.answered", 2),
        Fault::CallbackDropped,
        Trigger::share(0.5),
    )),
    alone(while_it(worker("price.claimed", 1), Scene::Prices)),
    alone(while_it(worker("price.answered", 2), Scene::Prices)),
    // Beside campaigns.
    while_it(api("single.begun", 1), Scene::Single),
    while_it(api("single.answered", 1), Scene::Single),
    while_it(api("suppression.committed", 1), Scene::Suppression),
];
