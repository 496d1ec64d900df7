//! Everybody who watches at this process.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use domain::{CampaignId, UserId};
use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

use super::update::Update;
use super::wanted::Wanted;
use super::watcher::{Batch, Ended};
use crate::access::Pass;

/// Batches that wait for one client at most; whoever is further behind is told no more.
pub const WAITING_MAX: usize = 64;

/// Where somebody who watches sits.
struct Seat {
    /// Whose rows are shown; `None`: everybody's.
    scope: Option<UserId>,
    wanted: Wanted,
    pass: Arc<Pass>,
    waiting: mpsc::Sender<Batch>,
    ended: watch::Sender<Option<Ended>>,
}

/// Who watches. Locked for moments only, never while anything is waited for.
#[derive(Default)]
pub struct Audience {
    seats: Mutex<Seats>,
}

#[derive(Default)]
struct Seats {
    taken: HashMap<u64, Seat>,
    last: u64,
}

/// Both ends of what a client is told by.
pub(super) struct Seated {
    pub seat: u64,
    pub waiting: mpsc::Receiver<Batch>,
    pub ended: watch::Receiver<Option<Ended>>,
}

/// What anybody wants to be told of, so that nothing else is read.
#[derive(Debug, Default)]
pub(super) struct Interest {
    /// Whose; `None`: everybody's.
    pub owners: Option<BTreeSet<UserId>>,
    /// Which campaigns; `None`: all.
    pub campaigns: Option<BTreeSet<CampaignId>>,
}

impl Interest {
    /// True where somebody may want to hear of `campaign`; `None`: of something outside campaigns.
    pub(super) fn has(&self, campaign: Option<CampaignId>) -> bool {
        match (&self.campaigns, campaign) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wanted), Some(campaign)) => wanted.contains(&campaign),
        }
    }
}

impl Audience {
    /// Gives somebody who may see what belongs to `scope` a seat, and tells it `first`.
    pub(super) fn take_seat(&self, scope: Option<UserId>, pass: Pass, first: Batch) -> Seated {
        let (sender, waiting) = mpsc::channel(WAITING_MAX);
        let (end, ended) = watch::channel(None);
        // The channel is empty: there is room.
        let _ = sender.try_send(first);
        let mut seats = self.seats.lock();
        seats.last += 1;
        let seat = seats.last;
        let taken = Seat {
            scope,
            wanted: Wanted::default(),
            pass: Arc::new(pass),
            waiting: sender,
            ended: end,
        };
        seats.taken.insert(seat, taken);
        Seated {
            seat,
            waiting,
            ended,
        }
    }

    /// How many watch.
    #[must_use]
    pub fn count(&self) -> usize {
        self.seats.lock().taken.len()
    }

    /// Tells `updates` to everybody who may see and wants them. Whoever is too far behind is told no more.
    pub(super) fn tell(&self, updates: &[Arc<Update>]) {
        let mut shared: HashMap<Option<UserId>, Batch> = HashMap::new();
        let mut seats = self.seats.lock();
        seats.taken.retain(|_, seat| {
            let batch = shared.entry(seat.scope).or_insert_with(|| {
                let seen = updates.iter().filter(|update| update.is_for(seat.scope));
                seen.cloned().collect()
            });
            let batch = if seat.wanted.is_everything() {
                Arc::clone(batch)
            } else {
                let wanted = batch.iter().filter(|update| seat.wanted.has(update));
                wanted.cloned().collect()
            };
            if batch.is_empty() || seat.waiting.try_send(batch).is_ok() {
                return true;
            }
            seat.ended.send_replace(Some(Ended::TooSlow));
            false
        });
    }

    /// Whose figures are watched: each owner once, and `None` for everybody's.
    pub(super) fn scopes(&self) -> BTreeSet<Option<UserId>> {
        let seats = self.seats.lock();
        seats.taken.values().map(|seat| seat.scope).collect()
    }

    /// What anybody wants to be told of; `None` where nobody watches.
    pub(super) fn interest(&self) -> Option<Interest> {
        let seats = self.seats.lock();
        if seats.taken.is_empty() {
            return None;
        }
        let mut interest = Interest {
            owners: Some(BTreeSet::new()),
            campaigns: Some(BTreeSet::new()),
        };
        for seat in seats.taken.values() {
            match (&mut interest.owners, seat.scope) {
                (Some(owners), Some(owner)) => drop(owners.insert(owner)),
                _ => interest.owners = None,
            }
            match (&mut interest.campaigns, &seat.wanted) {
                (Some(campaigns), Wanted::Only(these)) => campaigns.extend(these),
                _ => interest.campaigns = None,
            }
        }
        Some(interest)
    }

    /// By which right everybody watches.
    pub(super) fn passes(&self) -> Vec<(u64, Arc<Pass>)> {
        let seats = self.seats.lock();
        let taken = seats.taken.iter();
        taken
            .map(|(seat, taken)| (*seat, Arc::clone(&taken.pass)))
            .collect()
    }

    /// Tells nothing more to whoever sits at `seat`, and why.
    pub(super) fn end(&self, seat: u64, reason: Ended) {
        if let Some(taken) = self.seats.lock().taken.remove(&seat) {
            taken.ended.send_replace(Some(reason));
        }
    }

    /// Tells nothing more to anybody.
    pub(super) fn end_all(&self, reason: Ended) {
        for (_, taken) in self.seats.lock().taken.drain() {
            taken.ended.send_replace(Some(reason));
        }
    }

    pub(super) fn leave(&self, seat: u64) {
        self.seats.lock().taken.remove(&seat);
    }

    pub(super) fn wanted(&self, seat: u64) -> Wanted {
        let seats = self.seats.lock();
        let taken = seats.taken.get(&seat);
        taken.map(|taken| taken.wanted.clone()).unwrap_or_default()
    }

    pub(super) fn want(&self, seat: u64, wanted: Wanted) {
        if let Some(taken) = self.seats.lock().taken.get_mut(&seat) {
            taken.wanted = wanted;
        }
    }
}
