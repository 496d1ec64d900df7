//! Who may do what, and with which voices and numbers.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table("users")
                .col(uuid("id").primary_key())
                // The `sub` of a dashboard's token, where the user came in through one.
                .col(string_len_null("subject", 255))
                .col(string_len("name", 255))
                .col(string_len_null("email", 320))
                .col(string_len("role", 16))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;
        // Serves sign-in by token: WHERE subject = ?
        m.create_index(
            Index::create()
                .name("users_subject_key")
                .table("users")
                .col("subject")
                .unique()
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table("api_keys")
                .col(uuid("id").primary_key())
                .col(uuid("user_id"))
                .col(string_len("name", 255))
                .col(string_len("token_sha256", 64))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone_null("revoked_at"))
                .foreign_key(
                    ForeignKey::create()
                        .name("api_keys_user_id_fkey")
                        .from("api_keys", "user_id")
                        .to("users", "id"),
                )
                .to_owned(),
        )
        .await?;
        // Serves every request with a key: WHERE token_sha256 = ?
        m.create_index(
            Index::create()
                .name("api_keys_token_sha256_key")
                .table("api_keys")
                .col("token_sha256")
                .unique()
                .to_owned(),
        )
        .await?;
        // Serves the list of a user's keys.
        m.create_index(
            Index::create()
                .name("api_keys_user_id_idx")
                .table("api_keys")
                .col("user_id")
                .to_owned(),
        )
        .await?;
        directory(m, "phone_numbers", "number").await?;
        directory(m, "agents", "name").await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in ["agents", "phone_numbers", "api_keys", "users"] {
            m.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// A copy of what a provider offers: its id there, what it is called, when we looked.
async fn directory(
    m: &SchemaManager<'_>,
    table: &'static str,
    what: &'static str,
) -> Result<(), DbErr> {
    m.create_table(
        Table::create()
            .table(table)
            .col(string_len("id", 255).primary_key())
            .col(string_len("provider", 32))
            .col(string_len(what, 255))
            .col(string_len_null("label", 255))
            .col(json_binary_null("details"))
            .col(timestamp_with_time_zone("fetched_at"))
            .to_owned(),
    )
    .await
}
