//! A campaign chooses how its calls reach their agent, and calls through the carrier that its number is from.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEX: &str = "phone_numbers_number_idx";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// On SQLite as well: a step that dies half-way must be taken again from its begin.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::alter();
        // The route a call was begun with; NULL: the route that is configured. Calls from before have it.
        table
            .table("calls")
            .add_column(string_len_null("route", 16));
        m.alter_table(table).await?;
        // Serves begin: which carrier offers the numbers that are called from.
        let index = Index::create()
            .name(INDEX)
            .table("phone_numbers")
            .col("number")
            .to_owned();
        m.create_index(index).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name(INDEX).table("phone_numbers").to_owned();
        m.drop_index(index).await?;
        let mut table = Table::alter();
        table.table("calls").drop_column("route");
        m.alter_table(table).await
    }
}
