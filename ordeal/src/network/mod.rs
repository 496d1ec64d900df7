//! The world outside: a carrier, an agents' platform and a queue that misbehave within what they are allowed.

mod agents;
mod call;
mod carrier;
mod door;
mod life;
mod person;
mod place;
mod post;
mod queue;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::CallId;
use engine::Clock;
use engine::queue::CallJob;
use parking_lot::Mutex;

pub use agents::VirtualAgents;
pub use call::{Call, Seen};
pub use carrier::VirtualCarrier;
pub use post::{Post, Told};
pub use queue::VirtualQueue;

use crate::chance::Chance;
use crate::clock::VirtualClock;
use crate::faults::Faults;

/// Something that happens at an instant.
type Happening = Box<dyn FnOnce(&mut Network) + Send>;

/// Everything outside the dialer.
pub struct Network {
    seed: u64,
    clock: VirtualClock,
    chance: Chance,
    /// How much goes wrong at present.
    pub faults: Faults,
    /// Until when the carrier takes nothing on.
    pub carrier_down_until: Option<DateTime<Utc>>,
    /// Until when the carrier refuses the account.
    pub account_refused_until: Option<DateTime<Utc>>,
    /// Until when the queue does not answer.
    pub queue_down_until: Option<DateTime<Utc>>,
    /// The carrier's calls, in the order in which it took them on.
    pub calls: Vec<Call>,
    /// What the carrier saw and nobody has looked at yet.
    pub seen: Vec<Seen>,
    /// Webhooks that are due.
    pub posts: Vec<Post>,
    /// Jobs that are due.
    pub jobs: Vec<CallJob>,
    /// Jobs that the queue holds, by id.
    held: BTreeMap<String, CallJob>,
    talked_to: HashMap<String, u64>,
    agenda: BTreeMap<(DateTime<Utc>, u64), Happening>,
    planned: u64,
}

/// The world outside, as the dialer's processes share it.
pub type Shared = Arc<Mutex<Network>>;

impl Network {
    /// A quiet world in which nothing was ever called.
    #[must_use]
    pub fn new(seed: u64, clock: VirtualClock, faults: Faults) -> Shared {
        Arc::new(Mutex::new(Self {
            seed,
            clock,
            chance: Chance::of(seed, "network"),
            faults,
            carrier_down_until: None,
            account_refused_until: None,
            queue_down_until: None,
            calls: Vec::new(),
            seen: Vec::new(),
            posts: Vec::new(),
            jobs: Vec::new(),
            held: BTreeMap::new(),
            talked_to: HashMap::new(),
            agenda: BTreeMap::new(),
            planned: 0,
        }))
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// `happening` comes in `wait` from now.
    fn after(&mut self, wait: TimeDelta, happening: impl FnOnce(&mut Self) + Send + 'static) {
        self.planned += 1;
        let at = self.now() + wait;
        self.agenda.insert((at, self.planned), Box::new(happening));
    }

    /// When something happens next; `None`: nothing will by itself.
    #[must_use]
    pub fn next(&self) -> Option<DateTime<Utc>> {
        self.agenda.keys().next().map(|(at, _)| *at)
    }

    /// Lets everything happen that is due.
    pub fn happen(&mut self) {
        let now = self.now();
        while let Some(entry) = self.agenda.first_entry() {
            if entry.key().0 > now {
                return;
            }
            entry.remove()(self);
        }
    }

    /// The carrier's call of ours that is called `id`.
    #[must_use]
    pub fn call(&self, id: CallId) -> Option<&Call> {
        self.calls.iter().find(|call| call.id == id)
    }

    fn is_down(&self, until: Option<DateTime<Utc>>) -> bool {
        until.is_some_and(|until| self.now() < until)
    }
}
