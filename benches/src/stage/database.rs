//! The database of a run, seen from outside the dialer.

use anyhow::Context;
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, Statement, TryGetable,
};

use super::dialect::Dialect;

/// A connection to it, and how it is spoken to.
pub struct Database {
    /// Postgres' words, or SQLite's.
    pub dialect: Dialect,
    connection: DatabaseConnection,
}

impl Database {
    /// Opens the database at `url`, which is there.
    ///
    /// # Errors
    /// It is not.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let mut options = ConnectOptions::new(url.to_owned());
        options.max_connections(1).sqlx_logging(false);
        let connection = sea_orm::Database::connect(options).await?;
        let dialect = match connection.get_database_backend() {
            DbBackend::Sqlite => Dialect::Sqlite,
            _ => Dialect::Postgres,
        };
        Ok(Self {
            dialect,
            connection,
        })
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// What the database says.
    pub async fn run(&self, sql: &str) -> anyhow::Result<()> {
        let done = self.connection.execute_unprepared(sql).await;
        done.map(drop).with_context(|| sql.to_owned())
    }

    /// The one figure that a statement answers.
    ///
    /// # Errors
    /// What the database says.
    pub async fn figure<T: TryGetable>(&self, sql: &str) -> anyhow::Result<T> {
        let figures = self.figures(sql).await?;
        figures
            .into_iter()
            .next()
            .with_context(|| format!("no row: {sql}"))
    }

    /// The first figure of each row that a statement answers.
    ///
    /// # Errors
    /// What the database says.
    pub async fn figures<T: TryGetable>(&self, sql: &str) -> anyhow::Result<Vec<T>> {
        let statement = Statement::from_string(self.connection.get_database_backend(), sql);
        let rows = self.connection.query_all_raw(statement).await;
        let rows = rows.with_context(|| sql.to_owned())?;
        let figures = rows.iter().map(|row| row.try_get_by_index(0));
        Ok(figures.collect::<Result<_, _>>()?)
    }

    /// Lets go of it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn close(self) -> anyhow::Result<()> {
        Ok(self.connection.close().await?)
    }
}
