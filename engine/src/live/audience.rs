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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::figures::LiveStats;
    use super::*;

    fn figures(scope: Option<UserId>) -> Arc<Update> {
        let stats = LiveStats {
            active_calls: 0,
            queue_length: 0,
            total_connections: 1,
            uptime_s: 0,
            memory_bytes: None,
            transcribing: None,
            workers: Arc::default(),
        };
        Update::stats(stats, scope)
    }

    fn sit_down(audience: &Audience, scope: Option<UserId>) -> Seated {
        audience.take_seat(scope, Pass::of_nobody(), Arc::new([figures(scope)]))
    }

    #[test]
    fn whoever_takes_nothing_in_is_told_no_more_and_others_go_on() {
        let audience = Audience::default();
        let slow = sit_down(&audience, None);
        let mut quick = sit_down(&audience, None);
        for _ in 0..WAITING_MAX {
            audience.tell(&[figures(None)]);
            quick.waiting.try_recv().unwrap();
        }
        assert_eq!(*slow.ended.borrow(), Some(Ended::TooSlow));
        assert_eq!(slow.waiting.len(), WAITING_MAX);
        assert_eq!(*quick.ended.borrow(), None);
        assert_eq!(audience.count(), 1);
    }

    #[test]
    fn everybody_who_may_see_the_same_is_told_the_very_same_thing() {
        let ann = Some(UserId::from_uuid(Uuid::now_v7()));
        let audience = Audience::default();
        let mut seats = [ann, ann, None].map(|scope| sit_down(&audience, scope));
        audience.tell(&[figures(None), figures(ann)]);
        let [one, two, all] = seats.each_mut().map(|seat| {
            seat.waiting.try_recv().unwrap();
            seat.waiting.try_recv().unwrap()
        });
        assert!(Arc::ptr_eq(&one[0], &two[0]));
        assert!(!Arc::ptr_eq(&one[0], &all[0]));
        assert_eq!((one.len(), all.len()), (1, 1));
        // Made into text once, by whoever comes first.
        let text = one[0].text(|_| "the first".to_owned());
        let same = two[0].text(|_| "the second".to_owned());
        assert!(Arc::ptr_eq(text, same));
    }

    #[test]
    fn nothing_is_of_interest_that_nobody_wants() {
        let (ann, one) = (
            UserId::from_uuid(Uuid::now_v7()),
            CampaignId::from_uuid(Uuid::now_v7()),
        );
        let audience = Audience::default();
        assert!(audience.interest().is_none());
        let hers = sit_down(&audience, Some(ann));
        audience.want(hers.seat, Wanted::Only(BTreeSet::from([one])));
        let interest = audience.interest().unwrap();
        assert_eq!(interest.owners, Some(BTreeSet::from([ann])));
        assert!(interest.has(Some(one)) && !interest.has(None));
        assert!(!interest.has(Some(CampaignId::from_uuid(Uuid::now_v7()))));
        sit_down(&audience, None);
        let interest = audience.interest().unwrap();
        assert!(interest.owners.is_none() && interest.has(None));
    }
}
