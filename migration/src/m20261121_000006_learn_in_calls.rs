//! What is learned while a call goes on: that it is handed on, and what the person asks for.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const ROLLUP_SUMS: [&str; 2] = ["callbacks_scheduled", "transfers_completed"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// On SQLite as well: a step that dies half-way must be taken again from its begin.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for column in call_columns() {
            add(m, "calls", column).await?;
        }
        for sum in ROLLUP_SUMS {
            add(m, "call_rollups", big_integer(sum).default(0).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for sum in ROLLUP_SUMS {
            drop(m, "call_rollups", sum).await?;
        }
        for column in call_columns().iter().rev() {
            drop(m, "calls", &column.get_column_name()).await?;
        }
        Ok(())
    }
}

fn call_columns() -> [ColumnDef; 5] {
    [
        // The name of the target the call was last handed to; NULL: the agent's platform did it, or nobody.
        string_len_null("transfer_target", 255),
        // NULL: never handed on.
        string_len_null("transfer_status", 16),
        boolean("callback_requested").default(false).to_owned(),
        timestamp_with_time_zone_null("callback_at"),
        boolean("do_not_call").default(false).to_owned(),
    ]
}

/// One column per statement: SQLite takes no more.
async fn add(m: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    m.alter_table(Table::alter().table(table).add_column(column).to_owned())
        .await
}

async fn drop(m: &SchemaManager<'_>, table: &'static str, column: &str) -> Result<(), DbErr> {
    m.alter_table(
        Table::alter()
            .table(table)
            .drop_column(column.to_owned())
            .to_owned(),
    )
    .await
}
