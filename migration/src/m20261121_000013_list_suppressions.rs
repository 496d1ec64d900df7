//! Suppressions are listed, the newest first, with who added them. Their keys grow with time, so they are the order.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: [(&str, &str); 2] = [
    // Serves an owner's list: WHERE owner_id = ? ORDER BY id DESC
    (
        "suppressions_owner_id_id_idx",
        "suppressions (owner_id, id)",
    ),
    // Serves the same by who said so: WHERE owner_id = ? AND source = ? ORDER BY id DESC
    (
        "suppressions_owner_id_source_id_idx",
        "suppressions (owner_id, source, id)",
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// On SQLite as well: a step that dies half-way must be taken again from its begin.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // NULL: nobody by hand, or before anybody took note.
        let column = uuid_null("added_by");
        m.alter_table(
            Table::alter()
                .table("suppressions")
                .add_column(column)
                .to_owned(),
        )
        .await?;
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
        m.alter_table(
            Table::alter()
                .table("suppressions")
                .drop_column("added_by")
                .to_owned(),
        )
        .await
    }
}
