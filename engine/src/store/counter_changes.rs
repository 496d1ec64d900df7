//! What a batch adds to the counters of campaigns: gathered without their lock, and added in one statement at the end.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::CampaignId;
use entity::campaign_counters::{Column, Entity, Model};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbErr, IntoActiveModel};

use super::batch_insert::{BatchInsert, added, values_of};

/// Of two instants the earlier one, or the one that there is.
const EARLIER: &str = "CASE WHEN excluded.wake_at < campaign_counters.wake_at \
    OR campaign_counters.wake_at IS NULL THEN excluded.wake_at ELSE campaign_counters.wake_at END";

/// Adds what is counted.
static ADDED: LazyLock<BatchInsert> = LazyLock::new(|| {
    BatchInsert::upsert::<Entity>(|column| match column {
        Column::WakeAt => EARLIER.to_owned(),
        sum => added::<Entity>(sum),
    })
});

/// What is to be added to the counters of some campaigns.
#[derive(Debug, Default)]
pub struct CounterChanges {
    rows: BTreeMap<CampaignId, Model>,
}

impl CounterChanges {
    /// What is added to the counters of `campaign`, to be changed: all zeros at first. Of its instants the earlier one will
    /// hold.
    pub fn of(&mut self, campaign: CampaignId) -> &mut Model {
        self.rows.entry(campaign).or_insert_with(|| Model {
            campaign_id: campaign.into_uuid(),
            ..Model::default()
        })
    }

    /// The campaigns that something is added to, if only zeros.
    pub fn campaigns(&self) -> impl Iterator<Item = CampaignId> {
        self.rows.keys().copied()
    }

    /// Adds everything. From then on the counters are locked until the transaction ends, in the order of ids: what is written
    /// after it should be little.
    ///
    /// # Errors
    /// What the database says.
    pub async fn add_to(self, txn: &DatabaseTransaction) -> Result<(), DbErr> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = self.rows.into_values();
        let rows: Vec<_> = rows
            .map(|row| values_of(row.into_active_model().reset_all()))
            .collect::<Result<_, _>>()?;
        let statement = ADDED.statement(txn.get_database_backend(), rows)?;
        txn.execute_raw(statement).await?;
        Ok(())
    }
}
