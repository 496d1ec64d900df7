//! What is gone at its provider stays known here, and an address stands for one user.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const DIRECTORY: [&str; 2] = ["phone_numbers", "agents"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// On SQLite as well: a step that dies half-way must be taken again from its begin.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in DIRECTORY {
            // NULL: its provider offers it.
            let column = timestamp_with_time_zone_null("vanished_at");
            m.alter_table(Table::alter().table(table).add_column(column).to_owned())
                .await?;
        }
        // The e-mail in lower case, of users made through the API only: a dashboard's users and those made on the command
        // line may share theirs.
        let column = string_len_null("email_key", 320);
        m.alter_table(Table::alter().table("users").add_column(column).to_owned())
            .await?;
        // Keeps two requests at once from making the same user.
        m.create_index(
            Index::create()
                .name("users_email_key_key")
                .table("users")
                .col("email_key")
                .unique()
                .to_owned(),
        )
        .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.drop_index(
            Index::drop()
                .name("users_email_key_key")
                .table("users")
                .to_owned(),
        )
        .await?;
        drop(m, "users", "email_key").await?;
        for table in DIRECTORY {
            drop(m, table, "vanished_at").await?;
        }
        Ok(())
    }
}

async fn drop(
    m: &SchemaManager<'_>,
    table: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    m.alter_table(Table::alter().table(table).drop_column(column).to_owned())
        .await
}
