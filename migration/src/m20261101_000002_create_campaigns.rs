//! Campaigns, their counters, the zones of their contacts, and what happened to them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        campaigns(m).await?;
        counters(m).await?;
        zones(m).await?;
        events(m).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "campaign_events",
            "campaign_zones",
            "campaign_counters",
            "campaigns",
        ] {
            m.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

async fn campaigns(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.create_table(
        Table::create()
            .table("campaigns")
            .col(uuid("id").primary_key())
            .col(uuid("owner_id"))
            .col(string_len("name", 255))
            .col(text_null("description"))
            .col(string_len("status", 32))
            .col(text_null("status_reason"))
            .col(timestamp_with_time_zone_null("start_date"))
            .col(timestamp_with_time_zone_null("end_date"))
            .col(string_len("timezone", 64))
            .col(string_len_null("daily_start_time", 5))
            .col(string_len_null("daily_end_time", 5))
            .col(string_len_null("phone_number_id", 255))
            .col(string_len_null("phone_number", 16))
            .col(string_len_null("voice_agent_id", 255))
            .col(json_binary_null("agent_config"))
            .col(integer("max_concurrent_calls"))
            .col(integer("call_attempts_per_contact"))
            .col(integer("retry_delay_minutes"))
            .col(string_len("schedule_type", 16))
            .col(json_binary_null("schedule_config"))
            .col(json_binary_null("callback_config"))
            .col(json_binary_null("transfer_config"))
            .col(json_binary("tags"))
            .col(json_binary_null("metadata"))
            .col(string_len_null("region", 2))
            .col(timestamp_with_time_zone_null("started_at"))
            .col(timestamp_with_time_zone_null("paused_at"))
            .col(timestamp_with_time_zone_null("resumed_at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .col(timestamp_with_time_zone_null("deleted_at"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("campaigns_owner_id_fkey")
                    .from("campaigns", "owner_id")
                    .to("users", "id"),
            )
            .to_owned(),
    )
    .await?;
    indexes(m).await
}

async fn indexes(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    // Serves an owner's list in its default order: WHERE owner_id = ? ORDER BY created_at DESC, id
    m.create_index(
        Index::create()
            .name("campaigns_owner_id_created_at_idx")
            .table("campaigns")
            .col("owner_id")
            .col("created_at")
            .col("id")
            .to_owned(),
    )
    .await?;
    // Serves an administrator's list in its default order: ORDER BY created_at DESC, id
    m.create_index(
        Index::create()
            .name("campaigns_created_at_id_idx")
            .table("campaigns")
            .col("created_at")
            .col("id")
            .to_owned(),
    )
    .await?;
    // Serves the reconciler (WHERE status = 'active' …) and lists by status.
    m.create_index(
        Index::create()
            .name("campaigns_status_created_at_idx")
            .table("campaigns")
            .col("status")
            .col("created_at")
            .to_owned(),
    )
    .await
}

/// One narrow row per campaign, changed only by the transaction that changes what it counts.
async fn counters(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("campaign_counters")
        .col(uuid("campaign_id").primary_key())
        // The earliest instant at which a top-up may find something to do; NULL: nothing until something changes.
        .col(timestamp_with_time_zone_null("wake_at"));
    for contacts in [
        "total",
        "pending",
        "queued",
        "calling",
        "contacted",
        "completed",
        "failed",
        "do_not_call",
        "canceled",
        "reached",
        "callbacks",
    ] {
        table.col(integer(contacts).default(0));
    }
    for calls in [
        "live",
        "calls_placed",
        "calls_completed",
        "calls_failed",
        "calls_busy",
        "calls_no_answer",
        "calls_voicemail",
        "calls_successful",
        "transfers",
    ] {
        table.col(integer(calls).default(0));
    }
    m.create_table(
        table
            .foreign_key(
                ForeignKey::create()
                    .name("campaign_counters_campaign_id_fkey")
                    .from("campaign_counters", "campaign_id")
                    .to("campaigns", "id"),
            )
            .to_owned(),
    )
    .await?;
    // Serves the reconciler: WHERE wake_at <= ?
    m.create_index(
        Index::create()
            .name("campaign_counters_wake_at_idx")
            .table("campaign_counters")
            .col("wake_at")
            .to_owned(),
    )
    .await
}

/// The zones that occur among a campaign's contacts: a superset, grown by imports, so that a top-up need not look for them.
async fn zones(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.create_table(
        Table::create()
            .table("campaign_zones")
            .col(uuid("campaign_id"))
            // Empty: contacts that have no zone of their own.
            .col(string_len("timezone", 64))
            .primary_key(Index::create().col("campaign_id").col("timezone"))
            .foreign_key(
                ForeignKey::create()
                    .name("campaign_zones_campaign_id_fkey")
                    .from("campaign_zones", "campaign_id")
                    .to("campaigns", "id"),
            )
            .to_owned(),
    )
    .await
}

async fn events(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.create_table(
        Table::create()
            .table("campaign_events")
            .col(big_integer("id").auto_increment().primary_key())
            .col(uuid("campaign_id"))
            .col(string_len("kind", 32))
            .col(string_len_null("from_status", 32))
            .col(string_len_null("to_status", 32))
            .col(text_null("reason"))
            // NULL: the system itself.
            .col(uuid_null("actor_id"))
            .col(timestamp_with_time_zone("created_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("campaign_events_campaign_id_fkey")
                    .from("campaign_events", "campaign_id")
                    .to("campaigns", "id"),
            )
            .foreign_key(
                ForeignKey::create()
                    .name("campaign_events_actor_id_fkey")
                    .from("campaign_events", "actor_id")
                    .to("users", "id"),
            )
            .to_owned(),
    )
    .await?;
    // Serves a campaign's history, newest last.
    m.create_index(
        Index::create()
            .name("campaign_events_campaign_id_id_idx")
            .table("campaign_events")
            .col("campaign_id")
            .col("id")
            .to_owned(),
    )
    .await
}
