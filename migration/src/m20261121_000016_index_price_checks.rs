//! Calls whose price is to be asked for are found among all calls.

use sea_orm_migration::prelude::*;

use crate::big_index::BigIndex;

#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: [BigIndex; 1] = [
    // Serves whoever asks for prices: WHERE price_check_at <= ?
    BigIndex {
        name: "calls_price_check_at_idx",
        is_unique: false,
        on: "calls (price_check_at) WHERE price_check_at IS NOT NULL",
    },
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Writers are not held up: see [`BigIndex::create`].
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for index in INDEXES {
            index.create(m).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for index in INDEXES {
            index.drop(m).await?;
        }
        Ok(())
    }
}
