//! Calls, what was said in them, and their sums by quarter of an hour.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        calls(m).await?;
        call_indexes(m).await?;
        conversations(m).await?;
        rollups(m).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in ["call_rollups", "conversations", "calls"] {
            m.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

async fn calls(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.create_table(
        Table::create()
            .table("calls")
            .col(uuid("id").primary_key())
            .col(uuid("owner_id"))
            // NULL in both: a single call outside any campaign.
            .col(uuid_null("campaign_id"))
            .col(big_integer_null("contact_id"))
            .col(integer("attempt"))
            .col(boolean("is_callback").default(false))
            .col(string_len("direction", 16))
            .col(string_len("carrier", 32))
            .col(string_len_null("carrier_call_id", 255))
            .col(string_len_null("carrier_status", 64))
            .col(string_len("from_number", 16))
            .col(string_len("to_number", 16))
            .col(string_len_null("agent_id", 255))
            .col(string_len_null("conversation_id", 255))
            .col(string_len("status", 16))
            .col(string_len_null("ending", 16))
            .col(string_len_null("outcome", 16))
            .col(string_len_null("answered_by", 16))
            .col(string_len_null("answered_by_source", 32))
            .col(boolean_null("is_successful"))
            .col(boolean("is_transferred").default(false))
            .col(timestamp_with_time_zone("begun_at"))
            .col(timestamp_with_time_zone_null("placed_at"))
            .col(timestamp_with_time_zone_null("ringing_at"))
            .col(timestamp_with_time_zone_null("answered_at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            // When the slot was given back.
            .col(timestamp_with_time_zone_null("settled_at"))
            // When the contact's next step was decided.
            .col(timestamp_with_time_zone_null("decided_at"))
            // When the reconciler looks at the call next; NULL: never again.
            .col(timestamp_with_time_zone_null("check_at"))
            .col(integer("checks").default(0))
            .col(integer_null("duration_s"))
            .col(big_integer_null("price_micros"))
            .col(string_len_null("price_unit", 3))
            .col(big_integer_null("credits"))
            .col(text_null("recording_url"))
            .col(text_null("agent_error"))
            .col(text_null("error"))
            .col(string_len_null("worker", 255))
            .col(json_binary_null("metadata"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("calls_owner_id_fkey")
                    .from("calls", "owner_id")
                    .to("users", "id"),
            )
            .foreign_key(
                ForeignKey::create()
                    .name("calls_campaign_id_fkey")
                    .from("calls", "campaign_id")
                    .to("campaigns", "id"),
            )
            // A contact that is taken off its campaign leaves its calls behind: they are history.
            .foreign_key(
                ForeignKey::create()
                    .name("calls_contact_id_fkey")
                    .from("calls", "contact_id")
                    .to("contacts", "id")
                    .on_delete(ForeignKeyAction::SetNull),
            )
            .to_owned(),
    )
    .await
}

async fn call_indexes(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let statements = [
        // A contact never has two live calls, whatever the code believes.
        "CREATE UNIQUE INDEX calls_live_contact_key ON calls (contact_id) WHERE settled_at IS NULL",
        // Serves look-ups by the carrier's name of a call. Not unique: a look-up by numbers may guess wrong.
        "CREATE INDEX calls_carrier_call_id_idx ON calls (carrier_call_id)",
        // Serves the reconciler: WHERE check_at <= ?
        "CREATE INDEX calls_check_at_idx ON calls (check_at) WHERE check_at IS NOT NULL",
        // Serves a campaign's calls in order, and recounts.
        "CREATE INDEX calls_campaign_id_begun_at_idx ON calls (campaign_id, begun_at)",
        // Serves a contact's attempts.
        "CREATE INDEX calls_contact_id_idx ON calls (contact_id)",
        // Serves an owner's call log.
        "CREATE INDEX calls_owner_id_begun_at_idx ON calls (owner_id, begun_at)",
        // Serves the history of a number.
        "CREATE INDEX calls_to_number_begun_at_idx ON calls (to_number, begun_at)",
        // Serves conversations that name no call of ours.
        "CREATE INDEX calls_conversation_id_idx ON calls (conversation_id)",
    ];
    for statement in statements {
        m.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

async fn conversations(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.create_table(
        Table::create()
            .table("conversations")
            .col(uuid("call_id").primary_key())
            .col(uuid_null("campaign_id"))
            .col(string_len("conversation_id", 255))
            .col(string_len_null("agent_id", 255))
            .col(string_len("status", 16))
            .col(json_binary("transcript"))
            .col(text_null("summary"))
            .col(boolean_null("is_successful"))
            .col(boolean("is_voicemail"))
            .col(boolean("callback_requested"))
            .col(timestamp_with_time_zone_null("callback_at"))
            .col(boolean("do_not_call"))
            .col(integer_null("duration_s"))
            .col(big_integer_null("credits"))
            .col(text_null("end_reason"))
            .col(json_binary_null("analysis"))
            .col(timestamp_with_time_zone_null("started_at"))
            .col(timestamp_with_time_zone("created_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("conversations_call_id_fkey")
                    .from("conversations", "call_id")
                    .to("calls", "id"),
            )
            .foreign_key(
                ForeignKey::create()
                    .name("conversations_campaign_id_fkey")
                    .from("conversations", "campaign_id")
                    .to("campaigns", "id"),
            )
            .to_owned(),
    )
    .await?;
    // Serves a campaign's conversations, newest last.
    m.create_index(
        Index::create()
            .name("conversations_campaign_id_created_at_idx")
            .table("conversations")
            .col("campaign_id")
            .col("created_at")
            .to_owned(),
    )
    .await
}

/// Sums of the calls begun in one quarter of an hour (UTC), so that statistics never read calls.
async fn rollups(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("call_rollups")
        .col(uuid("owner_id"))
        // The nil id: calls outside any campaign; so it can be no foreign key.
        .col(uuid("campaign_id"))
        .col(timestamp_with_time_zone("bucket"));
    for sum in [
        "calls",
        "completed",
        "failed",
        "busy",
        "no_answer",
        "voicemail",
        "successful",
        "callbacks",
        "transfers",
        "talk_s",
        "waits",
        "wait_ms",
        "price_micros",
        "credits",
    ] {
        table.col(big_integer(sum).default(0));
    }
    m.create_table(
        table
            .primary_key(
                Index::create()
                    .col("campaign_id")
                    .col("bucket")
                    .col("owner_id"),
            )
            .foreign_key(
                ForeignKey::create()
                    .name("call_rollups_owner_id_fkey")
                    .from("call_rollups", "owner_id")
                    .to("users", "id"),
            )
            .to_owned(),
    )
    .await?;
    // Serves an owner's dashboard: WHERE owner_id = ? AND bucket BETWEEN …
    m.create_index(
        Index::create()
            .name("call_rollups_owner_id_bucket_idx")
            .table("call_rollups")
            .col("owner_id")
            .col("bucket")
            .to_owned(),
    )
    .await
}
