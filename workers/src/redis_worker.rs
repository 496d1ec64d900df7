//! The worker over apalis-redis: it lives through restarts of Redis and stops without dropping a call.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use apalis::prelude::WorkerBuilderExt;
use apalis_core::backend::ext::BackendExt;
use apalis_core::worker::builder::WorkerBuilder;
use apalis_core::worker::context::WorkerContext;
use engine::queue::redis::{RedisCallQueue, RedisQueueConfig};
use futures::StreamExt;
use futures::channel::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use crate::place_call::{Placer, PlacesCalls, place_call};
use crate::tick::Tick;

/// The first pause before a worker that died is started again; doubled each time it dies young.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest such pause.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// A worker that lived so long died of something new.
const YOUNG: Duration = Duration::from_secs(10);
/// What is in flight at a stop is finished within this.
pub const DRAIN_MAX: Duration = Duration::from_secs(25);

/// Runs workers over the queue until `stop`, one after the other: any Redis error ends one, and the next takes over under
/// a new name.
///
/// At `stop` no further job is taken and what is in flight is finished, for at most [`DRAIN_MAX`].
pub async fn run(
    queue: RedisQueueConfig,
    placer: Arc<dyn PlacesCalls>,
    concurrency: usize,
    stop: CancellationToken,
) {
    let mut pause = PAUSE;
    while !stop.is_cancelled() {
        let started = tokio::time::Instant::now();
        // In a task of its own: should the library panic, the next worker starts all the same.
        let life = run_once(
            queue.clone(),
            Arc::clone(&placer),
            concurrency,
            stop.clone(),
        );
        let ended = AbortOnDropHandle::new(tokio::spawn(life))
            .await
            .unwrap_or_else(|panic| Err(panic.into()));
        if let Err(error) = ended {
            tracing::warn!(error = %format!("{error:#}"), "the worker lost Redis and starts again");
            metrics::counter!("dialer_worker_restarts_total").increment(1);
        }
        pause = if started.elapsed() > YOUNG {
            PAUSE
        } else {
            (pause * 2).min(PAUSE_MAX)
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// One worker's life. The error that ends it is kept until everything in flight is finished: dropping the stream earlier
/// would cut calls off in the middle.
async fn run_once(
    config: RedisQueueConfig,
    placer: Arc<dyn PlacesCalls>,
    concurrency: usize,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let queue = RedisCallQueue::connect(&config).await?;
    let (announce, announced) = mpsc::channel(1);
    let listener = tokio::spawn(listen(config.clone(), announce));
    // Unique per start: a name in use is refused for a heartbeat's time, and one that is stolen runs jobs twice.
    let name = format!("{}-{}", placer.name(), Uuid::now_v7().simple());
    let context = WorkerContext::new(&name);
    let worker = WorkerBuilder::new(context.clone())
        .backend(queue.storage().poll_with_strategy(Tick::new(announced)))
        .concurrency(concurrency)
        .data(Placer(placer))
        // No layer against panics: the handler runs the call in a task of its own, which is where one would happen.
        .build(place_call);
    let mut events = pin!(worker.stream());
    let mut failure = None;
    let drained = async {
        loop {
            tokio::select! {
                // First: once told to stop, the worker takes no further job on its way there.
                biased;
                () = stop.cancelled(), if !context.is_shutting_down() => { let _ = context.stop(); }
                event = events.next() => match event {
                    None => break,
                    Some(Ok(_)) => {}
                    Some(Err(error)) => {
                        let is_closing = context.is_shutting_down();
                        failure.get_or_insert_with(|| anyhow::anyhow!("{error}"));
                        if is_closing {
                            // Everything in flight is done, and only the goodbye failed; asked again it would panic.
                            break;
                        }
                        // Without this the stream would never end.
                        let _ = context.stop();
                    }
                },
            }
        }
    };
    let outcome = drain(drained, &stop).await;
    listener.abort();
    outcome?;
    failure.map_or(Ok(()), Err)
}

/// Waits for `drained` as long as it takes while the process runs, and for [`DRAIN_MAX`] once it is to stop.
async fn drain(drained: impl Future<Output = ()>, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut drained = pin!(drained);
    tokio::select! {
        () = &mut drained => return Ok(()),
        () = stop.cancelled() => {}
    }
    timeout(DRAIN_MAX, drained)
        .await
        .map_err(|_| anyhow::anyhow!("calls in flight did not finish in time"))
}

/// Hears announcements of pushes. Losing the connection costs at most a tick per push until it is back.
async fn listen(config: RedisQueueConfig, mut announce: mpsc::Sender<()>) {
    let channel = engine::queue::redis::wake_channel(&config.name);
    loop {
        if let Ok(mut heard) = subscribe(&config.url, &channel).await {
            while heard.next().await.is_some() {
                // Full: the worker is woken already.
                let _ = announce.try_send(());
            }
        }
        tokio::time::sleep(PAUSE_MAX).await;
    }
}

async fn subscribe(url: &str, channel: &str) -> redis::RedisResult<redis::aio::PubSubStream> {
    let mut subscription = redis::Client::open(url)?.get_async_pubsub().await?;
    subscription.subscribe(channel).await?;
    Ok(subscription.into_on_message())
}
