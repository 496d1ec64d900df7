//! Indexes of tables that are big, and written to while a step is applied.

use sea_orm_migration::prelude::SchemaManager;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// An index of a big table.
#[derive(Clone, Copy, Debug)]
pub struct BigIndex {
    /// Its name, without a schema.
    pub name: &'static str,
    /// True where no two rows may have the same key.
    pub is_unique: bool,
    /// The table and what of it: `calls (owner_id, begun_at) WHERE settled_at IS NULL`.
    pub on: &'static str,
}

impl BigIndex {
    /// Makes the index, unless it is there. On Postgres without holding writers up, however long it takes
    /// (`CREATE INDEX CONCURRENTLY`): the step must not be in a transaction, so its `use_transaction` says `Some(false)`,
    /// and it holds nothing that must not be done twice. What a run that died left half made is made anew.
    ///
    /// # Errors
    /// What the database says; where two rows have one key, that they do.
    pub async fn create(self, m: &SchemaManager<'_>) -> Result<(), DbErr> {
        let Self { name, on, .. } = self;
        let kind = if self.is_unique {
            "UNIQUE INDEX"
        } else {
            "INDEX"
        };
        let db = m.get_connection();
        if m.get_database_backend() != DbBackend::Postgres {
            let statement = format!("CREATE {kind} IF NOT EXISTS {name} ON {on}");
            return db.execute_unprepared(&statement).await.map(drop);
        }
        // It waits for whoever writes to finish, and nobody waits for it meanwhile: no reason to be impatient.
        db.execute_unprepared("SET lock_timeout = 0").await?;
        if self.is_half_made(m).await? {
            db.execute_unprepared(&format!("DROP INDEX CONCURRENTLY {name}"))
                .await?;
        }
        let statement = format!("CREATE {kind} CONCURRENTLY IF NOT EXISTS {name} ON {on}");
        let made = db.execute_unprepared(&statement).await;
        db.execute_unprepared("RESET lock_timeout").await?;
        made.map(drop)
    }

    /// Takes the index away, if it is there; on Postgres without holding anybody up, and outside a transaction as well.
    ///
    /// # Errors
    /// What the database says.
    pub async fn drop(self, m: &SchemaManager<'_>) -> Result<(), DbErr> {
        let (db, name) = (m.get_connection(), self.name);
        if m.get_database_backend() != DbBackend::Postgres {
            let statement = format!("DROP INDEX IF EXISTS {name}");
            return db.execute_unprepared(&statement).await.map(drop);
        }
        // As above: it waits for others, and nobody for it.
        db.execute_unprepared("SET lock_timeout = 0").await?;
        let statement = format!("DROP INDEX CONCURRENTLY IF EXISTS {name}");
        let dropped = db.execute_unprepared(&statement).await;
        db.execute_unprepared("RESET lock_timeout").await?;
        dropped.map(drop)
    }

    async fn is_half_made(self, m: &SchemaManager<'_>) -> Result<bool, DbErr> {
        let sql = "SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = pg_index.indexrelid \
                   WHERE pg_class.relname = $1 AND NOT pg_index.indisvalid \
                   AND pg_class.relnamespace = current_schema()::regnamespace";
        let values = [self.name.into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let found = m.get_connection().query_one_raw(statement).await?;
        Ok(found.is_some())
    }
}
