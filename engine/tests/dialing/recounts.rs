//! Sums that are not what they should be are counted anew from the calls, while calls go on (P5).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::NaiveDate;
use domain::progress::{End, News};
use engine::Reports;
use engine::reports::Recounted;
use entity::call_rollup;
use futures::future::join_all;
use rand::SeedableRng;
use rand::rngs::StdRng;
use sea_orm::{ConnectionTrait, DbBackend, Set};

use crate::details::{a_call_outside_campaigns, a_history, assert_same, lean, recount, stored};
use crate::on_both;
use crate::stage::{PATIENCE, Stage};

on_both! {
    async fn garbled_sums_are_counted_anew_and_a_second_time_changes_nothing(stage: Stage) {
        let mut stage = stage;
        a_history(&mut stage, &mut StdRng::seed_from_u64(0xBAD)).await;
        let (details, all) = (stored(&stage).await, sums(&stage).await);
        assert_same(&details, &recount(&stage.calls().await));
        for garble in [
            "UPDATE call_rollups SET calls = calls + 7, talk_s = 0 WHERE completed > 1",
            "DELETE FROM call_rollups WHERE callbacks_scheduled = 0 AND busy > 0",
            "UPDATE call_detail_rollups SET busy = busy + 1, wait_ms = -wait_ms, talk_3 = 9 WHERE attempt = 1",
            "DELETE FROM call_detail_rollups WHERE attempt = 2",
            "UPDATE call_detail_rollups SET price_micros = price_micros * 2 WHERE price_unit = 'EUR'",
            "DELETE FROM call_detail_rollups WHERE span_m = 1440 AND price_unit = 'USD'",
            "UPDATE call_detail_rollups SET carrier = 'nobody' WHERE attempt = 3 AND span_m = 15",
        ] {
            let done = stage.database.writer().execute_unprepared(garble).await.expect("garbled");
            assert!(done.rows_affected() > 0, "garbles nothing: {garble}");
        }
        let corrected = recounted(&stage).await;
        assert!(corrected.quarters > 0 && corrected.days > 0, "{corrected:?}");
        assert_same(&stored(&stage).await, &details);
        assert_eq!(sums(&stage).await, all);
        assert_eq!(recounted(&stage).await, Recounted::default());
        stage.counters_are_right().await;
    }

    async fn calls_that_an_older_version_settled_are_counted_later(stage: Stage) {
        let mut stage = stage;
        a_history(&mut stage, &mut StdRng::seed_from_u64(0x01D)).await;
        a_call_outside_campaigns(&stage).await;
        stage.database.writer().execute_unprepared("DELETE FROM call_detail_rollups").await.expect("gone");
        recounted(&stage).await;
        assert_same(&stored(&stage).await, &recount(&stage.calls().await));
    }

    async fn an_instant_that_was_typed_in_ends_no_recount_in_a_circle(stage: Stage) {
        let mut stage = stage;
        stage.people(3, "").await;
        stage.dial().await;
        stage.all_end(End::Busy).await;
        let right = stored(&stage).await;
        if stage.database.backend() == DbBackend::Sqlite {
            let typed = "UPDATE calls SET begun_at = replace(begun_at, '+00:00', '.000+00:00')";
            stage.database.writer().execute_unprepared(typed).await.expect("typed in");
        }
        let done = tokio::time::timeout(PATIENCE, recounted(&stage)).await;
        assert_eq!(done.expect("an end"), Recounted::default());
        assert_same(&stored(&stage).await, &right);
    }

    async fn two_recounts_at_once_correct_once(stage: Stage) {
        let mut stage = stage;
        stage.people(3, "").await;
        stage.dial().await;
        stage.all_end(End::Busy).await;
        let right = stored(&stage).await;
        let garble = "UPDATE call_detail_rollups SET busy = busy + 5";
        stage.database.writer().execute_unprepared(garble).await.expect("garbled");
        let (reports, day) = (reports(&stage), stage.now().date_naive());
        let both = join_all([reports.recount(day), reports.recount(day)]).await;
        let corrected: usize = both.into_iter().map(|done| done.expect("a recount").quarters).sum();
        assert_eq!(corrected, 1);
        assert_same(&stored(&stage).await, &right);
    }

    async fn calls_that_end_meanwhile_are_counted_once(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| {
            row.max_concurrent_calls = Set(25);
            row.call_attempts_per_contact = Set(6);
            row.retry_delay_minutes = Set(1);
        }).await;
        stage.people(25, "").await;
        let day = stage.now().date_naive();
        let is_over = AtomicBool::new(false);
        let reports = reports(&stage);
        let recounting = async {
            let mut runs = 0;
            while !is_over.load(Ordering::Relaxed) {
                let again = [reports.recount(day), reports.recount(day)];
                for done in join_all(again).await {
                    assert_eq!(done.expect("a recount"), Recounted::default(), "nothing is wrong");
                }
                runs += 1;
            }
            runs
        };
        let calling = async {
            for _ in 0..6 {
                stage.dial().await;
                for call in stage.live_calls().await {
                    stage.hear(&call, vec![News::Ended { end: End::Busy, duration_s: None }]).await;
                }
                stage.pass(2);
            }
            is_over.store(true, Ordering::Relaxed);
        };
        let (runs, ()) = tokio::join!(recounting, calling);
        assert!(runs > 0);
        let calls = stage.calls().await;
        assert_eq!(calls.len(), 150);
        assert_same(&stored(&stage).await, &recount(&calls));
        stage.counters_are_right().await;
    }
}

fn reports(stage: &Stage) -> Reports {
    Reports::new(stage.database.clone(), Arc::new(stage.clock.clone()))
}

/// Every day on which a call was begun.
pub async fn recounted(stage: &Stage) -> Recounted {
    let reports = reports(stage);
    let calls = stage.calls().await;
    let days: BTreeSet<NaiveDate> = calls
        .iter()
        .map(|call| call.begun_at.date_naive())
        .collect();
    let mut all = Recounted::default();
    for day in days {
        let of_day = reports.recount(day).await.expect("a recount");
        all.quarters += of_day.quarters;
        all.days += of_day.days;
    }
    all
}

/// The sums of all calls of a campaign, in order; rows in which nothing is counted say nothing.
async fn sums(stage: &Stage) -> Vec<call_rollup::Model> {
    let mut rows = lean(stage).await;
    rows.retain(|row| row.calls + row.callbacks > 0);
    rows.sort_by_key(|row| (row.campaign_id, row.bucket));
    rows
}
