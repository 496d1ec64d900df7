//! What live figures look like.

use chrono::{DateTime, Utc};
use engine::live::{LiveStats, PoolSeen, WorkerSeen};
use serde::Serialize;
use utoipa::ToSchema;

/// What goes on now.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatsView {
    /// Calls that hold a slot, of all that one may see
    active_calls: i64,
    /// Contacts whose call waits for a worker, of all that one may see
    queue_length: i64,
    /// WebSocket clients of all API processes, whosever
    total_connections: u64,
    /// Seconds since this API process started
    uptime: u64,
    /// Bytes of memory of this API process; left out where the system does not tell
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false, example = 41_943_040)]
    memory: Option<u64>,
    /// Recordings that Deepgram listens to, for all workers together; left out where it is not used
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = DeepgramPool, required = false)]
    deepgram_pool: Option<DeepgramPool>,
    /// The workers alive, oldest first; the first 200
    workers: Vec<WorkerView>,
}

/// How far the room at Deepgram is used.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeepgramPool {
    /// `healthy`, `warning` (most of the room is taken, or something went wrong within the last minute) or `critical`
    /// (hardly any room is left, everything goes wrong, or the account is refused)
    #[schema(example = "healthy")]
    pub status: &'static str,
    /// The part that is in use, from 0 to 1
    #[schema(minimum = 0, maximum = 1, example = 0.25)]
    pub utilization: f64,
}

/// A worker that is alive.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkerView {
    /// Unique per start
    #[schema(example = "1-01899c1e5f0a7c3d9b2a3f6d2e8a4b10")]
    name: String,
    since: DateTime<Utc>,
    /// When it last gave a sign of life
    last_seen: DateTime<Utc>,
}

impl From<&WorkerSeen> for WorkerView {
    fn from(worker: &WorkerSeen) -> Self {
        Self {
            name: worker.name.clone(),
            since: worker.since,
            last_seen: worker.last_seen,
        }
    }
}

impl From<PoolSeen> for DeepgramPool {
    fn from(seen: PoolSeen) -> Self {
        Self {
            status: seen.status.as_str(),
            utilization: seen.utilization,
        }
    }
}

impl From<&LiveStats> for StatsView {
    fn from(stats: &LiveStats) -> Self {
        Self {
            active_calls: stats.active_calls,
            queue_length: stats.queue_length,
            total_connections: stats.total_connections,
            uptime: stats.uptime_s,
            memory: stats.memory_bytes,
            deepgram_pool: stats.transcribing.map(DeepgramPool::from),
            workers: stats.workers.iter().map(WorkerView::from).collect(),
        }
    }
}

/// What goes on now; the figures twice, for readers of either place.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatsEnvelope {
    success: bool,
    data: StatsView,
    #[serde(flatten)]
    figures: StatsView,
}

impl From<LiveStats> for StatsEnvelope {
    fn from(stats: LiveStats) -> Self {
        let figures = StatsView::from(&stats);
        Self {
            success: true,
            data: figures.clone(),
            figures,
        }
    }
}
