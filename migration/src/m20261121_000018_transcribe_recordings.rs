//! Recordings are listened to where nobody wrote down what was said: which ones, how far that is, and who told what.

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
        // A table of its own, and no columns of `calls`: what settles a call writes its whole row, and would undo a claim
        // that was made meanwhile. Then two would listen to one recording, and both would be paid for.
        m.create_table(
            Table::create()
                .table("transcriptions")
                .col(uuid("call_id").primary_key())
                // waiting, done or given_up.
                .col(string_len("status", 16))
                // When it is to be listened to; as long as it is claimed: until when. NULL: never again.
                .col(timestamp_with_time_zone_null("due_at"))
                // The claim of whoever listens, which also opens the recording for the service; NULL: nobody.
                .col(uuid_null("claim"))
                // How often it was tried in vain.
                .col(integer("tries").default(0))
                .col(text_null("error"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .to_owned(),
        )
        .await?;
        for statement in [
            // Serves whoever listens: WHERE due_at <= ?, and those who count what is claimed.
            "CREATE INDEX transcriptions_due_at_idx ON transcriptions (due_at) WHERE due_at IS NOT NULL",
            // Serves the pruning of what is over.
            "CREATE INDEX transcriptions_over_idx ON transcriptions (updated_at) WHERE due_at IS NULL",
        ] {
            m.get_connection().execute_unprepared(statement).await?;
        }
        // One column per statement: SQLite takes no more.
        for (table, column) in columns() {
            let table = Table::alter().table(table).add_column(column).to_owned();
            m.alter_table(table).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in columns().iter().rev() {
            let column = column.get_column_name();
            let table = Table::alter().table(*table).drop_column(column).to_owned();
            m.alter_table(table).await?;
        }
        m.drop_table(Table::drop().table("transcriptions").to_owned())
            .await
    }
}

fn columns() -> [(&'static str, ColumnDef); 5] {
    let provider = |name: &'static str| string_len(name, 16).default("elevenlabs").to_owned();
    [
        // Who told of the conversation.
        ("conversations", provider("source")),
        // Who wrote down what was said.
        ("conversations", provider("transcript_source")),
        // Recordings that the worker has listened to just now; NULL: it listens to none, as there is nobody to ask.
        ("workers", integer_null("transcribing")),
        // How many all workers may at once.
        ("workers", integer_null("transcribing_max")),
        // healthy, warning or critical.
        ("workers", string_len_null("transcriber_status", 16)),
    ]
}
