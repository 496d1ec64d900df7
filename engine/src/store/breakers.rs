//! What all processes know of each carrier's account.

use carriers::CarrierKind;
use domain::CallId;
use domain::breaker::{Breaker, Count, Patience, Probe, Trip, Window};
use entity::carrier_breaker::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    Iterable, QuerySelect, Set,
};

/// What is known of `carrier`; a carrier of which nothing is known is well.
///
/// # Errors
/// What the database says.
pub async fn find(db: &impl ConnectionTrait, carrier: CarrierKind) -> Result<Breaker, DbErr> {
    let found = Entity::find_by_id(carrier.as_str()).one(db).await?;
    Ok(found.map(read).unwrap_or_default())
}

/// [`find`], and nobody else changes it until the transaction ends. Locked after people and before the counters of
/// campaigns; whoever locks nothing else may do so at any time.
///
/// # Errors
/// What the database says.
pub async fn lock(txn: &DatabaseTransaction, carrier: CarrierKind) -> Result<Breaker, DbErr> {
    let blank = ActiveModel {
        carrier: Set(carrier.as_str().to_owned()),
        ..Default::default()
    };
    let there_already = OnConflict::column(Column::Carrier).do_nothing().to_owned();
    Entity::insert(blank)
        .on_conflict(there_already)
        .exec_without_returning(txn)
        .await?;
    let found = Entity::find_by_id(carrier.as_str())
        .lock_exclusive()
        .one(txn)
        .await?;
    Ok(found.map(read).unwrap_or_default())
}

/// Writes what is known of `carrier` now.
///
/// # Errors
/// What the database says.
pub async fn save(
    txn: &DatabaseTransaction,
    carrier: CarrierKind,
    breaker: &Breaker,
) -> Result<(), DbErr> {
    let row = write(carrier, breaker).into_active_model().reset_all();
    let known = Column::iter().filter(|column| !matches!(column, Column::Carrier));
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::Carrier)
                .update_columns(known)
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

fn read(row: Model) -> Breaker {
    let probe = row.probe_call.zip(row.probe_until);
    let trip = row.opened_at.zip(row.open_until);
    let count = |well: i32, faults: i32| Count {
        well: well.unsigned_abs(),
        faults: faults.unsigned_abs(),
    };
    Breaker {
        trip: trip.map(|(since, until)| Trip {
            since,
            until,
            probe: probe.map(|(call, until)| Probe {
                call: CallId::from_uuid(call),
                until,
            }),
        }),
        window: Window {
            half: row.window_half,
            current: count(row.well, row.faults),
            previous: count(row.well_before, row.faults_before),
        },
        patience: Patience {
            until: row.busy_until,
            refusals: row.refusals.unsigned_abs(),
        },
    }
}

fn write(carrier: CarrierKind, breaker: &Breaker) -> Model {
    let Breaker {
        trip,
        window,
        patience,
    } = breaker;
    let probe = trip.and_then(|trip| trip.probe);
    let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    Model {
        carrier: carrier.as_str().to_owned(),
        opened_at: trip.map(|trip| trip.since),
        open_until: trip.map(|trip| trip.until),
        probe_call: probe.map(|probe| probe.call.into_uuid()),
        probe_until: probe.map(|probe| probe.until),
        window_half: window.half,
        well: number(window.current.well),
        faults: number(window.current.faults),
        well_before: number(window.previous.well),
        faults_before: number(window.previous.faults),
        busy_until: patience.until,
        refusals: number(patience.refusals),
    }
}
