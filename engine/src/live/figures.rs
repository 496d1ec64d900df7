//! The live figures of all that one may see.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::UserId;

use super::resident;
use crate::clock::Clock;
use crate::database::Database;
use crate::error::EngineError;
use crate::store::{live, workers};

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
    /// The workers alive, oldest first; the first 200.
    pub workers: Arc<[WorkerSeen]>,
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
        let workers = alive.into_iter().take(WORKERS_MAX).map(|row| WorkerSeen {
            name: row.id,
            since: row.started_at,
            last_seen: row.heartbeat_at,
        });
        Ok(Self {
            by_owner,
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
            workers: Arc::clone(&self.workers),
        }
    }
}
