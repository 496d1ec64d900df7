//! A process that cannot keep up with the calls that there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::{CallId, CampaignId};
use engine::dialing::coalesce::BATCH_MAX;
use engine::dialing::{CallReport, Learned};
use engine::queue::memory::{Held, MemoryCallQueue};
use engine::queue::{CallJob, CallQueue, QueueError};
use futures::channel::mpsc::UnboundedReceiver;
use futures::{FutureExt, StreamExt};
use sea_orm::Set;
use uuid::Uuid;

use crate::on_both;
use crate::stage::{PATIENCE, Stage, eventually};

/// A queue that counts how often somebody looks whether everybody keeps up.
struct Looked {
    queue: MemoryCallQueue,
    looks: AtomicUsize,
    is_away: bool,
}

impl Looked {
    fn over(queue: MemoryCallQueue, is_away: bool) -> Arc<Self> {
        let looks = AtomicUsize::default();
        Arc::new(Self {
            queue,
            looks,
            is_away,
        })
    }
}

#[async_trait]
impl CallQueue for Looked {
    async fn push(&self, jobs: &[CallJob]) -> Result<(), QueueError> {
        self.queue.push(jobs).await
    }

    async fn depth(&self) -> Result<u32, QueueError> {
        if self.is_away {
            return Err(QueueError(anyhow::anyhow!("it is away")));
        }
        self.queue.depth().await
    }

    async fn note_overload(&self, process: &str, span: Duration) -> Result<(), QueueError> {
        self.queue.note_overload(process, span).await
    }

    async fn forget_overload(&self, process: &str) -> Result<(), QueueError> {
        self.queue.forget_overload(process).await
    }

    async fn is_overloaded(&self) -> Result<bool, QueueError> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        self.queue.is_overloaded().await
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.queue.ping().await
    }

    async fn reap(&self) -> Result<u32, QueueError> {
        self.queue.reap().await
    }
}

/// A queue over which another process said that it cannot keep up, and the jobs that are pushed there all the same.
async fn overloaded() -> (Arc<Looked>, UnboundedReceiver<Held>) {
    let (queue, jobs) = MemoryCallQueue::new();
    let queue = Looked::over(queue, false);
    let hour = Duration::from_secs(3_600);
    let noted = queue.note_overload("another", hour).await;
    noted.expect("noted");
    (queue, jobs)
}

on_both! {
    async fn a_hint_waits_while_somebody_cannot_keep_up_and_is_followed_then(stage: Stage) {
        stage.people(1, "").await;
        let (queue, mut jobs) = overloaded().await;
        let running = stage.running_over(queue.clone());
        running.wake(stage.campaign);
        // The second look means that nothing was done after the first.
        eventually("it looks again", async || queue.looks.load(Ordering::Relaxed) >= 2).await;
        assert!(jobs.next().now_or_never().is_none());
        queue.note_overload("another", Duration::from_millis(1)).await.expect("noted");
        let followed = tokio::time::timeout(PATIENCE, jobs.next()).await;
        assert!(followed.expect("in time").is_some());
    }

    async fn who_became_due_by_itself_is_in_line_with_those_who_are_hinted_at_once_all_keep_up_again(stage: Stage) {
        stage.people(1, "").await;
        let (queue, mut jobs) = overloaded().await;
        let running = stage.running_over(queue.clone());
        running.wake(CampaignId::from_uuid(Uuid::now_v7()));
        eventually("it looks", async || queue.looks.load(Ordering::Relaxed) >= 1).await;
        // The reconciler, which would look after it, left off.
        assert_eq!(running.top_up_due().await.expect("a run"), 0);
        queue.forget_overload("another").await.expect("taken back");
        let followed = tokio::time::timeout(PATIENCE, jobs.next()).await;
        assert!(followed.expect("in time").is_some());
    }

    async fn a_queue_that_is_away_is_not_waited_for_again_for_each_campaign(stage: Stage) {
        stage.people(1, "").await;
        let queue = Looked::over(MemoryCallQueue::new().0, true);
        let running = stage.running_over(queue.clone());
        assert_eq!(running.top_up_due().await.expect("a run"), 0);
        assert_eq!(queue.looks.load(Ordering::Relaxed), 0);
    }

    async fn a_campaign_ends_and_cancels_the_rest_while_the_queue_is_away(stage: Stage) {
        stage.people(2, "").await;
        let end = stage.now() + TimeDelta::hours(1);
        stage.change(|row| row.end_date = Set(Some(end))).await;
        let queue = Looked::over(MemoryCallQueue::new().0, true);
        let running = stage.running_over(queue);
        assert_eq!(running.top_up_due().await.expect("a run"), 0);
        assert_eq!(stage.campaign().await.status, "active");
        stage.pass(60);
        eventually("it is over, and so is everybody", async || {
            running.top_up_due().await.expect("a run");
            let is_over = stage.campaign().await.status == "completed";
            let contacts = stage.contacts().await;
            is_over && contacts.iter().all(|contact| contact.status == "canceled")
        }).await;
        stage.counters_are_right().await;
    }

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
        eventually("too many wait", async || {
            // A transaction in which nothing happens would be ended.
            engine::store::calls::find(&held, call).await.expect("the call");
            dialing.is_overloaded().await
        }).await;
        assert!(stage.another_worker().is_overloaded().await, "every process hears of it");
        assert_eq!(dialing.top_up_due().await.expect("a run"), 0);
        // However long it takes to take them in, what was said is not over before.
        let hour = Duration::from_secs(3_600);
        for process in ["stage", "another"] {
            stage.queue().note_overload(process, hour).await.expect("noted");
        }
        drop(held);
        futures::future::join_all(reports).await;
        assert!(dialing.is_overloaded().await, "another process cannot keep up yet");
        stage.queue().forget_overload("another").await.expect("taken back");
        assert!(!dialing.is_overloaded().await, "it keeps up again");
        assert!(!stage.another_worker().is_overloaded().await, "nobody waits for the end of a span");
        assert_eq!(dialing.top_up_due().await.expect("a run"), 1);
        assert!(stage.next_job().is_some());
    }
}
