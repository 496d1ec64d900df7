//! Whether a carrier is left alone after a burst of its faults, for all processes.

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
        m.create_table(
            Table::create()
                .table("carrier_breakers")
                .col(string_len("carrier", 16).primary_key())
                // NULL: closed.
                .col(timestamp_with_time_zone_null("opened_at"))
                .col(timestamp_with_time_zone_null("open_until"))
                .col(uuid_null("probe_call"))
                .col(timestamp_with_time_zone_null("probe_until"))
                // Answers of late, by halves of the window.
                .col(big_integer("window_half").default(0))
                .col(integer("well").default(0))
                .col(integer("faults").default(0))
                .col(integer("well_before").default(0))
                .col(integer("faults_before").default(0))
                .col(timestamp_with_time_zone_null("busy_until"))
                .col(integer("refusals").default(0))
                .to_owned(),
        )
        .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.drop_table(Table::drop().table("carrier_breakers").to_owned())
            .await
    }
}
