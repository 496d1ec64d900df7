//! Who is in a call just now is found by the number alone, and calls without a conversation are in no index of those.

use sea_orm_migration::prelude::*;

use crate::big_index::BigIndex;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Serves whoever is about to call somebody: is the person in a call?
const LIVE: BigIndex = BigIndex {
    name: "calls_live_to_number_idx",
    is_unique: false,
    on: "calls (to_number, owner_id) WHERE settled_at IS NULL",
};

/// Serves conversations that name no call of ours.
const CONVERSATIONS: BigIndex = BigIndex {
    name: "calls_known_conversation_id_idx",
    is_unique: false,
    on: "calls (conversation_id) WHERE conversation_id IS NOT NULL",
};

/// What served them before, with an entry for every call.
const ALL_CONVERSATIONS: BigIndex = BigIndex {
    name: "calls_conversation_id_idx",
    is_unique: false,
    on: "calls (conversation_id)",
};

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Writers are not held up: see [`BigIndex::create`].
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        LIVE.create(m).await?;
        CONVERSATIONS.create(m).await?;
        ALL_CONVERSATIONS.drop(m).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        ALL_CONVERSATIONS.create(m).await?;
        CONVERSATIONS.drop(m).await?;
        LIVE.drop(m).await
    }
}
