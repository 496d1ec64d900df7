//! The database of a run: a file in memory, one connection for the dialer, one for whoever checks it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use engine::Database;
use sea_orm::{ConnectOptions, DatabaseConnection};
use tempfile::TempDir;

/// The database of a run.
pub struct Store {
    /// For the dialer. A single connection, so that statements have one order whatever the driver's threads do.
    pub database: Database,
    /// For whoever checks: sees what is committed.
    pub eye: DatabaseConnection,
    statements: Arc<AtomicU64>,
    stop_at: Arc<AtomicU64>,
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
        let connection = connect(&dir.path().join("dialer.sqlite"), |_| {}).await?;
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
    /// A fresh copy of `template`.
    ///
    /// # Errors
    /// Where it cannot be copied or opened.
    pub async fn copy(template: &Template) -> anyhow::Result<Self> {
        let dir = folder()?;
        let file = dir.path().join("dialer.sqlite");
        std::fs::copy(template.file(), &file)?;
        let statements = Arc::new(AtomicU64::new(0));
        let stop_at = Arc::new(AtomicU64::new(u64::MAX));
        let counted = Arc::clone(&statements);
        let connection = connect(&file, move |connection| {
            connection.set_metric_callback(move |_| {
                counted.fetch_add(1, Ordering::Relaxed);
            });
        })
        .await?;
        Ok(Self {
            database: Database::over(connection),
            eye: connect(&file, |_| {}).await?,
            statements,
            stop_at,
            _dir: dir,
        })
    }

    /// Statements answered so far.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// From now on [`Self::is_used_up`] after so many more statements.
    pub fn allow(&self, statements: Option<u64>) {
        let stop_at = statements.map_or(u64::MAX, |more| self.statements() + more);
        self.stop_at.store(stop_at, Ordering::Relaxed);
    }

    /// True where as many statements were answered as were allowed.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        self.statements() >= self.stop_at.load(Ordering::Relaxed)
    }

    /// True where nobody has the connection: no statement is under way, and no transaction is open.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let pool = self.database.writer().get_sqlite_connection_pool();
        usize::try_from(pool.size()).is_ok_and(|size| size == pool.num_idle())
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

async fn connect(
    file: &Path,
    prepare: impl FnOnce(&mut DatabaseConnection),
) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()));
    options
        .max_connections(1)
        .min_connections(0)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .foreign_keys(true)
                .with_regexp()
                .pragma("journal_mode", "WAL")
                // Nothing here outlives a loss of power; what a killed process committed stays.
                .pragma("synchronous", "OFF")
        });
    let mut connection = sea_orm::Database::connect(options)
        .await
        .context("a database")?;
    prepare(&mut connection);
    Ok(connection)
}
