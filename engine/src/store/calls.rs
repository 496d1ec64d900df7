//! Calls, as dialing writes them. Whoever changes what is counted of one adds that to the counters of its campaign, in the same
//! transaction.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use chrono::DateTime;
use domain::CallId;
use domain::outcome::UnknownWord;
use domain::progress::{End, Progress};
use entity::call::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::batch_insert::BatchInsert;
use super::batch_update::BatchUpdate;
use super::rows_by_key::RowsByKey;

/// A call of which nothing is known: for `..BLANK`.
pub(crate) const BLANK: Model = Model {
    id: Uuid::nil(),
    owner_id: Uuid::nil(),
    campaign_id: None,
    contact_id: None,
    attempt: 0,
    is_callback: false,
    direction: String::new(),
    carrier: String::new(),
    route: None,
    carrier_call_id: None,
    carrier_status: None,
    from_number: String::new(),
    to_number: String::new(),
    agent_id: None,
    conversation_id: None,
    status: String::new(),
    ending: None,
    outcome: None,
    answered_by: None,
    answered_by_source: None,
    carrier_answered_by: None,
    false_positive_at: None,
    false_positive_by: None,
    false_positive_from: None,
    is_successful: None,
    is_transferred: false,
    transfer_target: None,
    transfer_status: None,
    callback_requested: false,
    callback_at: None,
    do_not_call: false,
    begun_at: DateTime::UNIX_EPOCH,
    placed_at: None,
    ringing_at: None,
    answered_at: None,
    ended_at: None,
    settled_at: None,
    decided_at: None,
    check_at: None,
    ask_at: None,
    checks: 0,
    duration_s: None,
    price_micros: None,
    price_unit: None,
    price_check_at: None,
    price_checks: 0,
    credits: None,
    recording_url: None,
    recording_s: None,
    agent_error: None,
    error: None,
    worker: None,
    metadata: None,
    created_at: DateTime::UNIX_EPOCH,
    updated_at: DateTime::UNIX_EPOCH,
};

static FOUND: RowsByKey<Entity> = RowsByKey::new(Column::Id);
static LOCKED: RowsByKey<Entity> = RowsByKey::locked(Column::Id);

/// Those of `calls` that exist, locked until the transaction ends, in the order of their ids. To be locked before the
/// counters of campaigns; rows that refer to a call may still be added.
///
/// # Errors
/// What the database says.
pub async fn lock_all(
    txn: &DatabaseTransaction,
    calls: impl IntoIterator<Item = CallId>,
) -> Result<HashMap<CallId, Model>, DbErr> {
    let ids: BTreeSet<Uuid> = calls.into_iter().map(CallId::into_uuid).collect();
    let rows = LOCKED.all(txn, ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| (CallId::from_uuid(row.id), row))
        .collect())
}

/// The call.
///
/// # Errors
/// What the database says.
pub async fn find(db: &impl ConnectionTrait, call: CallId) -> Result<Option<Model>, DbErr> {
    Ok(FOUND.all(db, [call.into_uuid()]).await?.pop())
}

/// The call that the agent provider knows as `conversation`.
///
/// # Errors
/// What the database says.
pub async fn find_by_conversation(
    db: &impl ConnectionTrait,
    conversation: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::ConversationId.eq(conversation))
        .one(db)
        .await
}

/// What is known of a call when it is begun: everything else of it is empty.
static BEGUN: LazyLock<BatchInsert> = LazyLock::new(|| {
    BatchInsert::new::<Entity>(
        [
            Column::Id,
            Column::OwnerId,
            Column::CampaignId,
            Column::ContactId,
            Column::Attempt,
            Column::IsCallback,
            Column::Direction,
            Column::Carrier,
            Column::Route,
            Column::FromNumber,
            Column::ToNumber,
            Column::AgentId,
            Column::Status,
            Column::BegunAt,
            Column::CheckAt,
            Column::Worker,
            Column::CreatedAt,
            Column::UpdatedAt,
        ],
        "",
    )
});

/// Adds calls that were just begun, and of which nothing was learned yet.
///
/// # Errors
/// What the database says; a second live call of one contact is refused by `calls_live_contact_key`.
pub async fn begin_all(db: &impl ConnectionTrait, calls: Vec<Model>) -> Result<(), DbErr> {
    if calls.is_empty() {
        return Ok(());
    }
    let rows = calls.into_iter().map(|call| {
        vec![
            call.id.into(),
            call.owner_id.into(),
            call.campaign_id.into(),
            call.contact_id.into(),
            call.attempt.into(),
            call.is_callback.into(),
            call.direction.into(),
            call.carrier.into(),
            call.route.into(),
            call.from_number.into(),
            call.to_number.into(),
            call.agent_id.into(),
            call.status.into(),
            call.begun_at.into(),
            call.check_at.into(),
            call.worker.into(),
            call.created_at.into(),
            call.updated_at.into(),
        ]
    });
    let insert = BEGUN.statement(db.get_database_backend(), rows.collect())?;
    db.execute_raw(insert).await.map(drop)
}

/// Adds calls as they stand in memory.
///
/// # Errors
/// What the database says; a second live call of one contact is refused by `calls_live_contact_key`.
pub async fn insert_all(db: &impl ConnectionTrait, calls: Vec<Model>) -> Result<(), DbErr> {
    if calls.is_empty() {
        return Ok(());
    }
    let rows: Vec<ActiveModel> = calls
        .into_iter()
        .map(|row| row.into_active_model().reset_all())
        .collect();
    Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// Takes back calls that the carrier never heard of.
///
/// # Errors
/// What the database says.
pub async fn delete_all(db: &impl ConnectionTrait, calls: Vec<Uuid>) -> Result<(), DbErr> {
    if !calls.is_empty() {
        Entity::delete_many()
            .filter(Column::Id.is_in(calls))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Which of `names` the carrier already gave to calls we know.
///
/// # Errors
/// What the database says.
pub async fn known_names(
    db: &impl ConnectionTrait,
    names: Vec<String>,
) -> Result<HashSet<String>, DbErr> {
    let found: Vec<String> = Entity::find()
        .select_only()
        .column(Column::CarrierCallId)
        .filter(Column::CarrierCallId.is_in(names))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

/// How many calls hold a slot.
///
/// # Errors
/// What the database says.
pub async fn count_live(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::SettledAt.is_null())
        .count(db)
        .await
}

static LEARNED: LazyLock<BatchUpdate> = LazyLock::new(|| {
    BatchUpdate::new::<Entity>(
        Column::Id,
        [
            Column::CarrierCallId,
            Column::CarrierStatus,
            Column::ConversationId,
            Column::Status,
            Column::Ending,
            Column::Outcome,
            Column::AnsweredBy,
            Column::AnsweredBySource,
            Column::CarrierAnsweredBy,
            Column::FalsePositiveAt,
            Column::FalsePositiveBy,
            Column::FalsePositiveFrom,
            Column::IsSuccessful,
            Column::IsTransferred,
            Column::TransferTarget,
            Column::TransferStatus,
            Column::CallbackRequested,
            Column::CallbackAt,
            Column::DoNotCall,
            Column::PlacedAt,
            Column::RingingAt,
            Column::AnsweredAt,
            Column::EndedAt,
            Column::SettledAt,
            Column::DecidedAt,
            Column::CheckAt,
            Column::AskAt,
            Column::Checks,
            Column::DurationS,
            Column::PriceMicros,
            Column::PriceUnit,
            Column::PriceCheckAt,
            Column::PriceChecks,
            Column::Credits,
            Column::RecordingUrl,
            Column::RecordingS,
            Column::AgentError,
            Column::Error,
            Column::UpdatedAt,
        ],
    )
});

/// Writes what was learned of `rows`.
///
/// # Errors
/// What the database says.
pub async fn save_all(
    db: &impl ConnectionTrait,
    rows: impl IntoIterator<Item = &Model>,
) -> Result<u64, DbErr> {
    let rows = rows
        .into_iter()
        .map(|row| {
            vec![
                row.id.into(),
                row.carrier_call_id.clone().into(),
                row.carrier_status.clone().into(),
                row.conversation_id.clone().into(),
                row.status.clone().into(),
                row.ending.clone().into(),
                row.outcome.clone().into(),
                row.answered_by.clone().into(),
                row.answered_by_source.clone().into(),
                row.carrier_answered_by.clone().into(),
                row.false_positive_at.into(),
                row.false_positive_by.into(),
                row.false_positive_from.clone().into(),
                row.is_successful.into(),
                row.is_transferred.into(),
                row.transfer_target.clone().into(),
                row.transfer_status.clone().into(),
                row.callback_requested.into(),
                row.callback_at.into(),
                row.do_not_call.into(),
                row.placed_at.into(),
                row.ringing_at.into(),
                row.answered_at.into(),
                row.ended_at.into(),
                row.settled_at.into(),
                row.decided_at.into(),
                row.check_at.into(),
                row.ask_at.into(),
                row.checks.into(),
                row.duration_s.into(),
                row.price_micros.into(),
                row.price_unit.clone().into(),
                row.price_check_at.into(),
                row.price_checks.into(),
                row.credits.into(),
                row.recording_url.clone().into(),
                row.recording_s.into(),
                row.agent_error.clone().into(),
                row.error.clone().into(),
                row.updated_at.into(),
            ]
        })
        .collect();
    LEARNED.run(db, rows).await
}

/// What the row says of the call's progress.
///
/// # Errors
/// A word that nobody wrote.
pub fn progress_of(row: &Model) -> Result<Progress, UnknownWord> {
    Ok(Progress {
        carrier_call_id: row.carrier_call_id.clone(),
        ringing_at: row.ringing_at,
        answered_at: row.answered_at,
        answered_by: row.answered_by.as_deref().map(str::parse).transpose()?,
        ended_at: row.ended_at,
        end: row.ending.as_deref().map(str::parse::<End>).transpose()?,
        duration_s: row
            .duration_s
            .and_then(|seconds| u32::try_from(seconds).ok()),
        agent_error: row.agent_error.clone(),
    })
}
