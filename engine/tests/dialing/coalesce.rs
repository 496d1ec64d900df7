//! Who waits for whom, where one commit serves many.

use std::sync::Arc;
use std::time::Duration;

use engine::dialing::coalesce::{BATCH_MAX, Coalescer};

/// Longer than any test may take.
const FOR_EVER: Duration = Duration::from_secs(3_600);

/// Answers each item with how many were served together.
fn counting() -> Arc<Coalescer<u8, usize>> {
    let count = |items: Arc<[u8]>| async move { Ok(vec![items.len(); items.len()]) };
    Arc::new(Coalescer::spawn(count))
}

#[tokio::test]
async fn what_can_wait_goes_along_with_what_cannot() {
    let coalescer = counting();
    let patient = coalescer.submit_within(1, FOR_EVER);
    let (patient, urgent) = tokio::join!(patient, coalescer.submit(2));
    assert_eq!(patient.expect("an answer"), 2);
    assert_eq!(urgent.expect("an answer"), 2);
}

#[tokio::test]
async fn what_waits_for_nobody_is_served_after_its_patience() {
    let patience = Duration::from_millis(1);
    let served = counting().submit_within(1, patience).await;
    assert_eq!(served.expect("an answer"), 1);
}

#[tokio::test]
async fn what_fills_a_batch_waits_no_longer() {
    let coalescer = counting();
    let all = (0..BATCH_MAX).map(|_| coalescer.submit_within(1, FOR_EVER));
    for served in futures::future::join_all(all).await {
        assert_eq!(served.expect("an answer"), BATCH_MAX);
    }
}
