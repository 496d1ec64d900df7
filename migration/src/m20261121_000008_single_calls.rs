//! Calls outside campaigns: placed by hand, or arriving at our numbers; and verdicts about machines that people correct.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: [(&str, &str); 2] = [
    // Two requests to call the same person at once must not both get through.
    (
        "calls_live_single_key",
        "calls (owner_id, to_number) WHERE settled_at IS NULL AND campaign_id IS NULL AND direction = 'outbound'",
    ),
    // Serves the history of a number: the calls that came from it.
    (
        "calls_from_number_begun_at_idx",
        "calls (from_number, begun_at) WHERE direction = 'inbound'",
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// On SQLite as well: a step that dies half-way must be taken again from its begin.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            let mut table = Table::alter();
            table.table("calls").add_column(column);
            m.alter_table(table).await?;
        }
        for (name, on) in INDEXES {
            let kind = if name.ends_with("_key") {
                "UNIQUE INDEX"
            } else {
                "INDEX"
            };
            let statement = format!("CREATE {kind} {name} ON {on}");
            m.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            let statement = format!("DROP INDEX {name}");
            m.get_connection().execute_unprepared(&statement).await?;
        }
        for column in columns().iter().rev() {
            let mut table = Table::alter();
            table.table("calls").drop_column(column.get_column_name());
            m.alter_table(table).await?;
        }
        Ok(())
    }
}

fn columns() -> [ColumnDef; 4] {
    [
        // Who picked up, as the carrier alone has it: `answered_by` is what all together come to.
        string_len_null("carrier_answered_by", 16),
        // When somebody said that it was no machine; NULL: nobody did.
        timestamp_with_time_zone_null("false_positive_at"),
        uuid_null("false_positive_by"),
        // Where the contact stood before it was put back for another attempt; NULL: it was not.
        string_len_null("false_positive_from", 16),
    ]
}
