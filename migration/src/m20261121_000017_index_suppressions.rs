//! Suppressions are listed, the newest first. Their keys grow with time, so they are the order.

use sea_orm_migration::prelude::*;

use crate::big_index::BigIndex;

#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: [BigIndex; 2] = [
    // Serves an owner's list: WHERE owner_id = ? ORDER BY id DESC
    BigIndex {
        name: "suppressions_owner_id_id_idx",
        is_unique: false,
        on: "suppressions (owner_id, id)",
    },
    // Serves the same by who said so: WHERE owner_id = ? AND source = ? ORDER BY id DESC
    BigIndex {
        name: "suppressions_owner_id_source_id_idx",
        is_unique: false,
        on: "suppressions (owner_id, source, id)",
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
