//! The database of a run: a file in memory, one connection for the dialer, one for whoever checks it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use engine::Database;
use sea_orm::{ConnectOptions, DatabaseConnection};
use tempfile::TempDir;

use crate::gate::Gate;

/// The database of a run.
pub struct Store {
    /// For the dialer. A single connection, so that statements have one order whatever the driver's threads do.
    pub database: Database,
    /// For whoever checks: sees what is committed.
    pub eye: DatabaseConnection,
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
    /// A fresh copy of `template`; every statement passes `gate` once it is answered.
    ///
    /// # Errors
    /// Where it cannot be copied or opened.
    pub async fn copy(template: &Template, gate: Gate) -> anyhow::Result<Self> {
        let dir = folder()?;
        let file = dir.path().join("dialer.sqlite");
        std::fs::copy(template.file(), &file)?;
        let connection = connect(&file, move |connection| {
            connection.set_metric_callback(move |_| gate.pass());
        })
        .await?;
        Ok(Self {
            database: Database::over(connection),
            eye: connect(&file, |_| {}).await?,
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
