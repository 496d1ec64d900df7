//! What keeps the service itself going: the inbox of webhooks, the workers alive, and who does what alone.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table("webhook_inbox")
                // What makes a repetition a repetition: provider, call, event, sequence.
                .col(string_len("event_key", 255).primary_key())
                .col(string_len("provider", 32))
                .col(string_len("kind", 64))
                .col(uuid_null("call_id"))
                .col(timestamp_with_time_zone("received_at"))
                .to_owned(),
        )
        .await?;
        // Serves the pruning of old entries.
        m.create_index(
            Index::create()
                .name("webhook_inbox_received_at_idx")
                .table("webhook_inbox")
                .col("received_at")
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table("workers")
                .col(string_len("id", 128).primary_key())
                .col(string_len("host", 255))
                .col(integer("pid"))
                .col(string_len("version", 32))
                .col(integer("concurrency"))
                .col(timestamp_with_time_zone("started_at"))
                .col(timestamp_with_time_zone("heartbeat_at"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table("leases")
                .col(string_len("name", 64).primary_key())
                .col(string_len("holder", 128))
                .col(timestamp_with_time_zone("held_until"))
                .to_owned(),
        )
        .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in ["leases", "workers", "webhook_inbox"] {
            m.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
