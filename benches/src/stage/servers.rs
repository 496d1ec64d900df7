//! Postgres and Redis, which somebody else started and stops.

use anyhow::Context;
use redis::aio::MultiplexedConnection;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use uuid::Uuid;

use super::usage;

/// The servers, and a database of our own in them.
pub struct Servers {
    /// Where our database is.
    pub database_url: String,
    /// Where Redis is.
    pub redis_url: String,
    admin: DatabaseConnection,
    name: String,
    postgres: u32,
    redis_id: u32,
    redis: MultiplexedConnection,
}

impl Servers {
    /// Finds the servers by `TEST_POSTGRES_URL` and `TEST_REDIS_URL`, and makes a database.
    ///
    /// # Errors
    /// Which server does not answer.
    pub async fn find() -> anyhow::Result<Self> {
        let variable = |name| std::env::var(name).context("run it with `make bench`");
        let (url, redis_url) = (variable("TEST_POSTGRES_URL")?, variable("TEST_REDIS_URL")?);
        let admin = Database::connect(&url).await?;
        let name = format!("bench_{}", Uuid::now_v7().simple());
        admin
            .execute_unprepared(&format!("CREATE DATABASE {name}"))
            .await?;
        let (server, _) = url
            .rsplit_once('/')
            .context("TEST_POSTGRES_URL names no database")?;
        let database_url = format!("{server}/{name}");
        let backend: i32 = one(&admin, "SELECT pg_backend_pid()").await?;
        let postgres =
            usage::parent(u32::try_from(backend)?).context("Postgres is on another machine")?;
        let client = redis::Client::open(redis_url.as_str())?;
        let mut redis = client.get_multiplexed_async_connection().await?;
        let redis_id: u32 = info(&mut redis, "process_id").await?;
        Ok(Self {
            database_url,
            redis_url,
            admin,
            name,
            postgres,
            redis_id,
            redis,
        })
    }

    /// Seconds of CPU time of Postgres, all its processes.
    pub fn postgres_cpu_s(&self) -> f64 {
        usage::cpu_with_children_s(self.postgres)
    }

    /// Seconds of CPU time of Redis.
    pub fn redis_cpu_s(&self) -> f64 {
        usage::cpu_s(self.redis_id)
    }

    /// Megabytes of data in Redis.
    ///
    /// # Errors
    /// Redis does not answer.
    pub async fn redis_mb(&self) -> anyhow::Result<f64> {
        let bytes: f64 = info(&mut self.redis.clone(), "used_memory").await?;
        Ok(bytes / 1_048_576.0)
    }

    /// Drops our database.
    ///
    /// # Errors
    /// What Postgres says.
    pub async fn strike(self) -> anyhow::Result<()> {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        self.admin.execute_unprepared(&drop).await?;
        Ok(())
    }
}

async fn one<T: sea_orm::TryGetable>(db: &DatabaseConnection, sql: &str) -> anyhow::Result<T> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await?;
    let row = row.with_context(|| format!("no row: {sql}"))?;
    Ok(row.try_get_by_index(0)?)
}

/// One figure of what Redis tells about itself.
async fn info<T: std::str::FromStr>(
    redis: &mut MultiplexedConnection,
    what: &str,
) -> anyhow::Result<T> {
    let text: String = redis::cmd("INFO").query_async(redis).await?;
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    lines
        .find(|(name, _)| *name == what)
        .and_then(|(_, figure)| figure.trim().parse().ok())
        .with_context(|| format!("Redis does not tell its {what}"))
}
