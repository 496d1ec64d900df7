//! Webhooks that were answered and are not in the books yet.

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
        // A row lives for a moment, so it has as few columns as can be, and no index but its key, which grows with time:
        // whoever looks for those that were left behind begins with the oldest.
        m.create_table(
            Table::create()
                .table("kept_webhooks")
                .col(uuid("id").primary_key())
                .col(uuid("call_id"))
                .col(timestamp_with_time_zone("kept_at"))
                .col(text("told"))
                .to_owned(),
        )
        .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.drop_table(Table::drop().table("kept_webhooks").to_owned())
            .await
    }
}
