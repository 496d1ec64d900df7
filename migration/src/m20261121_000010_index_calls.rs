//! Indexes for the calls of all campaigns together, in the order in which they were begun.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: [(&str, &str); 3] = [
    // Serves everybody's call log: ORDER BY begun_at DESC
    ("calls_begun_at_idx", "calls (begun_at)"),
    // Serves the sums of outbound calls: what is to be taken off for calls that came in. They are few.
    (
        "calls_inbound_idx",
        "calls (owner_id, begun_at) WHERE direction = 'inbound'",
    ),
    // Serves the count of calls that were taken for a machine's by mistake. They are fewer.
    (
        "calls_false_positive_idx",
        "calls (owner_id, begun_at) WHERE false_positive_at IS NOT NULL",
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// On SQLite as well: a step that dies half-way must be taken again from its begin.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for (name, on) in INDEXES {
            let statement = format!("CREATE INDEX {name} ON {on}");
            m.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            let statement = format!("DROP INDEX {name}");
            m.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
