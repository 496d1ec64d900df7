//! Contacts, and the numbers that must not be called.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        contacts(m).await?;
        contact_indexes(m).await?;
        suppressions(m).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in ["suppressions", "contacts"] {
            m.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

async fn contacts(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.create_table(
        Table::create()
            .table("contacts")
            .col(big_integer("id").auto_increment().primary_key())
            .col(uuid("campaign_id"))
            .col(string_len("phone_number", 16))
            .col(string_len_null("name", 255))
            .col(string_len_null("first_name", 255))
            .col(string_len_null("last_name", 255))
            .col(string_len_null("email", 320))
            // Empty: the campaign's zone.
            .col(string_len("timezone", 64).default(""))
            .col(json_binary_null("metadata"))
            .col(string_len("status", 16))
            // 0: a callback somebody asked for; 1: everything else.
            .col(small_integer("priority").default(1))
            .col(integer("attempts").default(0))
            .col(integer("callback_attempts").default(0))
            .col(boolean("callback_requested").default(false))
            // Counts how often the contact was queued; a job carries the number it was made under.
            .col(integer("ticket").default(0))
            .col(timestamp_with_time_zone_null("queued_at"))
            .col(timestamp_with_time_zone_null("next_attempt_at"))
            .col(timestamp_with_time_zone_null("last_attempt_at"))
            .col(string_len_null("last_outcome", 16))
            .col(text_null("last_error"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("contacts_campaign_id_fkey")
                    .from("contacts", "campaign_id")
                    .to("campaigns", "id"),
            )
            .to_owned(),
    )
    .await
}

async fn contact_indexes(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    // The import maps a second row with the same number to "duplicate".
    m.create_index(
        Index::create()
            .name("contacts_campaign_id_phone_number_key")
            .table("contacts")
            .col("campaign_id")
            .col("phone_number")
            .unique()
            .to_owned(),
    )
    .await?;
    let partial = [
        // Serves top_up: the earliest due contacts of one zone.
        "CREATE INDEX contacts_due_idx ON contacts (campaign_id, priority, timezone, next_attempt_at) \
         WHERE status IN ('pending', 'contacted')",
        // Serves the reconciler: jobs that were pushed long ago and never heard of.
        "CREATE INDEX contacts_queued_idx ON contacts (queued_at) WHERE status = 'queued'",
        // Serves the sweep of an ended campaign, and what is left to do.
        "CREATE INDEX contacts_open_idx ON contacts (campaign_id, id) \
         WHERE status IN ('pending', 'queued', 'contacted')",
    ];
    for statement in partial {
        m.get_connection().execute_unprepared(statement).await?;
    }
    // Serves the list of a campaign's contacts: WHERE campaign_id = ? ORDER BY id
    m.create_index(
        Index::create()
            .name("contacts_campaign_id_id_idx")
            .table("contacts")
            .col("campaign_id")
            .col("id")
            .to_owned(),
    )
    .await?;
    // Serves the list of contacts by status.
    m.create_index(
        Index::create()
            .name("contacts_campaign_id_status_id_idx")
            .table("contacts")
            .col("campaign_id")
            .col("status")
            .col("id")
            .to_owned(),
    )
    .await
}

async fn suppressions(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.create_table(
        Table::create()
            .table("suppressions")
            .col(uuid("id").primary_key())
            .col(uuid("owner_id"))
            .col(string_len("phone_number", 16))
            .col(string_len("source", 32))
            .col(text_null("reason"))
            .col(timestamp_with_time_zone("created_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("suppressions_owner_id_fkey")
                    .from("suppressions", "owner_id")
                    .to("users", "id"),
            )
            .to_owned(),
    )
    .await?;
    // Serves the gate: WHERE owner_id = ? AND phone_number IN (…); makes a second wish a no-op.
    m.create_index(
        Index::create()
            .name("suppressions_owner_id_phone_number_key")
            .table("suppressions")
            .col("owner_id")
            .col("phone_number")
            .unique()
            .to_owned(),
    )
    .await
}
