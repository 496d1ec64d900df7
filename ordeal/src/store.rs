//! The database of a run: a file in memory, one connection for the dialer, one for whoever checks it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use engine::Database;
use sea_orm::{DatabaseConnection, SqlxSqliteConnector};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tempfile::TempDir;

use crate::brake::Brake;
use crate::gate::Gate;

/// How long, by the machine's clock, a new connection waits for the thread of a killed process to let go.
const LOCKED_MAX: Duration = Duration::from_secs(30);
/// Statements that stay prepared: more than there are.
const STATEMENTS_KEPT_MAX: usize = 1_000;

/// The database of a run.
pub struct Store {
    /// For the dialer. A single connection, so that statements have one order whatever the driver's threads do.
    pub database: Database,
    /// For whoever checks: sees what is committed.
    pub eye: DatabaseConnection,
    /// Holds the dialer's connection back.
    pub brake: Brake,
    _dir: TempDir,
}

/// A database with the schema and nothing in it, to be copied for every run.
pub struct Template {
    dir: TempDir,
}

impl Template {
    /// Makes one.
    ///
    /// # Errors
    /// Where the database cannot be made.
    pub async fn make() -> anyhow::Result<Self> {
        let dir = folder()?;
        let connection = connect(&dir.path().join("dialer.sqlite"), None).await?;
        let database = Database::over(connection.clone());
        database.migrate().await.context("the schema")?;
        connection.close().await?;
        Ok(Self { dir })
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("dialer.sqlite")
    }
}

impl Store {
    /// A fresh copy of `template`; every statement passes `gate` once it is answered.
    ///
    /// # Errors
    /// Where it cannot be copied or opened.
    pub async fn copy(template: &Template, gate: Gate) -> anyhow::Result<Self> {
        let dir = folder()?;
        let file = dir.path().join("dialer.sqlite");
        std::fs::copy(template.file(), &file)?;
        let brake = Brake::default();
        let mut connection = connect(&file, Some(brake.clone())).await?;
        connection.set_metric_callback(move |_| gate.pass());
        Ok(Self {
            database: Database::over(connection),
            eye: connect(&file, None).await?,
            brake,
            _dir: dir,
        })
    }

    /// Waits until the connection was given back: whoever used it does so a moment later, in the runtime it was used in.
    pub async fn settle(&self) {
        while !self.is_quiet() {
            tokio::task::yield_now().await;
        }
    }

    /// True where nobody has the connection: no statement is under way, and no transaction is open.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet()()
    }

    /// Asks for [`Self::is_quiet`], from whatever thread.
    pub fn quiet(&self) -> impl Fn() -> bool + Send + Sync + use<> {
        let pool = self.database.writer().get_sqlite_connection_pool().clone();
        move || usize::try_from(pool.size()).is_ok_and(|size| size == pool.num_idle())
    }
}

/// A folder in memory, where the machine has one.
fn folder() -> std::io::Result<TempDir> {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        return TempDir::with_prefix_in("ordeal-", memory);
    }
    TempDir::with_prefix("ordeal-")
}

/// A pool of one connection, which is held back by `brake`.
async fn connect(file: &Path, brake: Option<Brake>) -> anyhow::Result<DatabaseConnection> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .foreign_keys(true)
        .with_regexp()
        .journal_mode(SqliteJournalMode::Wal)
        // Nothing here outlives a loss of power; what a killed process committed stays.
        .synchronous(SqliteSynchronous::Off)
        .busy_timeout(LOCKED_MAX)
        .statement_cache_capacity(STATEMENTS_KEPT_MAX)
        .disable_statement_logging();
    let given_back = brake.clone();
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        // The driver asks a connection that is given back for a sign of life, which no brake holds back: it would come before
        // or after what else there is to do. So it is asked when all of that is done.
        .after_release(move |_, _| {
            let brake = given_back.clone();
            Box::pin(async move {
                if let Some(brake) = brake {
                    brake.nothing_else_runs().await;
                }
                Ok(true)
            })
        })
        .after_connect(move |connection, _| {
            let brake = brake.clone();
            Box::pin(async move {
                if let Some(brake) = brake {
                    let mut handle = connection.lock_handle().await?;
                    handle.set_progress_handler(1, move || {
                        brake.wait();
                        true
                    });
                }
                Ok(())
            })
        });
    let pool = pool.connect_with(options).await.context("a database")?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}
