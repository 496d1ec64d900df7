//! What a batch adds to the counters of campaigns: gathered without their lock, and added in one statement at the end.

use std::collections::BTreeMap;

use domain::CampaignId;
use entity::campaign_counters::{Column, Entity, Model};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, Iterable,
};

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
        let mut add = OnConflict::column(Column::CampaignId);
        for column in Column::iter() {
            let (known, more) = (
                || Expr::col((Entity, column)),
                || Expr::col(("excluded", column)),
            );
            match column {
                Column::CampaignId => {}
                // The earlier of the two, or the one that there is.
                Column::WakeAt => {
                    let is_earlier = known().is_null().or(more().lt(known()));
                    let earlier = CaseStatement::new()
                        .case(more().is_not_null().and(is_earlier), more())
                        .finally(known());
                    add.value(column, earlier);
                }
                _ => drop(add.value(column, known().add(more()))),
            }
        }
        let rows = self.rows.into_values();
        Entity::insert_many(rows.map(|row| row.into_active_model().reset_all()))
            .on_conflict(add)
            .exec_without_returning(txn)
            .await?;
        Ok(())
    }
}
