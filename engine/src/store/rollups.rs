//! Sums by quarter of an hour, changed in the transaction that changes what they sum: all calls of a campaign in one row
//! (`call_rollups`), and those that are alike in rows of their own (`call_detail_rollups`), there once more by day. One way in
//! for all.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::Direction;
use entity::{call, call_detail_rollup, call_rollup};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, Value,
};
use uuid::Uuid;

use super::batch_insert::{BatchInsert, added, is_key, values_of};
use super::call_sums::CallSums;

/// The width of a bucket, in minutes.
pub const BUCKET_MINUTES: i64 = 15;
/// Attempts from this one on are summed together.
pub const ATTEMPTS_MAX: i32 = 50;
/// How long a day is, in minutes.
pub const DAY_MINUTES: i64 = 1_440;
/// Rows in one statement: SQLite takes 32,766 values, and a row of details has 50.
const ROWS_MAX: usize = 500;

pub(super) type Key = (Uuid, DateTime<Utc>, Uuid);

/// What makes calls of one quarter, campaign and owner alike; in the order of the table's key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DetailKey {
    campaign: Uuid,
    span_m: i16,
    bucket: DateTime<Utc>,
    owner: Uuid,
    attempt: i16,
    direction: String,
    carrier: String,
    agent: String,
    from: String,
    price_unit: String,
}

/// What a batch adds to the sums.
#[derive(Debug, Default)]
pub struct Rollups {
    pub(super) all: BTreeMap<Key, call_rollup::Model>,
    pub(super) details: BTreeMap<DetailKey, call_detail_rollup::Model>,
}

impl Rollups {
    /// The sums that `call` belongs to, to be added to. Which these are rests on what never changes of a call: whose it
    /// is, when it was begun, which attempt, who carries it and who speaks.
    pub fn of<'a>(&'a mut self, call: &'a call::Model) -> CallSums<'a> {
        let key = DetailKey::of(call);
        let (campaign_id, bucket, owner_id) = (key.campaign, key.bucket, key.owner);
        let all = self
            .all
            .entry((campaign_id, bucket, owner_id))
            .or_insert_with(|| empty(campaign_id, bucket, owner_id));
        let detail = self.details.entry(key).or_insert_with_key(DetailKey::empty);
        CallSums { call, all, detail }
    }

    /// Adds everything that the row of `call` tells.
    pub fn count(&mut self, call: &call::Model) {
        self.of(call).all_told();
        if let (Some(micros), Some(unit)) = (call.price_micros, call.price_unit.as_deref()) {
            self.add_price(call, micros, unit);
        }
    }

    /// Adds the price of `call`, `micros` millionths of `unit`, which was not known before.
    pub fn add_price(&mut self, call: &call::Model, micros: i64, unit: &str) {
        self.of(call).all.price_micros += micros;
        let key = DetailKey {
            price_unit: unit.to_owned(),
            attempt: 0,
            agent: String::new(),
            from: String::new(),
            ..DetailKey::of(call)
        };
        let priced = self.details.entry(key).or_insert_with_key(DetailKey::empty);
        priced.priced += 1;
        priced.price_micros += micros;
    }

    /// Adds everything to the tables: one statement each, as a rule. Rows are locked in the order of their keys, those of
    /// `call_rollups` first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn add_to(mut self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let all = self
            .all
            .into_values()
            .map(|row| row.into_active_model().reset_all());
        upsert(db, &ALL, all).await?;
        // Some facts are summed in the first table only.
        self.details.retain(|key, row| *row != key.empty());
        let details = with_days(self.details).into_values();
        upsert(db, &DETAILS, details).await
    }
}

impl DetailKey {
    /// The call's quarter, everything but prices.
    fn of(call: &call::Model) -> Self {
        let attempt = match call.campaign_id {
            Some(_) => call.attempt.clamp(0, ATTEMPTS_MAX),
            None => 0,
        };
        Self {
            campaign: call.campaign_id.unwrap_or_default(),
            span_m: BUCKET_MINUTES as i16,
            bucket: bucket_of(call.begun_at),
            owner: call.owner_id,
            attempt: i16::try_from(attempt).unwrap_or_default(),
            direction: call.direction.clone(),
            carrier: call.carrier.clone(),
            agent: call.agent_id.clone().unwrap_or_default(),
            from: ours(call).to_owned(),
            price_unit: String::new(),
        }
    }

    /// That of a row.
    pub(super) fn of_row(row: &call_detail_rollup::Model) -> Self {
        Self {
            campaign: row.campaign_id,
            span_m: row.span_m,
            bucket: row.bucket,
            owner: row.owner_id,
            attempt: row.attempt,
            direction: row.direction.clone(),
            carrier: row.carrier.clone(),
            agent: row.agent_id.clone(),
            from: row.from_number.clone(),
            price_unit: row.price_unit.clone(),
        }
    }

    /// That of the day in which the quarter of this one lies.
    pub(super) fn of_day(&self) -> Self {
        Self {
            span_m: DAY_MINUTES as i16,
            bucket: day_of(self.bucket),
            ..self.clone()
        }
    }

    pub(super) fn empty(&self) -> call_detail_rollup::Model {
        call_detail_rollup::Model {
            campaign_id: self.campaign,
            span_m: self.span_m,
            bucket: self.bucket,
            owner_id: self.owner,
            attempt: self.attempt,
            direction: self.direction.clone(),
            carrier: self.carrier.clone(),
            agent_id: self.agent.clone(),
            from_number: self.from.clone(),
            price_unit: self.price_unit.clone(),
            calls: 0,
            completed: 0,
            failed: 0,
            busy: 0,
            no_answer: 0,
            voicemail: 0,
            false_positives: 0,
            reached: 0,
            reached_first: 0,
            successful: 0,
            priced: 0,
            waits: 0,
            wait_ms: 0,
            talk_s: 0,
            price_micros: 0,
            credits: 0,
            wait_0: 0,
            wait_1: 0,
            wait_2: 0,
            wait_3: 0,
            wait_4: 0,
            wait_5: 0,
            wait_6: 0,
            wait_7: 0,
            wait_8: 0,
            wait_9: 0,
            wait_10: 0,
            wait_11: 0,
            talk_0: 0,
            talk_1: 0,
            talk_2: 0,
            talk_3: 0,
            talk_4: 0,
            talk_5: 0,
            talk_6: 0,
            talk_7: 0,
            talk_8: 0,
            talk_9: 0,
            talk_10: 0,
            talk_11: 0,
        }
    }
}

/// Our number in the call: there are few of those, and as many others as people call us.
fn ours(call: &call::Model) -> &str {
    if call.direction == Direction::Inbound.as_str() {
        &call.to_number
    } else {
        &call.from_number
    }
}

pub(super) type DetailRow = call_detail_rollup::ActiveModel;

/// `quarters`, and the days that they add up to.
fn with_days(
    quarters: BTreeMap<DetailKey, call_detail_rollup::Model>,
) -> BTreeMap<DetailKey, DetailRow> {
    let mut rows = BTreeMap::new();
    for (key, quarter) in quarters {
        let quarter = quarter.into_active_model().reset_all();
        let day = rows
            .entry(key.of_day())
            .or_insert_with_key(|key: &DetailKey| key.empty().into_active_model().reset_all());
        add_each::<call_detail_rollup::Entity>(day, &quarter, 1);
        rows.insert(key, quarter);
    }
    rows
}

/// Adds every sum of `more` to that of `to`, `sign` times: 1 or -1.
pub(super) fn add_each<E: EntityTrait>(to: &mut E::ActiveModel, more: &E::ActiveModel, sign: i8)
where
    E::Column: Iterable,
{
    for column in E::Column::iter().filter(|column| !is_key::<E>(column)) {
        let (sum, more) = (to.get(column).into_value(), more.get(column).into_value());
        match (sum, more) {
            (Some(Value::Int(Some(sum))), Some(Value::Int(Some(more)))) => {
                to.set(column, (sum + i32::from(sign) * more).into());
            }
            (Some(Value::BigInt(Some(sum))), Some(Value::BigInt(Some(more)))) => {
                to.set(column, (sum + i64::from(sign) * more).into());
            }
            _ => debug_assert!(false, "{column:?} is a sum"),
        }
    }
}

/// Adds rows to those of the same key.
pub(super) static ALL: LazyLock<BatchInsert> =
    LazyLock::new(|| BatchInsert::upsert::<call_rollup::Entity>(added::<call_rollup::Entity>));
/// As [`ALL`].
pub(super) static DETAILS: LazyLock<BatchInsert> = LazyLock::new(|| {
    BatchInsert::upsert::<call_detail_rollup::Entity>(added::<call_detail_rollup::Entity>)
});

/// Adds `rows` by `insert`, in their order.
pub(super) async fn upsert<A: ActiveModelTrait>(
    db: &impl ConnectionTrait,
    insert: &BatchInsert,
    rows: impl IntoIterator<Item = A>,
) -> Result<(), DbErr> {
    let mut rows = rows.into_iter().map(values_of).peekable();
    while rows.peek().is_some() {
        let batch = rows.by_ref().take(ROWS_MAX).collect::<Result<_, _>>()?;
        let statement = insert.statement(db.get_database_backend(), batch)?;
        db.execute_raw(statement).await?;
    }
    Ok(())
}

/// The begin of the quarter of an hour that `at` lies in.
#[must_use]
pub fn bucket_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::minutes(BUCKET_MINUTES))
        .unwrap_or(at)
}

/// The first begin of a quarter of an hour at or after `at`.
#[must_use]
pub fn end_of_bucket(at: DateTime<Utc>) -> DateTime<Utc> {
    match bucket_of(at) {
        begin if begin == at => at,
        begin => begin + TimeDelta::minutes(BUCKET_MINUTES),
    }
}

/// The begin of the day, UTC, that `at` lies in.
#[must_use]
pub fn day_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::minutes(DAY_MINUTES))
        .unwrap_or(at)
}

pub(super) fn empty(
    campaign_id: Uuid,
    bucket: DateTime<Utc>,
    owner_id: Uuid,
) -> call_rollup::Model {
    call_rollup::Model {
        campaign_id,
        bucket,
        owner_id,
        calls: 0,
        completed: 0,
        failed: 0,
        busy: 0,
        no_answer: 0,
        voicemail: 0,
        successful: 0,
        callbacks: 0,
        callbacks_scheduled: 0,
        transfers: 0,
        transfers_completed: 0,
        talk_s: 0,
        waits: 0,
        wait_ms: 0,
        price_micros: 0,
        credits: 0,
    }
}
