//! Leaves a failing carrier alone, in all processes at once: what was learned from its answers is kept in the database, and
//! `begin` asks there before it takes a slot.
//!
//! Faults, and whatever the probe comes to, are written at once. Calls that went well are counted here and written with the
//! next fault, or once a second: a carrier that is well costs nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use carriers::CarrierKind;
use chrono::{DateTime, TimeDelta, Utc};
use domain::CallId;
use domain::breaker::{Admission, Answer, Breaker, Standing, Turn, Window};
use parking_lot::Mutex;
use sea_orm::DatabaseTransaction;

use super::{Dialing, Parts};
use crate::error::EngineError;
use crate::live::Change;
use crate::store;

/// Campaigns that are told of an opening or a closing; figures reach the others.
const TOLD_MAX: u64 = 1_000;

/// What came of asking a carrier for one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    pub carrier: CarrierKind,
    pub call: CallId,
    /// Whether the call tried a carrier that is left alone.
    pub is_probe: bool,
    pub answer: Answer,
}

/// Answers that were well and are not written yet.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<BTreeMap<CarrierKind, Window>>);

impl Tally {
    fn count(&self, carrier: CarrierKind, now: DateTime<Utc>, length: TimeDelta) {
        let mut counted = self.0.lock();
        counted.entry(carrier).or_default().well(now, length);
    }

    fn take(&self, carrier: CarrierKind) -> Window {
        self.0.lock().remove(&carrier).unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }
}

impl Dialing {
    /// Takes in what came of asking for a call; until when its contact waits, if it was not placed.
    ///
    /// Where the database does not answer nothing is counted, and the contact waits as long as it would for a probe.
    pub(super) async fn hear_of_carrier(&self, heard: Heard) -> DateTime<Utc> {
        let now = self.parts.clock.now();
        let rules = &self.parts.config.breaker;
        let is_everyday = matches!(heard.answer, Answer::Well | Answer::NotAsked);
        if is_everyday && !heard.is_probe {
            if heard.answer == Answer::Well {
                self.tally.count(heard.carrier, now, rules.window);
            }
            return now;
        }
        match self.answers.submit(heard).await {
            Ok(until) => until,
            Err(error) => {
                tracing::warn!(call.id = %heard.call, ?error, "could not note what came of asking for call {}", heard.call);
                now + rules.open_for
            }
        }
    }

    /// Once a second: writes how many calls went well, and shows in the metrics how each carrier does.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn watch_carrier(&self) -> Result<(), EngineError> {
        if !self.tally.is_empty() {
            hear(self.parts.clone(), Arc::clone(&self.tally), Arc::new([])).await?;
        }
        for carrier in self.parts.carriers.kinds() {
            let breaker = store::breakers::find(self.parts.database.reader(), carrier).await?;
            show(carrier, &breaker, self.parts.clock.now());
        }
        Ok(())
    }
}

/// What is known of `carrier`, locked where one of the calls that are about to begin may be the probe.
pub(super) async fn before_begin(
    txn: &DatabaseTransaction,
    carrier: CarrierKind,
    now: DateTime<Utc>,
) -> Result<Breaker, EngineError> {
    let known = store::breakers::find(txn, carrier).await?;
    if known.admits(now) != Admission::Probe {
        return Ok(known);
    }
    // Only now: the other processes see the same instant.
    Ok(store::breakers::lock(txn, carrier).await?)
}

/// Takes answers of carriers in; for each, until when its contact waits if the call was not placed.
///
/// One transaction that locks nothing but the breakers. Running it twice counts twice, which nothing depends on; dying
/// before the commit loses a few counts, and a probe that nobody hears of is given up after its time.
pub(super) async fn hear(
    parts: Parts,
    tally: Arc<Tally>,
    answers: Arc<[Heard]>,
) -> Result<Vec<DateTime<Utc>>, EngineError> {
    let txn = parts.database.begin().await?;
    let mut breakers = BTreeMap::new();
    for carrier in carriers_of(&tally, &answers) {
        breakers.insert(carrier, store::breakers::lock(&txn, carrier).await?);
    }
    let now = parts.clock.now();
    let rules = &parts.config.breaker;
    for (carrier, breaker) in &mut breakers {
        breaker.absorb(&tally.take(*carrier), now, rules);
    }
    let mut turns = Vec::new();
    let mut untils = Vec::with_capacity(answers.len());
    for heard in answers.iter() {
        let breaker = breakers.entry(heard.carrier).or_default();
        let turn = breaker.hear(heard.call, heard.answer, now, rules);
        turns.extend(turn.map(|turn| (heard.carrier, turn)));
        untils.push(wait(breaker, heard.answer, now, rules.open_for));
    }
    for (carrier, breaker) in &breakers {
        store::breakers::save(&txn, *carrier, breaker).await?;
    }
    txn.commit().await?;
    for (carrier, turn) in turns {
        tell(&parts, carrier, turn).await;
    }
    Ok(untils)
}

fn carriers_of(tally: &Tally, answers: &[Heard]) -> Vec<CarrierKind> {
    let mut carriers: Vec<CarrierKind> = tally.0.lock().keys().copied().collect();
    carriers.extend(answers.iter().map(|heard| heard.carrier));
    // In one order, so that two processes cannot wait for each other.
    carriers.sort_unstable();
    carriers.dedup();
    carriers
}

/// Whoever met a fault waits as long as a carrier is left alone: a few that meet nothing but faults must not hammer it.
fn wait(
    breaker: &Breaker,
    answer: Answer,
    now: DateTime<Utc>,
    open_for: TimeDelta,
) -> DateTime<Utc> {
    let least = match answer {
        Answer::Fault(_) => now + open_for,
        _ => now,
    };
    match breaker.admits(now) {
        Admission::Wait(until) => until.max(least),
        Admission::Go | Admission::Probe => least,
    }
}

fn show(carrier: CarrierKind, breaker: &Breaker, now: DateTime<Utc>) {
    let figure = match breaker.standing(now) {
        Standing::Closed => 0.0,
        Standing::HalfOpen => 1.0,
        Standing::Open => 2.0,
    };
    metrics::gauge!("dialer_carrier_breaker", "carrier" => carrier.as_str()).set(figure);
}

/// Says once, to operators and to those who watch, that `carrier` is left alone, or called again.
async fn tell(parts: &Parts, carrier: CarrierKind, turn: Turn) {
    match turn {
        Turn::Opened => {
            let rest_s = parts.config.breaker.open_for.num_seconds();
            tracing::warn!(%carrier, "{carrier} fails: it is left alone for {rest_s} s, then tried with one call at a time");
            metrics::counter!("dialer_carrier_breaker_openings_total", "carrier" => carrier.as_str()).increment(1);
        }
        Turn::Closed => tracing::info!(%carrier, "{carrier} is well again: calls go on"),
    }
    let db = parts.database.reader();
    match store::live::active_campaigns(db, TOLD_MAX).await {
        Ok(campaigns) => parts.live.tell(campaigns.into_iter().map(Change::Campaign)),
        Err(error) => tracing::debug!(?error, "those who watch are not told of {carrier}"),
    }
}
