//! What the carrier charges is learned after the end of a call, whoever dies in between.

use std::collections::BTreeMap;

use sea_orm::DatabaseConnection;
use simulator::Behaviour;

use crate::support::campaign::run;
use crate::support::database::rows;
use crate::support::people::{TALK_MS, alike};
use crate::support::{Dialer, Options, Stack, on_both_stacks, prices};

on_both_stacks!(prices_are_learned_after_everybody_died);

const PEOPLE: usize = 6;

/// What all calls cost, by their rows and by each of the sums, in millionths.
async fn costs(db: &DatabaseConnection) -> [i64; 4] {
    let sum = async |what: &str, of: &str| {
        let found = rows(
            db,
            &format!("SELECT CAST(COALESCE(SUM({what}), 0) AS BIGINT) AS n FROM {of}"),
        )
        .await;
        found[0]["n"].as_i64().expect("a sum")
    };
    [
        sum("price_micros", "calls").await,
        sum("price_micros", "call_rollups").await,
        sum(
            "price_micros",
            "call_detail_rollups WHERE span_m = 15 AND price_unit = 'USD'",
        )
        .await,
        sum(
            "price_micros",
            "call_detail_rollups WHERE span_m = 1440 AND price_unit = 'USD'",
        )
        .await,
    ]
}

/// Kills whatever asks for prices after the calls are settled, and before anybody asked.
async fn prices_are_learned_after_everybody_died(stack: Stack) {
    let env = BTreeMap::from([("CALL_PRICE_AFTER_S", "4".to_owned())]);
    let options = Options {
        env,
        ..Options::default()
    };
    let mut dialer = Dialer::start(stack, options).await;
    run(
        &dialer,
        &alike(350, PEOPLE, &Behaviour::Answer { talk_ms: TALK_MS }),
    )
    .await;
    dialer.web.as_mut().expect("the API").kill();
    dialer.workers.iter_mut().for_each(|worker| worker.kill());
    let db = dialer.database().await;
    assert_eq!(costs(&db).await, [0; 4], "nobody asked yet");
    let waiting = "SELECT COUNT(*) AS n FROM calls WHERE settled_at IS NOT NULL AND price_check_at IS NOT NULL";
    assert_eq!(rows(&db, waiting).await[0]["n"], PEOPLE);
    dialer.start_web().await;
    // Two processes more than there were: each call is asked for once all the same.
    if stack != Stack::Embedded {
        for _ in 0..3 {
            dialer.start_worker();
        }
    }
    prices::are_told(&dialer).await;
    let talks = rows(&db, "SELECT duration_s FROM calls").await;
    let talks = talks
        .iter()
        .map(|call| call["duration_s"].as_i64().expect("seconds"));
    let cost: i64 = talks.map(prices::micros).sum();
    assert!(cost > 0);
    assert_eq!(costs(&db).await, [cost; 4]);
}
