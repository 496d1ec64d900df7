//! A campaign chooses how its calls reach their agent: each call remembers the choice it was begun with.

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
        let mut table = Table::alter();
        // NULL: the route that is configured. Calls from before have it.
        table
            .table("calls")
            .add_column(string_len_null("route", 16));
        m.alter_table(table).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::alter();
        table.table("calls").drop_column("route");
        m.alter_table(table).await
    }
}
