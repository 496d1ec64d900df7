//! `dialer recount` beside a dialer that runs.

use sea_orm::ConnectionTrait;
use serde_json::Value;
use simulator::Behaviour;

use crate::support::people::{TALK_MS, number};
use crate::support::single::{call, over, start};
use crate::support::{Dialer, Stack, on_both_stacks};

on_both_stacks!(sums_that_are_gone_come_back,);

/// What is counted of all calls, in every table of sums.
async fn sums(dialer: &Dialer) -> Vec<Value> {
    use entity::{call_detail_rollup as detail, call_rollup as all};
    use sea_orm::{EntityTrait, QueryOrder};
    let database = dialer.database().await;
    let details = detail::Entity::find()
        .order_by_asc(detail::Column::SpanM)
        .order_by_asc(detail::Column::Bucket)
        .order_by_asc(detail::Column::PriceUnit);
    let details = details.into_json().all(&database).await.expect("sums");
    let all = all::Entity::find().order_by_asc(all::Column::Bucket);
    let all = all.into_json().all(&database).await.expect("sums");
    details.into_iter().chain(all).collect()
}

async fn sums_that_are_gone_come_back(stack: Stack) {
    let dialer = start(stack).await;
    for line in 1..=2 {
        let talk = Behaviour::Answer { talk_ms: TALK_MS };
        let placed = call(&dialer, &number(341, line), talk).await;
        over(&dialer, &placed["_id"]).await;
    }
    let before = sums(&dialer).await;
    assert!(before.len() > 2, "{before:?}");
    let database = dialer.database().await;
    for table in ["call_detail_rollups", "call_rollups"] {
        let gone = database
            .execute_unprepared(&format!("DELETE FROM {table}"))
            .await;
        gone.expect("gone");
    }
    let today = chrono::Utc::now().date_naive();
    let yesterday = today.pred_opt().expect("a day").to_string();
    let said = dialer.run(&["recount", "--from", &yesterday]);
    assert!(said.contains("corrected"), "{said}");
    assert_eq!(sums(&dialer).await, before);
    let said = dialer.run(&["recount", "--from", &yesterday, "--to", &today.to_string()]);
    assert!(said.ends_with(": 0 days were wrong\n"), "{said}");
}
