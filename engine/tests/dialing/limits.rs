//! Never more live calls than slots (P1).

use domain::progress::End;
use engine::dialing::{Placed, ToppedUp};
use sea_orm::Set;

use crate::on_both;
use crate::stage::Stage;

on_both! {
    async fn no_more_calls_than_slots(stage: Stage) {
        let mut stage = stage;
        stage.people(10, "").await;
        assert_eq!(stage.dial().await.len(), 3);
        assert!(stage.dial().await.is_empty());
        assert_eq!(stage.counters().await.live, 3);
        let one = stage.live_calls().await.remove(0);
        stage.hear(&one, vec![domain::progress::News::Ended { end: End::Busy, duration_s: None }]).await;
        assert_eq!(stage.dial().await.len(), 1);
        stage.counters_are_right().await;
    }

    async fn a_lowered_limit_lets_no_call_begin_until_below_it(stage: Stage) {
        let mut stage = stage;
        stage.people(10, "").await;
        stage.dial().await;
        stage.change(|row| row.max_concurrent_calls = Set(1)).await;
        for live in [3, 2] {
            assert_eq!(stage.counters().await.live, live);
            assert!(stage.dial().await.is_empty());
            let one = stage.live_calls().await.remove(0);
            stage.hear(&one, vec![domain::progress::News::Ended { end: End::Busy, duration_s: None }]).await;
        }
        assert!(stage.dial().await.is_empty(), "one is still live");
        stage.all_end(End::Busy).await;
        assert_eq!(stage.dial().await.len(), 1);
    }

    async fn a_limit_lowered_below_what_is_queued_returns_the_rest(stage: Stage) {
        let mut stage = stage;
        stage.people(10, "").await;
        assert_eq!(stage.dialing.top_up(stage.campaign).await.expect("a top-up"), ToppedUp::Queued(3));
        stage.change(|row| row.max_concurrent_calls = Set(1)).await;
        let done = stage.work().await;
        let dialled = done.iter().filter(|done| matches!(done, Placed::Dialled(_))).count();
        assert_eq!((dialled, done.len()), (1, 3));
        assert_eq!(stage.counters().await.queued, 0);
        stage.counters_are_right().await;
    }

    async fn two_top_ups_at_once_queue_nobody_twice(stage: Stage) {
        let stage = stage;
        stage.people(10, "").await;
        let (one, two) = tokio::join!(stage.dialing.top_up(stage.campaign), stage.dialing.top_up(stage.campaign));
        let queued = [one, two].map(|done| match done.expect("a top-up") { ToppedUp::Queued(count) => count, _ => 0 });
        assert_eq!(queued.iter().sum::<usize>(), 3);
        stage.counters_are_right().await;
    }
}
