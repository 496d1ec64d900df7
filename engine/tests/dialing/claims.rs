//! Calls are claimed before the carrier is asked about them: never more than it may be asked about (P4).

use carriers::CarrierKind;
use chrono::TimeDelta;
use domain::progress::End;
use engine::Database;
use engine::store::{call_checks, price_checks};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Set};

use crate::on_both;
use crate::stage::Stage;

const CALLS: u16 = 40;
const CLAIMED_MAX: u32 = 8;

/// Somebody who has claimed since there were no calls: on Postgres its statements keep the plans that were good then. On SQLite
/// it is the only one who writes.
async fn claims_since_the_first_day(database: &Database) -> Option<DatabaseTransaction> {
    if database.backend() == DbBackend::Sqlite {
        return None;
    }
    let swept = "VACUUM ANALYZE calls";
    let swept = database.writer().execute_unprepared(swept).await;
    swept.expect("the calls are swept up");
    let txn = database.begin().await.expect("a transaction");
    let kept = "SET LOCAL plan_cache_mode = force_generic_plan";
    txn.execute_unprepared(kept).await.expect("plans are kept");
    Some(txn)
}

/// How many calls are claimed for a look, how many for their price.
async fn claim(stage: &Stage, db: &impl ConnectionTrait) -> (usize, usize) {
    let times = (stage.now(), stage.now() + TimeDelta::minutes(3));
    let checks = call_checks::claim(db, times, u64::from(CLAIMED_MAX)).await;
    let prices = price_checks::claim(db, CarrierKind::SignalWire, times, CLAIMED_MAX).await;
    (
        checks.expect("a claim").len(),
        prices.expect("a claim").len(),
    )
}

async fn claim_as(stage: &Stage, claims: Option<&DatabaseTransaction>) -> (usize, usize) {
    match claims {
        Some(txn) => claim(stage, txn).await,
        None => claim(stage, stage.database.writer()).await,
    }
}

async fn many_are_called(stage: &mut Stage) {
    let limit = i32::from(CALLS);
    stage
        .change(|row| row.max_concurrent_calls = Set(limit))
        .await;
    stage.people(usize::from(CALLS), "").await;
    stage.dial().await;
}

on_both! {
    async fn calls_are_looked_at_a_few_at_a_time_however_their_claim_is_planned(stage: Stage) {
        let mut stage = stage;
        let claims = claims_since_the_first_day(&stage.database).await;
        assert_eq!(claim_as(&stage, claims.as_ref()).await, (0, 0));
        many_are_called(&mut stage).await;
        stage.pass(60);
        for _ in 0..CALLS / 8 {
            assert_eq!(claim_as(&stage, claims.as_ref()).await, (8, 0));
        }
        assert_eq!(claim_as(&stage, claims.as_ref()).await, (0, 0));
    }

    async fn prices_are_asked_for_a_few_at_a_time_however_their_claim_is_planned(stage: Stage) {
        let mut stage = stage;
        let claims = claims_since_the_first_day(&stage.database).await;
        assert_eq!(claim_as(&stage, claims.as_ref()).await, (0, 0));
        many_are_called(&mut stage).await;
        stage.all_end(End::Busy).await;
        stage.pass(60);
        for _ in 0..CALLS / 8 {
            assert_eq!(claim_as(&stage, claims.as_ref()).await.1, 8);
        }
        assert_eq!(claim_as(&stage, claims.as_ref()).await.1, 0);
    }
}
