//! Suppressions tell who added them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

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
        .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.alter_table(
            Table::alter()
                .table("suppressions")
                .drop_column("added_by")
                .to_owned(),
        )
        .await
    }
}
