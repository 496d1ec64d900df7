//! The database: one for reading and one for writing where the two differ.

use std::sync::Arc;
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    RuntimeErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

/// How long a request waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Of so many connections one is set apart for searches.
const SEARCHES_SHARE: u32 = 4;
/// How often a migration tries to get its locks.
const MIGRATE_TRIES_MAX: u32 = 30;
/// The pause between two tries: whoever waited gets through meanwhile.
const MIGRATE_PAUSE: Duration = Duration::from_secs(2);

/// Connections to SQLite or Postgres.
///
/// SQLite has one writer: a pool of a single connection queues writers fairly in memory, where the database itself would
/// answer "locked". Readers never wait for it (write-ahead log). On Postgres both are the same pool.
///
/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database(Arc<Connections>);

#[derive(Debug)]
struct Connections {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    searcher: DatabaseConnection,
    /// For migrations, which may take longer than any statement of the service.
    unhurried: ConnectOptions,
}

impl Database {
    /// Opens `url` (`sqlite://…` or `postgres://…`) with at most `connections_max` connections.
    ///
    /// A quarter of them, rounded down, is kept for what [`Self::searcher`] is for, so that searches never take the last
    /// connection from a call. With fewer than four there is nothing to keep, and all share.
    ///
    /// A SQLite file is created where there is none; migrations are not run, see [`Self::migrate`].
    ///
    /// # Errors
    /// What the database says where it cannot be reached or the URL is of another kind.
    pub async fn connect(url: &str, connections_max: u32) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            let unhurried = options(url, 1);
            let writer = sea_orm::Database::connect(sqlite(url, 1)).await?;
            let (reader, searcher) = shared_out(connections_max, |max, _| sqlite(url, max)).await?;
            return Ok(Self(Arc::new(Connections {
                reader,
                writer,
                searcher,
                unhurried,
            })));
        }
        let unhurried = migrating(url);
        let (pool, searcher) =
            shared_out(connections_max, |max, by| postgres(url, max, by)).await?;
        Ok(Self(Arc::new(Connections {
            reader: pool.clone(),
            writer: pool,
            searcher,
            unhurried,
        })))
    }

    /// Everything over the one pool of `connection`: reading, writing and searching. Where that is a single connection,
    /// statements have one order; a transaction that reads beside itself would wait for ever.
    #[must_use]
    pub fn over(connection: DatabaseConnection) -> Self {
        Self(Arc::new(Connections {
            reader: connection.clone(),
            writer: connection.clone(),
            searcher: connection,
            unhurried: ConnectOptions::new(""),
        }))
    }

    /// Applies the migrations that are missing. Safe to run twice, and from several processes on Postgres only in turn.
    ///
    /// Whoever waits for a table's lock holds up everybody who comes after. So a step on Postgres waits for a moment only,
    /// is taken back and tried again: calls go on meanwhile.
    ///
    /// # Errors
    /// What the database says, also where a lock could not be had in about two minutes; steps before the failing one stay
    /// applied.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        if self.backend() == DbBackend::Sqlite {
            return Migrator::up(&self.0.writer, None).await;
        }
        let connection = sea_orm::Database::connect(self.0.unhurried.clone()).await?;
        for tries_left in (0..MIGRATE_TRIES_MAX).rev() {
            match Migrator::up(&connection, None).await {
                Err(error) if tries_left > 0 && is_locked(&error) => {
                    tracing::warn!(tries_left, "a table is in use; trying again in a moment");
                    tokio::time::sleep(MIGRATE_PAUSE).await;
                }
                done => {
                    done?;
                    break;
                }
            }
        }
        connection.close().await
    }

    /// How many migrations are missing.
    ///
    /// # Errors
    /// What the database says.
    pub async fn pending_migrations(&self) -> Result<usize, DbErr> {
        Migrator::get_pending_migrations(&self.0.writer)
            .await
            .map(|steps| steps.len())
    }

    /// For statements that change nothing.
    #[must_use]
    pub fn reader(&self) -> &DatabaseConnection {
        &self.0.reader
    }

    /// For reads that may walk many rows: lists with filters, the log's search, exports, analytics. There are few such
    /// connections, so few such reads are under way at once, and whoever finds none for five seconds is told to come again
    /// (`Unavailable`). Webhooks and dialing have the others to themselves.
    #[must_use]
    pub fn searcher(&self) -> &DatabaseConnection {
        &self.0.searcher
    }

    /// For single statements that change something.
    #[must_use]
    pub fn writer(&self) -> &DatabaseConnection {
        &self.0.writer
    }

    /// Begins a transaction that may write; rolled back unless committed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        // On SQLite a transaction that began to read cannot wait for the writer any more, it fails at once.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.0.writer.begin_with_options(options).await
    }

    /// [`Self::begin`] of what is done again should it be lost: its commit does not wait for Postgres' disk, and a Postgres
    /// that is cut off within the next second may have forgotten it. It forgets in the order of commits: nothing that was
    /// built on it, and waited for the disk, stands without it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin_unsynced(&self) -> Result<DatabaseTransaction, DbErr> {
        let txn = self.begin().await?;
        if self.backend() == DbBackend::Postgres {
            let set = "SET LOCAL synchronous_commit TO off";
            txn.execute_unprepared(set).await?;
        }
        Ok(txn)
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.0.reader.ping().await
    }

    /// SQLite or Postgres.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.0.writer.get_database_backend()
    }
}

/// Connections for everything else, and those for searches, which are opened when they are needed.
async fn shared_out(
    connections_max: u32,
    options: impl Fn(u32, Plans) -> ConnectOptions,
) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    let searches_max = connections_max / SEARCHES_SHARE;
    if searches_max == 0 {
        let all = sea_orm::Database::connect(options(connections_max, Plans::Any)).await?;
        return Ok((all.clone(), all));
    }
    let others_max = connections_max - searches_max;
    let all = sea_orm::Database::connect(options(others_max, Plans::ByIndex)).await?;
    let mut options = options(searches_max, Plans::Any);
    options.min_connections(0).connect_lazy(true);
    let searcher = sea_orm::Database::connect(options).await?;
    Ok((all, searcher))
}

fn options(url: &str, connections_max: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .max_connections(connections_max)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        // Statements carry phone numbers as parameters; none of that belongs in a log.
        .sqlx_logging(false);
    options
}

/// How Postgres may go about a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plans {
    /// Whatever seems cheapest for what is asked this time: somebody who looks for a rare name is best served by an index,
    /// somebody who looks for everybody by none.
    Any,
    /// By an index, where one can serve. All statements of dialing are written for one. A plan that is made while a table is
    /// nearly empty, as it is on the first day, reads all of it, and is kept for minutes in which thousands of calls are begun.
    ByIndex,
}

/// A process that is frozen or cut off in the middle of a transaction holds its locks, and Postgres by itself waits for
/// ever. No transaction of ours is idle for a second, so three of them mean that its owner is
/// gone; whoever waits for the lock waits longer than that, so that it gets it.
fn postgres(url: &str, connections_max: u32, plans: Plans) -> ConnectOptions {
    let mut options = options(url, connections_max);
    options.map_sqlx_postgres_opts(move |postgres| {
        let postgres = postgres.options([match plans {
            Plans::Any => ("plan_cache_mode", "force_custom_plan"),
            Plans::ByIndex => ("enable_seqscan", "off"),
        }]);
        postgres.options([
            // No statement runs for so long that compiling it would pay.
            ("jit", "off"),
            ("idle_in_transaction_session_timeout", "3s"),
            ("lock_timeout", "5s"),
            ("statement_timeout", "30s"),
        ])
    });
    options
}

/// Statements may take as long as they need, as a big table is rewritten or indexed. Locks may not: others queue behind them.
fn migrating(url: &str) -> ConnectOptions {
    let mut options = options(url, 1);
    options.map_sqlx_postgres_opts(|postgres| postgres.options([("lock_timeout", "2s")]));
    options
}

/// True where a lock could not be had, or two waited for each other.
fn is_locked(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    let code = error.as_database_error().and_then(|told| told.code());
    code.is_some_and(|code| ["55P03", "40P01"].contains(&&*code))
}

fn sqlite(url: &str, connections_max: u32) -> ConnectOptions {
    let mut options = options(url, connections_max);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .foreign_keys(true)
            // Searches fold the case of every letter with it.
            .with_regexp()
            .journal_mode(SqliteJournalMode::Wal)
            // A call that was begun must be remembered even if the power fails: forgetting it means calling twice.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
    });
    options
}
