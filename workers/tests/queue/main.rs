//! One contract, two queues: what is promised of a [`CallQueue`] is held by the one in memory and by the one in Redis,
//! each with the worker that goes with it.
//!
//! Needs `TEST_REDIS_URL`; `make test` sets it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use domain::{CampaignId, ContactId};
use engine::queue::memory::MemoryCallQueue;
use engine::queue::redis::{RedisCallQueue, RedisQueueConfig};
use engine::queue::{CallJob, CallQueue};
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use workers::place_call::PlacesCalls;
use workers::{memory_worker, redis_worker};

const PATIENCE: Duration = Duration::from_secs(10);

/// Watches what is delivered; each job waits for a permit before it is done.
struct Watcher {
    name: String,
    delivered: Mutex<Vec<String>>,
    permits: Semaphore,
}

impl Watcher {
    fn new(permits: usize) -> Arc<Self> {
        Arc::new(Self {
            name: format!("watcher-{}", Uuid::now_v7().simple()),
            delivered: Mutex::default(),
            permits: Semaphore::new(permits),
        })
    }

    async fn has_seen(&self, count: usize) -> Vec<String> {
        let seen = async {
            loop {
                let delivered = self.delivered.lock().clone();
                if delivered.len() >= count {
                    return delivered;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, seen)
            .await
            .unwrap_or_else(|_| {
                panic!(
                    "only {} of {count} jobs were delivered",
                    self.delivered.lock().len()
                )
            })
    }
}

#[async_trait]
impl PlacesCalls for Watcher {
    async fn place(&self, job: &CallJob) {
        self.delivered.lock().push(job.id());
        self.permits.acquire().await.expect("open").forget();
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// A queue with a worker that can be started, and started again.
enum Bench {
    Memory(
        MemoryCallQueue,
        Mutex<Option<futures::channel::mpsc::UnboundedReceiver<engine::queue::memory::Held>>>,
    ),
    Redis(Box<RedisCallQueue>, RedisQueueConfig),
}

impl Bench {
    fn memory() -> Self {
        let (queue, jobs) = MemoryCallQueue::new();
        Self::Memory(queue, Mutex::new(Some(jobs)))
    }

    async fn redis() -> Self {
        let url = std::env::var("TEST_REDIS_URL")
            .expect("TEST_REDIS_URL is set: run the tests with `make test`");
        let config = RedisQueueConfig {
            url,
            name: format!("contract-{}", Uuid::now_v7().simple()),
        };
        let queue = RedisCallQueue::connect(&config)
            .await
            .expect("Redis answers");
        Self::Redis(Box::new(queue), config)
    }

    fn queue(&self) -> &dyn CallQueue {
        match self {
            Self::Memory(queue, _) => queue,
            Self::Redis(queue, _) => queue.as_ref(),
        }
    }

    /// Starts a worker; the end of its life, and how to bring it about.
    fn work(&self, placer: Arc<Watcher>) -> (tokio::task::JoinHandle<()>, CancellationToken) {
        let stop = CancellationToken::new();
        let running = match self {
            Self::Memory(_, jobs) => {
                let jobs = jobs.lock().take().expect("one worker in memory");
                tokio::spawn(memory_worker::run(jobs, placer, 4, stop.clone()))
            }
            Self::Redis(_, config) => {
                tokio::spawn(redis_worker::run(config.clone(), placer, 4, stop.clone()))
            }
        };
        (running, stop)
    }
}

fn jobs(count: i64) -> Vec<CallJob> {
    let campaign_id = CampaignId::from_uuid(Uuid::now_v7());
    (0..count)
        .map(|contact| CallJob {
            campaign_id,
            contact_id: ContactId::from_i64(contact),
            attempt: 1,
            attempts_max: 3,
            ticket: 1,
            not_after: Utc::now(),
            limit: 5,
            limit_as_of: Utc::now(),
            carrier: String::new(),
        })
        .collect()
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

async fn what_is_pushed_is_delivered_once(bench: Bench) {
    let watcher = Watcher::new(1_000);
    let pushed = jobs(300);
    bench.queue().push(&pushed).await.expect("pushed");
    let (running, stop) = bench.work(Arc::clone(&watcher));
    let seen = watcher.has_seen(300).await;
    assert_eq!(
        sorted(seen),
        sorted(pushed.iter().map(CallJob::id).collect())
    );
    stop.cancel();
    running.await.expect("the worker ends");
    assert_eq!(watcher.delivered.lock().len(), 300);
}

async fn the_same_id_twice_is_delivered_once(bench: Bench) {
    let watcher = Watcher::new(1_000);
    let pushed = jobs(2);
    for _ in 0..3 {
        bench.queue().push(&pushed).await.expect("pushed");
    }
    let (running, stop) = bench.work(Arc::clone(&watcher));
    watcher.has_seen(2).await;
    // A marker behind them: when it is there, a second delivery would have been there before.
    bench.queue().push(&jobs(1)).await.expect("pushed");
    assert_eq!(watcher.has_seen(3).await.len(), 3);
    stop.cancel();
    running.await.expect("the worker ends");
}

async fn another_ticket_of_a_finished_job_is_delivered(bench: Bench) {
    let watcher = Watcher::new(1_000);
    let (running, stop) = bench.work(Arc::clone(&watcher));
    let mut job = jobs(1).remove(0);
    bench
        .queue()
        .push(std::slice::from_ref(&job))
        .await
        .expect("pushed");
    watcher.has_seen(1).await;
    job.ticket += 1;
    bench.queue().push(&[job]).await.expect("pushed");
    watcher.has_seen(2).await;
    stop.cancel();
    running.await.expect("the worker ends");
}

async fn an_overload_is_known_until_its_span_is_over_or_it_is_taken_back(bench: Bench) {
    let queue = bench.queue();
    assert!(!queue.is_overloaded().await.expect("an answer"));
    let hour = Duration::from_secs(3_600);
    for process in ["a", "b"] {
        queue.note_overload(process, hour).await.expect("noted");
    }
    queue.forget_overload("a").await.expect("taken back");
    // Nobody takes back what another said.
    assert!(queue.is_overloaded().await.expect("an answer"));
    queue.forget_overload("b").await.expect("taken back");
    assert!(!queue.is_overloaded().await.expect("an answer"));
    queue.note_overload("b", hour).await.expect("noted");
    assert!(queue.is_overloaded().await.expect("an answer"));
    // What a process says last holds.
    let moment = Duration::from_millis(1);
    queue.note_overload("b", moment).await.expect("noted");
    let forgotten = async {
        while queue.is_overloaded().await.expect("an answer") {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, forgotten)
        .await
        .expect("its span is over");
}

async fn the_depth_counts_waiting_and_running(bench: Bench) {
    let watcher = Watcher::new(0);
    assert_eq!(bench.queue().depth().await.expect("a depth"), 0);
    bench.queue().push(&jobs(10)).await.expect("pushed");
    assert_eq!(bench.queue().depth().await.expect("a depth"), 10);
    let (running, stop) = bench.work(Arc::clone(&watcher));
    watcher.has_seen(4).await;
    assert_eq!(
        bench.queue().depth().await.expect("a depth"),
        10,
        "four run, six wait"
    );
    watcher.permits.add_permits(100);
    watcher.has_seen(10).await;
    let emptied = async {
        while bench.queue().depth().await.expect("a depth") > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, emptied)
        .await
        .expect("nothing waits or runs any more");
    stop.cancel();
    running.await.expect("the worker ends");
}

async fn a_worker_that_is_told_to_stop_finishes_what_runs(bench: Bench) {
    let watcher = Watcher::new(0);
    bench.queue().push(&jobs(10)).await.expect("pushed");
    let (running, stop) = bench.work(Arc::clone(&watcher));
    watcher.has_seen(4).await;
    stop.cancel();
    tokio::task::yield_now().await;
    assert!(!running.is_finished(), "four jobs run");
    watcher.permits.add_permits(100);
    tokio::time::timeout(PATIENCE, running)
        .await
        .expect("it stops in time")
        .expect("the worker ends");
    let seen = watcher.delivered.lock().len();
    assert!(seen < 10, "nothing is taken after the stop, {seen} were");
}

macro_rules! contract {
    ($($clause:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $clause() { super::$clause(super::Bench::memory()).await; })+
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $clause() { super::$clause(super::Bench::redis().await).await; })+
        }
    };
}

contract! {
    what_is_pushed_is_delivered_once,
    the_same_id_twice_is_delivered_once,
    another_ticket_of_a_finished_job_is_delivered,
    an_overload_is_known_until_its_span_is_over_or_it_is_taken_back,
    the_depth_counts_waiting_and_running,
    a_worker_that_is_told_to_stop_finishes_what_runs,
}

/// What only a queue outside the process can promise.
mod redis_only {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_job_of_a_dead_worker_is_delivered_again() {
        let bench = Bench::redis().await;
        let victim = Watcher::new(0);
        bench.queue().push(&jobs(1)).await.expect("pushed");
        let (running, _stop) = bench.work(Arc::clone(&victim));
        victim.has_seen(1).await;
        // Dropped in the middle: no goodbye, as after a kill -9.
        running.abort();
        let heir = Watcher::new(10);
        let (running, stop) = bench.work(Arc::clone(&heir));
        let inherited = async {
            while heir.delivered.lock().is_empty() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), inherited)
            .await
            .expect("the heir gets the job");
        stop.cancel();
        running.await.expect("the worker ends");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn finished_jobs_are_forgotten() {
        let bench = Bench::redis().await;
        let watcher = Watcher::new(1_000);
        bench.queue().push(&jobs(50)).await.expect("pushed");
        let (running, stop) = bench.work(Arc::clone(&watcher));
        watcher.has_seen(50).await;
        stop.cancel();
        running.await.expect("the worker ends");
        let Bench::Redis(queue, config) = &bench else {
            unreachable!("a Redis bench")
        };
        assert_eq!(queue.reap().await.expect("reaped"), 50);
        let client = ::redis::Client::open(config.url.as_str()).expect("a client");
        let mut connection = client
            .get_multiplexed_async_connection()
            .await
            .expect("Redis answers");
        let kept: u64 = ::redis::cmd("HLEN")
            .arg(format!("{}:data", config.name))
            .query_async(&mut connection)
            .await
            .expect("a count");
        assert_eq!(kept, 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn workers_that_are_gone_leave_nothing_behind() {
        let bench = Bench::redis().await;
        let Bench::Redis(queue, config) = &bench else {
            unreachable!("a Redis bench")
        };
        let watcher = Watcher::new(1_000);
        let (running, stop) = bench.work(Arc::clone(&watcher));
        bench.queue().push(&jobs(1)).await.expect("pushed");
        watcher.has_seen(1).await;
        stop.cancel();
        running.await.expect("the worker ends");
        let client = ::redis::Client::open(config.url.as_str()).expect("a client");
        let mut connection = client
            .get_multiplexed_async_connection()
            .await
            .expect("Redis answers");
        // As after the heartbeats it is granted: it is on the list of workers no more.
        let () = ::redis::cmd("DEL")
            .arg(format!("{}:workers", config.name))
            .query_async(&mut connection)
            .await
            .expect("the list is emptied");
        let forgotten = async {
            loop {
                queue.reap().await.expect("reaped");
                let kept: Vec<String> = ::redis::cmd("KEYS")
                    .arg(format!("{}:workers:metadata:*", config.name))
                    .query_async(&mut connection)
                    .await
                    .expect("keys");
                if kept.is_empty() {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, forgotten)
            .await
            .expect("nothing is kept of a worker that is gone");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_worker_survives_the_loss_of_its_connections() {
        let bench = Bench::redis().await;
        let watcher = Watcher::new(1_000);
        let (running, stop) = bench.work(Arc::clone(&watcher));
        bench.queue().push(&jobs(3)).await.expect("pushed");
        watcher.has_seen(3).await;
        let Bench::Redis(_, config) = &bench else {
            unreachable!("a Redis bench")
        };
        let client = ::redis::Client::open(config.url.as_str()).expect("a client");
        let mut connection = client
            .get_multiplexed_async_connection()
            .await
            .expect("Redis answers");
        let () = ::redis::cmd("DEL")
            .arg(format!("{}:workers", config.name))
            .query_async(&mut connection)
            .await
            .expect("the worker is forgotten");
        bench.queue().push(&jobs(3)).await.expect("pushed");
        watcher.has_seen(6).await;
        stop.cancel();
        running.await.expect("the worker ends");
    }
}
