//! The queue in Redis, as apalis keeps it. Which setting stands against which measured failure is said beside each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use apalis_core::backend::TaskSink;
use apalis_core::task::builder::TaskBuilder;
use apalis_core::task::task_id::TaskId;
use apalis_redis::{Config, RedisStorage};
use async_trait::async_trait;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client, RedisError, Script};

use super::{CallJob, CallQueue, PUSH_MAX, QueueError};

/// How long Redis may take for one answer. The client's own default of 500 ms ends a worker at every hiccup.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long opening a connection may take.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest pause between two tries to reach Redis again.
const RECONNECT_DELAY_MAX: Duration = Duration::from_secs(1);
/// How often a worker says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How many of those it may miss before others take its jobs.
const HEARTBEATS_MISSED_MAX: usize = 3;
/// How long an idempotency key is kept. Unused, as job ids are deterministic; unset would mean "delete at once".
const IDEMPOTENCY_TTL: Duration = Duration::from_secs(86_400);
/// Done jobs forgotten in one script call: a few milliseconds of Redis.
const REAP_BATCH: u32 = 1_000;
/// Keys looked at in one search for workers that are gone.
const SCAN_BATCH: u32 = 200;
/// Script calls in one go of the reaper.
const REAP_BATCHES_MAX: u32 = 5;

/// Takes up to `ARGV[1]` ids off a set of finished jobs and deletes what is kept of each. Nobody else ever does.
const REAP: &str = "
local ids = redis.call('spop', KEYS[1], tonumber(ARGV[1]))
if #ids == 0 then return 0 end
redis.call('hdel', KEYS[2], unpack(ids))
for i = 1, #ids do ids[i] = KEYS[3] .. ':' .. ids[i] end
redis.call('unlink', unpack(ids))
return #ids";

/// Deletes what is kept of workers that are gone: every start has a name of its own, and nobody else cleans up after it.
const FORGET_WORKERS: &str = "
local forgotten = 0
local found = redis.call('scan', ARGV[2], 'match', KEYS[2] .. '*', 'count', tonumber(ARGV[1]))
for _, key in ipairs(found[2]) do
  local name = string.sub(key, #KEYS[2] + 1)
  if not redis.call('zscore', KEYS[1], name) then
    redis.call('unlink', key)
    forgotten = forgotten + 1
  end
end
return {found[1], forgotten}";

/// Everything that waits or runs: scheduled, active, and in flight at any worker.
const DEPTH: &str = "
local depth = redis.call('zcard', KEYS[1]) + redis.call('llen', KEYS[2])
for _, worker in ipairs(redis.call('zrange', KEYS[3], 0, 999)) do
  depth = depth + redis.call('scard', KEYS[4] .. ':' .. worker)
end
return depth";

/// Notes that a process cannot keep up until the end of its span, by Redis' own clock, and forgets whoever's is over.
const NOTE_OVERLOAD: &str = "
local time = redis.call('time')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('zremrangebyscore', KEYS[1], '-inf', now_ms)
redis.call('zadd', KEYS[1], now_ms + ARGV[2], ARGV[1])";

/// Whether the span of some process is not over.
const IS_OVERLOADED: &str = "
local time = redis.call('time')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('zcount', KEYS[1], '(' .. now_ms, '+inf') > 0";

/// Where the queue is and how to reach it.
#[derive(Clone, Debug)]
pub struct RedisQueueConfig {
    /// `redis://…`.
    pub url: String,
    /// The queue's name; tests that share a server each have their own.
    pub name: String,
}

/// A [`CallQueue`] in Redis.
#[derive(Clone)]
pub struct RedisCallQueue {
    connection: ConnectionManager,
    storage: RedisStorage<CallJob>,
    name: String,
    /// Where the search for workers that are gone goes on.
    cursor: Arc<AtomicU64>,
}

impl RedisCallQueue {
    /// Connects to the queue.
    ///
    /// # Errors
    /// What Redis says where it cannot be reached.
    pub async fn connect(config: &RedisQueueConfig) -> Result<Self, RedisError> {
        let connection = connect(&config.url).await?;
        let storage = storage(connection.clone(), &config.name);
        Ok(Self {
            connection,
            storage,
            name: config.name.clone(),
            cursor: Arc::default(),
        })
    }

    /// The apalis storage behind it, for the worker that takes jobs out.
    #[must_use]
    pub fn storage(&self) -> RedisStorage<CallJob> {
        self.storage.clone()
    }

    /// The channel on which a push says that there is something to fetch.
    #[must_use]
    pub fn wake_channel(&self) -> String {
        wake_channel(&self.name)
    }

    /// Looks at a few keys, and goes on where it stopped the next time.
    async fn forget_workers(&self) -> Result<(), RedisError> {
        let (cursor, forgotten): (u64, u32) = Script::new(FORGET_WORKERS)
            .key(self.key("workers"))
            .key(self.key("workers:metadata:"))
            .arg(SCAN_BATCH)
            .arg(self.cursor.load(Ordering::Relaxed))
            .invoke_async(&mut self.connection.clone())
            .await?;
        self.cursor.store(cursor, Ordering::Relaxed);
        tracing::trace!(forgotten, "forgot workers that are gone");
        Ok(())
    }

    fn key(&self, part: &str) -> String {
        format!("{}:{part}", self.name)
    }
}

/// The channel on which pushes to the queue `name` are announced.
#[must_use]
pub fn wake_channel(name: &str) -> String {
    format!("{name}:wake")
}

/// A connection that comes back by itself and is patient with a busy server.
///
/// # Errors
/// What Redis says where it cannot be reached.
pub async fn connect(url: &str) -> Result<ConnectionManager, RedisError> {
    let config = ConnectionManagerConfig::new()
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        .set_connection_timeout(Some(CONNECTION_TIMEOUT))
        .set_max_delay(RECONNECT_DELAY_MAX);
    Client::open(url)?
        .get_connection_manager_with_config(config)
        .await
}

fn storage(connection: ConnectionManager, name: &str) -> RedisStorage<CallJob> {
    let config = Config::default()
        .queue(name)
        // A prefetched batch stops heartbeats while its first job runs: the jobs are then taken by another worker, too.
        .batch_size(1)
        // The lock is an O(backlog) scan per job and starts after the handler does; `begin` is the real guard.
        .lock_tasks(false)
        // Nobody listens.
        .emit_events(false)
        // Without results nothing is ever acknowledged.
        .persist_results(true)
        .idempotency_ttl(Some(IDEMPOTENCY_TTL))
        .heartbeat_interval(HEARTBEAT)
        .missed_heartbeats(HEARTBEATS_MISSED_MAX);
    RedisStorage::new(connection).with_config(config)
}

#[async_trait]
impl CallQueue for RedisCallQueue {
    async fn push(&self, jobs: &[CallJob]) -> Result<(), QueueError> {
        for chunk in jobs.chunks(PUSH_MAX) {
            let tasks = chunk.iter().map(|job| {
                TaskBuilder::new(job.clone())
                    .task_id(TaskId::from_string(job.id()))
                    .build()
            });
            let tasks: Vec<_> = tasks.collect();
            self.storage
                .clone()
                .push_all(futures::stream::iter(tasks))
                .await
                .map_err(|error| QueueError(anyhow::anyhow!("{error}")))?;
        }
        // A hint: a worker that misses it looks by itself within a tick.
        let woken: Result<i64, _> = self
            .connection
            .clone()
            .publish(self.wake_channel(), "")
            .await;
        if let Err(error) = woken {
            tracing::debug!(%error, "could not announce a push");
        }
        Ok(())
    }

    async fn depth(&self) -> Result<u32, QueueError> {
        Script::new(DEPTH)
            .key(self.key("scheduled"))
            .key(self.key("active"))
            .key(self.key("workers"))
            .key(self.key("inflight"))
            .invoke_async(&mut self.connection.clone())
            .await
            .map_err(|error| QueueError(error.into()))
    }

    async fn note_overload(&self, process: &str, span: Duration) -> Result<(), QueueError> {
        let span_ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Script::new(NOTE_OVERLOAD)
            .key(self.key("overloads"))
            .arg(process)
            .arg(span_ms)
            .invoke_async(&mut self.connection.clone())
            .await
            .map_err(|error| QueueError(error.into()))
    }

    async fn forget_overload(&self, process: &str) -> Result<(), QueueError> {
        self.connection
            .clone()
            .zrem(self.key("overloads"), process)
            .await
            .map_err(|error| QueueError(error.into()))
    }

    async fn is_overloaded(&self) -> Result<bool, QueueError> {
        Script::new(IS_OVERLOADED)
            .key(self.key("overloads"))
            .invoke_async(&mut self.connection.clone())
            .await
            .map_err(|error| QueueError(error.into()))
    }

    async fn ping(&self) -> Result<(), QueueError> {
        let pong: Result<String, _> = redis::cmd("PING")
            .query_async(&mut self.connection.clone())
            .await;
        pong.map(|_| ()).map_err(|error| QueueError(error.into()))
    }

    async fn reap(&self) -> Result<u32, QueueError> {
        let mut reaped = 0;
        for finished in ["done", "dead"] {
            for _ in 0..REAP_BATCHES_MAX {
                let count: u32 = Script::new(REAP)
                    .key(self.key(finished))
                    .key(self.key("data"))
                    .key(self.key("meta"))
                    .arg(REAP_BATCH)
                    .invoke_async(&mut self.connection.clone())
                    .await
                    .map_err(|error| QueueError(error.into()))?;
                reaped += count;
                if count < REAP_BATCH {
                    break;
                }
            }
        }
        self.forget_workers()
            .await
            .map_err(|error| QueueError(error.into()))?;
        Ok(reaped)
    }
}
