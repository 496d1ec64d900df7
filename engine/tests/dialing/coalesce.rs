//! Who waits for whom, where one commit serves many.

use std::sync::Arc;
use std::time::Duration;

use engine::EngineError;
use engine::dialing::coalesce::{BATCH_MAX, COMPANY_MIN, Coalescer};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::stage::eventually;

/// Longer than any test may take.
const FOR_EVER: Duration = Duration::from_secs(3_600);

/// Answers each item with how many were served together, by batches with `pause` between them.
fn counting(pause: Duration) -> Arc<Coalescer<u8, usize>> {
    let count = |items: Arc<[u8]>| async move { Ok(vec![items.len(); items.len()]) };
    Arc::new(Coalescer::spawn(pause, count))
}

#[tokio::test]
async fn what_can_wait_goes_along_with_what_cannot() {
    let coalescer = counting(Duration::ZERO);
    let patient = coalescer.submit_within(1, FOR_EVER);
    let (patient, urgent) = tokio::join!(patient, coalescer.submit(2));
    assert_eq!(patient.expect("an answer"), 2);
    assert_eq!(urgent.expect("an answer"), 2);
}

#[tokio::test]
async fn what_waits_for_nobody_is_served_after_its_patience() {
    let patience = Duration::from_millis(1);
    let served = counting(Duration::ZERO).submit_within(1, patience).await;
    assert_eq!(served.expect("an answer"), 1);
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_a_quiet_moment_waits_for_nobody() {
    let coalescer = counting(FOR_EVER);
    tokio::time::advance(FOR_EVER).await;
    let before = Instant::now();
    assert_eq!(coalescer.submit(1).await.expect("an answer"), 1);
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn what_comes_right_after_a_batch_finds_company() {
    let pause = Duration::from_millis(5);
    let coalescer = counting(pause);
    tokio::time::advance(pause).await;
    coalescer.submit(1).await.expect("an answer");
    let before = Instant::now();
    let later = async {
        tokio::time::sleep(pause / 2).await;
        coalescer.submit(3).await
    };
    let (sooner, later) = tokio::join!(coalescer.submit(2), later);
    assert_eq!(sooner.expect("an answer"), 2);
    assert_eq!(later.expect("an answer"), 2);
    assert_eq!(before.elapsed(), pause, "and no longer than that");
}

#[tokio::test]
async fn what_has_company_waits_no_longer() {
    let coalescer = counting(FOR_EVER);
    let all = (0..COMPANY_MIN).map(|_| coalescer.submit(1));
    for served in futures::future::join_all(all).await {
        assert_eq!(served.expect("an answer"), COMPANY_MIN);
    }
}

#[tokio::test]
async fn what_fills_a_batch_waits_no_longer() {
    let coalescer = counting(Duration::ZERO);
    let all = (0..BATCH_MAX).map(|_| coalescer.submit_within(1, FOR_EVER));
    for served in futures::future::join_all(all).await {
        assert_eq!(served.expect("an answer"), BATCH_MAX);
    }
}

#[tokio::test]
async fn those_that_wait_beside_the_batch_under_way_are_counted() {
    let gate = Arc::new(Semaphore::new(0));
    let coalescer = Arc::new(Coalescer::spawn(Duration::ZERO, {
        let gate = Arc::clone(&gate);
        move |items: Arc<[u8]>| {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.expect("open").forget();
                Ok(items.to_vec())
            }
        }
    }));
    let submit = |item| {
        let coalescer = Arc::clone(&coalescer);
        tokio::spawn(async move { coalescer.submit(item).await })
    };
    let first = submit(0);
    // It is taken up, and stays at the gate.
    eventually("the first is taken up", async || {
        coalescer.waiting() == 0 && Arc::strong_count(&gate) > 2
    })
    .await;
    let others: Vec<_> = (1..=3).map(submit).collect();
    eventually("three wait", async || coalescer.waiting() == 3).await;
    gate.add_permits(2);
    first.await.expect("a task").expect("an answer");
    for other in others {
        other.await.expect("a task").expect("an answer");
    }
    assert_eq!(coalescer.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn it_is_known_when_the_last_batch_was_over() {
    let coalescer = counting(Duration::ZERO);
    tokio::time::advance(Duration::from_secs(31)).await;
    assert_eq!(coalescer.since_last(), Duration::from_secs(31));
    coalescer.submit(1).await.expect("an answer");
    eventually("the batch is over", async || {
        coalescer.since_last() < Duration::from_secs(1)
    })
    .await;
}

#[tokio::test]
async fn whoever_was_answered_or_went_away_is_in_hand_no_longer() {
    let coalescer = Coalescer::spawn(Duration::ZERO, |items: Arc<[u8]>| async move {
        assert!(!items.contains(&0), "a batch may panic");
        if items.contains(&1) {
            return Err(EngineError::internal(anyhow::anyhow!("or fail")));
        }
        Ok(items.to_vec())
    });
    let place = coalescer.reserve().expect("room");
    assert_eq!(coalescer.in_hand(), 1, "a place counts before it is used");
    drop(place);
    assert_eq!(coalescer.in_hand(), 0);
    let all = futures::future::join_all((0..4).map(|item| coalescer.submit(item)));
    let answers: Vec<bool> = all.await.into_iter().map(|it| it.is_ok()).collect();
    assert_eq!(answers, [false, false, true, true], "one by one in the end");
    eventually("nobody is in hand", async || coalescer.in_hand() == 0).await;
}
