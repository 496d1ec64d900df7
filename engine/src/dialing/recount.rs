//! Counters against the rows they count: they must agree, and where they do not somebody must hear of it.

use chrono::TimeDelta;
use domain::CampaignId;
use entity::campaign_counters::Model;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, Statement};

use super::Dialing;
use crate::error::EngineError;
use crate::store::counters::{Ledger, wake_by};
use crate::store::{self};

/// How often a campaign is recounted.
const EVERY: TimeDelta = TimeDelta::seconds(30);
/// Campaigns with more contacts are not recounted while they hold their lock: that would be felt.
const CONTACTS_MAX: i32 = 100_000;

/// What the rows come to.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
struct Contacts {
    total: i64,
    pending: i64,
    queued: i64,
    calling: i64,
    contacted: i64,
    completed: i64,
    failed: i64,
    do_not_call: i64,
    canceled: i64,
    reached: i64,
    callbacks: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
struct Calls {
    live: i64,
    placed: i64,
    completed: i64,
    failed: i64,
    busy: i64,
    no_answer: i64,
    voicemail: i64,
    successful: i64,
    transfers: i64,
}

const COUNT_CONTACTS: &str = "SELECT COUNT(*) AS total, \
    COUNT(CASE WHEN status = 'pending' THEN 1 END) AS pending, \
    COUNT(CASE WHEN status = 'queued' THEN 1 END) AS queued, \
    COUNT(CASE WHEN status = 'calling' THEN 1 END) AS calling, \
    COUNT(CASE WHEN status = 'contacted' THEN 1 END) AS contacted, \
    COUNT(CASE WHEN status = 'completed' THEN 1 END) AS completed, \
    COUNT(CASE WHEN status = 'failed' THEN 1 END) AS failed, \
    COUNT(CASE WHEN status = 'do_not_call' THEN 1 END) AS do_not_call, \
    COUNT(CASE WHEN status = 'canceled' THEN 1 END) AS canceled, \
    COUNT(CASE WHEN attempts > 0 THEN 1 END) AS reached, \
    COUNT(CASE WHEN callback_requested THEN 1 END) AS callbacks \
    FROM contacts WHERE campaign_id = $1";

const COUNT_CALLS: &str = "SELECT \
    COUNT(CASE WHEN settled_at IS NULL THEN 1 END) AS live, \
    COUNT(placed_at) AS placed, \
    COUNT(CASE WHEN placed_at IS NOT NULL AND settled_at IS NOT NULL AND ending = 'completed' THEN 1 END) AS completed, \
    COUNT(CASE WHEN placed_at IS NOT NULL AND settled_at IS NOT NULL \
          AND ending IN ('failed', 'canceled', 'rejected', 'lost') THEN 1 END) AS failed, \
    COUNT(CASE WHEN placed_at IS NOT NULL AND settled_at IS NOT NULL AND ending = 'busy' THEN 1 END) AS busy, \
    COUNT(CASE WHEN placed_at IS NOT NULL AND settled_at IS NOT NULL AND ending = 'no_answer' THEN 1 END) AS no_answer, \
    COUNT(CASE WHEN placed_at IS NOT NULL AND settled_at IS NOT NULL AND outcome = 'voicemail' THEN 1 END) AS voicemail, \
    COUNT(CASE WHEN is_successful THEN 1 END) AS successful, \
    COUNT(CASE WHEN is_transferred THEN 1 END) AS transfers \
    FROM calls WHERE campaign_id = $1";

impl Dialing {
    /// Recounts one campaign that is being dialled, in turn, every half minute; corrects it and says so loudly.
    pub(super) async fn recount_one(&self) -> Result<usize, EngineError> {
        let now = self.parts.clock.now();
        let turn = now.timestamp() / EVERY.num_seconds();
        if self
            .last_recount
            .swap(turn, std::sync::atomic::Ordering::Relaxed)
            == turn
        {
            return Ok(0);
        }
        let reader = self.parts.database.reader();
        let Some(campaign) = store::campaigns::active_at(reader, turn, CONTACTS_MAX).await? else {
            return Ok(0);
        };
        Ok(usize::from(self.recount(campaign).await?))
    }

    /// Compares the counters of `id` with a recount of its rows, under the campaign's lock, and corrects them; true where
    /// they were wrong. They can only be wrong through a mistake of ours, so it is logged as an error.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn recount(&self, id: CampaignId) -> Result<bool, EngineError> {
        let txn = self.parts.database.begin().await?;
        let mut ledger = Ledger::lock(&txn, [id]).await?;
        let Some(before) = ledger.get(id).cloned() else {
            return Ok(false);
        };
        let counted = count(&txn, &before).await?;
        if counted == before {
            return Ok(false);
        }
        tracing::error!(campaign.id = %id, ?before, ?counted, "the counters of campaign {id} were wrong");
        if let Some(row) = ledger.edit(id) {
            *row = counted;
            wake_by(row, self.parts.clock.now());
        }
        ledger.save(&txn).await?;
        txn.commit().await?;
        self.announce(id);
        Ok(true)
    }
}

/// The counters as the rows say they should be.
async fn count(txn: &DatabaseTransaction, known: &Model) -> Result<Model, EngineError> {
    let contacts: Option<Contacts> = one(txn, COUNT_CONTACTS, known).await?;
    let calls: Option<Calls> = one(txn, COUNT_CALLS, known).await?;
    let (Some(contacts), Some(calls)) = (contacts, calls) else {
        return Ok(known.clone());
    };
    let int = |count: i64| i32::try_from(count).map_err(EngineError::internal);
    Ok(Model {
        campaign_id: known.campaign_id,
        wake_at: known.wake_at,
        total: int(contacts.total)?,
        pending: int(contacts.pending)?,
        queued: int(contacts.queued)?,
        calling: int(contacts.calling)?,
        contacted: int(contacts.contacted)?,
        completed: int(contacts.completed)?,
        failed: int(contacts.failed)?,
        do_not_call: int(contacts.do_not_call)?,
        canceled: int(contacts.canceled)?,
        reached: int(contacts.reached)?,
        callbacks: int(contacts.callbacks)?,
        live: int(calls.live)?,
        calls_placed: int(calls.placed)?,
        calls_completed: int(calls.completed)?,
        calls_failed: int(calls.failed)?,
        calls_busy: int(calls.busy)?,
        calls_no_answer: int(calls.no_answer)?,
        calls_voicemail: int(calls.voicemail)?,
        calls_successful: int(calls.successful)?,
        transfers: int(calls.transfers)?,
    })
}

async fn one<T: FromQueryResult>(
    txn: &DatabaseTransaction,
    sql: &str,
    known: &Model,
) -> Result<Option<T>, DbErr> {
    let statement =
        Statement::from_sql_and_values(txn.get_database_backend(), sql, [known.campaign_id.into()]);
    T::find_by_statement(statement).one(txn).await
}
