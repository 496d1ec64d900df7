//! What everything holds at one moment.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;
use tokio::time::timeout;

use crate::stage::Stage;
use crate::support::database::rows;
use crate::support::process::Process;

/// One look at everything.
#[derive(Clone, Debug)]
pub struct Sample {
    pub at: DateTime<Utc>,
    pub api: Holds,
    /// The worker that lives from begin to end.
    pub worker: Holds,
    /// All workers together.
    pub workers: Holds,
    /// None while there is no Redis, or it does not answer.
    pub redis: Option<RedisHolds>,
    pub postgres: PostgresHolds,
}

/// What a process holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Holds {
    pub bytes: u64,
    /// Files and connections.
    pub files: usize,
}

/// What Redis holds.
#[derive(Clone, Copy, Debug)]
pub struct RedisHolds {
    pub bytes: u64,
    pub keys: u64,
}

/// What Postgres holds.
#[derive(Clone, Copy, Debug)]
pub struct PostgresHolds {
    pub connections: i64,
    /// Rows of the tables that say who is there and who does what: they must not add up.
    pub small_rows: i64,
    /// Bytes of the tables whose few rows are written all the time.
    pub busy_bytes: i64,
    /// Contacts that are queued, and calls that are not settled.
    pub open_rows: i64,
    /// Webhooks that are remembered so that none counts twice.
    pub receipts: i64,
    /// Calls in the books.
    pub calls: i64,
}

/// How long Redis may take to tell.
const REDIS_PATIENCE: Duration = Duration::from_secs(1);

const POSTGRES: &str = "SELECT \
    (SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections, \
    (SELECT COUNT(*) FROM workers) + (SELECT COUNT(*) FROM leases) + (SELECT COUNT(*) FROM carrier_breakers) \
    + (SELECT COUNT(*) FROM transcriptions) + (SELECT COUNT(*) FROM kept_webhooks) AS small_rows, \
    pg_total_relation_size('workers') + pg_total_relation_size('leases') \
    + pg_total_relation_size('carrier_breakers') + pg_total_relation_size('campaign_counters') AS busy_bytes, \
    (SELECT COUNT(*) FROM contacts WHERE status IN ('queued', 'calling')) \
    + (SELECT COUNT(*) FROM calls WHERE settled_at IS NULL) AS open_rows, \
    (SELECT COUNT(*) FROM webhook_inbox) AS receipts, (SELECT COUNT(*) FROM calls) AS calls";

/// Looks at everything.
pub async fn take(stage: &Stage, db: &DatabaseConnection) -> Sample {
    let workers: Vec<Holds> = stage.dialer.workers.iter().map(holds).collect();
    Sample {
        at: Utc::now(),
        api: holds(stage.dialer.web.as_ref().expect("the API")),
        worker: workers[0],
        workers: workers.iter().fold(Holds::default(), |sum, one| Holds {
            bytes: sum.bytes + one.bytes,
            files: sum.files + one.files,
        }),
        redis: timeout(REDIS_PATIENCE, redis(&stage.redis.url()))
            .await
            .unwrap_or(None),
        postgres: postgres(db).await,
    }
}

fn holds(process: &Process) -> Holds {
    Holds {
        bytes: process.resident_bytes(),
        files: process.open_files(),
    }
}

async fn redis(url: &str) -> Option<RedisHolds> {
    let client = redis::Client::open(url).expect("an address");
    let mut connection = client.get_multiplexed_async_connection().await.ok()?;
    let info: redis::InfoDict = redis::cmd("INFO")
        .arg("memory")
        .query_async(&mut connection)
        .await
        .ok()?;
    let keys = redis::cmd("DBSIZE")
        .query_async(&mut connection)
        .await
        .ok()?;
    Some(RedisHolds {
        bytes: info.get("used_memory")?,
        keys,
    })
}

async fn postgres(db: &DatabaseConnection) -> PostgresHolds {
    let row = rows(db, POSTGRES).await.remove(0);
    let figure = |name: &str| {
        row[name]
            .as_i64()
            .unwrap_or_else(|| panic!("{name}: {row}"))
    };
    PostgresHolds {
        connections: figure("connections"),
        small_rows: figure("small_rows"),
        busy_bytes: figure("busy_bytes"),
        open_rows: figure("open_rows"),
        receipts: figure("receipts"),
        calls: figure("calls"),
    }
}
