//! The campaign's counters, and the one lock that orders everything that happens to a campaign.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use domain::{CampaignId, ContactStatus};
use entity::campaign_counters::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    IdenStatic, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
};

use super::any_of::any_of;
use super::batch_insert::{BatchInsert, values_of};

/// Writes counters as they are.
static SAVED: LazyLock<BatchInsert> = LazyLock::new(|| {
    BatchInsert::upsert::<Entity>(|column| format!("excluded.{}", column.as_str()))
});

/// The locked counters of some campaigns, changed in memory and written back at once.
#[derive(Debug, Default)]
pub struct Ledger {
    rows: BTreeMap<CampaignId, Model>,
    changed: BTreeSet<CampaignId>,
}

impl Ledger {
    /// Locks the counters of `campaigns` until the transaction ends. Campaigns that do not exist are left out.
    ///
    /// # Errors
    /// What the database says.
    pub async fn lock(
        txn: &DatabaseTransaction,
        campaigns: impl IntoIterator<Item = CampaignId>,
    ) -> Result<Self, DbErr> {
        let ids: BTreeSet<_> = campaigns.into_iter().map(CampaignId::into_uuid).collect();
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let rows = Entity::find()
            .filter(any_of(txn.get_database_backend(), Column::CampaignId, ids))
            .order_by_asc(Column::CampaignId)
            .lock_exclusive()
            .all(txn)
            .await?;
        let rows = rows
            .into_iter()
            .map(|row| (CampaignId::from_uuid(row.campaign_id), row))
            .collect();
        Ok(Self {
            rows,
            changed: BTreeSet::new(),
        })
    }

    /// The counters as they stand.
    #[must_use]
    pub fn get(&self, campaign: CampaignId) -> Option<&Model> {
        self.rows.get(&campaign)
    }

    /// The counters, to be changed.
    pub fn edit(&mut self, campaign: CampaignId) -> Option<&mut Model> {
        let row = self.rows.get_mut(&campaign)?;
        self.changed.insert(campaign);
        Some(row)
    }

    /// Writes back what was changed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn save(self, txn: &DatabaseTransaction) -> Result<(), DbErr> {
        let Self { rows, changed } = self;
        let rows: Vec<_> = rows
            .into_iter()
            .filter(|(id, _)| changed.contains(id))
            .map(|(_, row)| values_of(row.into_active_model().reset_all()))
            .collect::<Result<_, _>>()?;
        if rows.is_empty() {
            return Ok(());
        }
        let statement = SAVED.statement(txn.get_database_backend(), rows)?;
        txn.execute_raw(statement).await?;
        Ok(())
    }
}

/// The counters of a campaign that was just made.
///
/// # Errors
/// What the database says.
pub async fn insert(db: &impl ConnectionTrait, campaign: CampaignId) -> Result<(), DbErr> {
    let row = ActiveModel {
        campaign_id: Set(campaign.into_uuid()),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// The reconciler looks at `campaigns` at `at`, whatever was noted. Their counters must be locked.
///
/// # Errors
/// What the database says.
pub async fn wake_all(
    txn: &DatabaseTransaction,
    campaigns: &[CampaignId],
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    if campaigns.is_empty() {
        return Ok(());
    }
    let ids = campaigns.iter().map(|id| id.into_uuid());
    Entity::update_many()
        .col_expr(Column::WakeAt, Expr::value(at))
        .filter(Column::CampaignId.is_in(ids))
        .exec(txn)
        .await?;
    Ok(())
}

/// How many contacts stand at `status`.
#[must_use]
pub const fn contacts_at(row: &Model, status: ContactStatus) -> i32 {
    match status {
        ContactStatus::Pending => row.pending,
        ContactStatus::Queued => row.queued,
        ContactStatus::Calling => row.calling,
        ContactStatus::Contacted => row.contacted,
        ContactStatus::Completed => row.completed,
        ContactStatus::Failed => row.failed,
        ContactStatus::DoNotCall => row.do_not_call,
        ContactStatus::Canceled => row.canceled,
    }
}

/// How many contacts stand at `status`, to be changed.
pub const fn contacts_at_mut(row: &mut Model, status: ContactStatus) -> &mut i32 {
    match status {
        ContactStatus::Pending => &mut row.pending,
        ContactStatus::Queued => &mut row.queued,
        ContactStatus::Calling => &mut row.calling,
        ContactStatus::Contacted => &mut row.contacted,
        ContactStatus::Completed => &mut row.completed,
        ContactStatus::Failed => &mut row.failed,
        ContactStatus::DoNotCall => &mut row.do_not_call,
        ContactStatus::Canceled => &mut row.canceled,
    }
}

/// One contact went from one status to another.
pub fn moved(row: &mut Model, from: ContactStatus, to: ContactStatus) {
    *contacts_at_mut(row, from) -= 1;
    *contacts_at_mut(row, to) += 1;
}

/// Contacts that are not final.
#[must_use]
pub const fn open_contacts(row: &Model) -> i32 {
    row.pending + row.queued + row.calling + row.contacted
}

/// Something may be there to do at `at`: the reconciler looks no later than then.
pub fn wake_by(row: &mut Model, at: DateTime<Utc>) {
    row.wake_at = Some(row.wake_at.map_or(at, |known| known.min(at)));
}
