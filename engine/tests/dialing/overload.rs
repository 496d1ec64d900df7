//! A process that cannot keep up with the calls that there are.

use std::sync::Arc;

use domain::CallId;
use engine::dialing::coalesce::BATCH_MAX;
use engine::dialing::{CallReport, Learned};
use sea_orm::Set;

use crate::on_both;
use crate::stage::{Stage, eventually};

on_both! {
    async fn nobody_is_called_while_too_many_reports_wait_to_be_taken_in(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.max_concurrent_calls = Set(10)).await;
        stage.people(1, "").await;
        stage.dial().await;
        let call = CallId::from_uuid(stage.live_calls().await[0].id);
        // Somebody is due, and has a slot.
        stage.people(1, "").await;
        let dialing = Arc::clone(&stage.dialing);
        // Nobody can write anything about the call.
        let held = stage.database.begin().await.expect("a transaction");
        engine::store::calls::lock_all(&held, [call]).await.expect("the call is locked");
        let reports = (0..4 * BATCH_MAX).map(|_| {
            let (dialing, report) = (Arc::clone(&dialing), CallReport::of(call, Learned::NothingNew));
            tokio::spawn(async move { dialing.learn(report).await })
        });
        let reports: Vec<_> = reports.collect();
        eventually("too many wait", async || dialing.is_overloaded().await).await;
        assert!(stage.another_worker().is_overloaded().await, "every process hears of it");
        assert_eq!(dialing.top_up_due().await.expect("a run"), 0);
        held.rollback().await.expect("the call is free");
        futures::future::join_all(reports).await;
        eventually("it keeps up again", async || !dialing.is_overloaded().await).await;
        assert_eq!(dialing.top_up_due().await.expect("a run"), 1);
        assert!(stage.next_job().is_some());
    }
}
