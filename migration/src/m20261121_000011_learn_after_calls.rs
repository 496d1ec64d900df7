//! What is learned when a call is long over: its price, and how long its recording is.

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
        // One column per statement: SQLite takes no more.
        for column in columns() {
            let table = Table::alter().table("calls").add_column(column).to_owned();
            m.alter_table(table).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for column in columns().iter().rev() {
            let column = column.get_column_name();
            let table = Table::alter().table("calls").drop_column(column).to_owned();
            m.alter_table(table).await?;
        }
        Ok(())
    }
}

fn columns() -> [ColumnDef; 3] {
    [
        // When the carrier is asked for the price next; NULL: never again, or not yet.
        timestamp_with_time_zone_null("price_check_at"),
        // How often it was asked in vain.
        integer("price_checks").default(0).to_owned(),
        // Seconds; NULL: no recording, or the carrier did not say.
        integer_null("recording_s"),
    ]
}
