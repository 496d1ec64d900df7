//! The worker over apalis' in-memory storage, inside the API process.

use std::pin::pin;
use std::sync::Arc;

use apalis::prelude::WorkerBuilderExt;
use apalis_core::backend::memory::{MemorySink, MemoryStorage};
use apalis_core::error::BoxDynError;
use apalis_core::task::builder::TaskBuilder;
use apalis_core::task::data::Data;
use apalis_core::task::task_id::TaskId;
use apalis_core::worker::builder::WorkerBuilder;
use apalis_core::worker::context::WorkerContext;
use engine::queue::memory::Held;
use futures::channel::mpsc::UnboundedReceiver;
use futures::{SinkExt, StreamExt};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::place_call::{Placer, PlacesCalls, place_call};
use crate::redis_worker::DRAIN_MAX;

/// Runs a worker over what comes out of `jobs` until `stop`; then what is in flight is finished, for at most
/// [`DRAIN_MAX`]. Jobs that wait are dropped: their contacts stay queued, and the next start pushes them again.
pub async fn run(
    jobs: UnboundedReceiver<Held>,
    placer: Arc<dyn PlacesCalls>,
    concurrency: usize,
    stop: CancellationToken,
) {
    let context = WorkerContext::new(placer.name());
    let worker = WorkerBuilder::new(context.clone())
        .backend(storage(jobs))
        .concurrency(concurrency)
        .data(Placer(placer))
        .build(place_held);
    let mut events = pin!(worker.stream());
    let running = async { while events.next().await.is_some() {} };
    let mut running = pin!(running);
    tokio::select! {
        // First: once told to stop, the worker takes no further job on its way there.
        biased;
        () = stop.cancelled() => { let _ = context.stop(); }
        () = &mut running => return,
    }
    if timeout(DRAIN_MAX, running).await.is_err() {
        tracing::warn!("calls in flight did not finish in time");
    }
}

/// The worker's half of the queue; nobody pushes through it, so its sink leads nowhere.
fn storage(jobs: UnboundedReceiver<Held>) -> MemoryStorage<Arc<Held>> {
    let nowhere = futures::sink::drain().sink_map_err(|never| match never {});
    let sink = MemorySink::new(Arc::new(futures::lock::Mutex::new(Box::new(nowhere))));
    let tasks = jobs.map(|held| {
        let id = TaskId::from_string(held.job.id());
        TaskBuilder::new(Arc::new(held)).task_id(id).build()
    });
    MemoryStorage::new_with(sink, tasks.boxed())
}

async fn place_held(held: Arc<Held>, placer: Data<Placer>) -> Result<(), BoxDynError> {
    place_call(held.job.clone(), placer).await
}
