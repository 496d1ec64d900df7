//! The live figures of all that one may see.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::UserId;
use entity::worker;

use super::resident;
use crate::clock::Clock;
use crate::database::Database;
use crate::error::EngineError;
use crate::store::{live, workers};
use crate::transcribing::{PoolStatus, utilization};

/// A worker that gave no sign for so long is not shown as alive.
const SILENT_MAX: TimeDelta = TimeDelta::seconds(10);
/// Workers shown.
const WORKERS_MAX: usize = 200;

/// What goes on now.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveStats {
    /// Calls that hold a slot, of all that one may see.
    pub active_calls: i64,
    /// Contacts whose call waits for a worker, of all that one may see.
    pub queue_length: i64,
    /// Clients that watch, at all API processes.
    pub total_connections: u64,
    /// Seconds since this process started.
    pub uptime_s: u64,
    /// Bytes of memory of this process, where the system tells.
    pub memory_bytes: Option<u64>,
    /// How far recordings may be listened to; `None` where no worker has any listened to.
    pub transcribing: Option<PoolSeen>,
    /// The workers alive, oldest first; the first 200.
    pub workers: Arc<[WorkerSeen]>,
}

/// The room for listening to recordings, of all workers together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoolSeen {
    /// The worst that any of them has seen of the service.
    pub status: PoolStatus,
    /// The part that is in use, from 0 to 1.
    pub utilization: f64,
}

/// A worker that is alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerSeen {
    /// Its name, unique per start.
    pub name: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it last said so.
    pub last_seen: DateTime<Utc>,
}

/// The figures of everybody, or of one owner, read at one moment.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    by_owner: HashMap<UserId, Work>,
    transcribing: Option<PoolSeen>,
    workers: Arc<[WorkerSeen]>,
    memory_bytes: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Work {
    active: i64,
    queued: i64,
}

impl Picture {
    /// Reads what belongs to `owner` (`None`: everybody), in three small statements.
    pub(super) async fn read(
        database: &Database,
        clock: &dyn Clock,
        owner: Option<UserId>,
    ) -> Result<Self, EngineError> {
        let db = database.reader();
        let mut by_owner: HashMap<UserId, Work> = HashMap::new();
        for row in live::by_owner(db, owner).await? {
            let work = by_owner.entry(UserId::from_uuid(row.owner_id)).or_default();
            work.active += row.live;
            work.queued += row.queued;
        }
        for row in live::single_calls_by_owner(db, owner).await? {
            let work = by_owner.entry(UserId::from_uuid(row.owner_id)).or_default();
            work.active += row.live;
        }
        let alive = workers::list_alive(db, clock.now() - SILENT_MAX).await?;
        let transcribing = PoolSeen::of(&alive);
        let workers = alive.into_iter().take(WORKERS_MAX).map(|row| WorkerSeen {
            name: row.id,
            since: row.started_at,
            last_seen: row.heartbeat_at,
        });
        Ok(Self {
            by_owner,
            transcribing,
            workers: workers.collect(),
            memory_bytes: resident::bytes(),
        })
    }

    /// The figures of what `scope` may see (`None`: everything), for `total_connections` clients after `uptime_s`.
    pub(super) fn stats(
        &self,
        scope: Option<UserId>,
        total_connections: u64,
        uptime_s: u64,
    ) -> LiveStats {
        let work = match scope {
            Some(owner) => self.by_owner.get(&owner).copied().unwrap_or_default(),
            None => self
                .by_owner
                .values()
                .fold(Work::default(), |sum, work| Work {
                    active: sum.active + work.active,
                    queued: sum.queued + work.queued,
                }),
        };
        LiveStats {
            active_calls: work.active,
            queue_length: work.queued,
            total_connections,
            uptime_s,
            memory_bytes: self.memory_bytes,
            transcribing: self.transcribing,
            workers: Arc::clone(&self.workers),
        }
    }
}

impl PoolSeen {
    /// What `workers` have in use together. The room is one for all of them, so it is not summed; where they disagree about
    /// it, as they do while it is being changed, the greater one is believed.
    fn of(workers: &[worker::Model]) -> Option<Self> {
        let count = |figure: i32| u32::try_from(figure).unwrap_or_default();
        let listening = workers
            .iter()
            .filter_map(|worker| Some((worker, worker.transcribing_max.map(count)?)));
        let at_once_max = listening.clone().map(|(_, max)| max).max()?;
        let in_use = listening
            .clone()
            .map(|(worker, _)| u64::from(worker.transcribing.map_or(0, count)));
        let statuses = listening.filter_map(|(worker, _)| worker.transcriber_status.as_deref());
        Some(Self {
            status: statuses
                .filter_map(PoolStatus::of_word)
                .max()
                .unwrap_or_default(),
            utilization: utilization(in_use.sum(), at_once_max),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker(pool: Option<(i32, i32, &str)>) -> worker::Model {
        worker::Model {
            id: "one".to_owned(),
            host: String::new(),
            pid: 1,
            version: String::new(),
            concurrency: 1,
            started_at: DateTime::UNIX_EPOCH,
            heartbeat_at: DateTime::UNIX_EPOCH,
            transcribing: pool.map(|(in_use, ..)| in_use),
            transcribing_max: pool.map(|(_, max, _)| max),
            transcriber_status: pool.map(|(.., status)| status.to_owned()),
        }
    }

    #[test]
    fn the_room_of_all_workers_is_one_and_the_worst_status_counts() {
        let workers = [
            worker(Some((2, 10, "healthy"))),
            worker(None),
            worker(Some((3, 10, "critical"))),
            worker(Some((0, 10, "warning"))),
        ];
        let seen = PoolSeen {
            status: PoolStatus::Critical,
            utilization: 0.5,
        };
        assert_eq!(PoolSeen::of(&workers), Some(seen));
    }

    #[test]
    fn workers_that_listen_to_nothing_have_no_room() {
        assert_eq!(PoolSeen::of(&[worker(None)]), None);
        assert_eq!(PoolSeen::of(&[]), None);
    }
}
