//! Turns concurrent callers into batches, so that one commit serves many.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Duration, Instant, timeout_at};

use crate::error::EngineError;

/// Callers served by one batch.
pub const BATCH_MAX: usize = 500;
/// So many in a batch share its cost well enough: they do not wait for more.
pub const COMPANY_MIN: usize = 50;
/// Callers that wait at most; more are told to come back.
const WAITING_MAX: usize = 4_000;

/// Somebody who waits for an answer.
#[derive(Debug)]
struct Caller<T, R> {
    item: T,
    /// Until when it may wait for others.
    until: Instant,
    answer: oneshot::Sender<Result<R, EngineError>>,
}

/// Collects what arrives while a batch is under way, and in the moment after it, and makes it the next batch. What comes after
/// a quiet moment waits on no timer, but where it says that it can.
#[derive(Debug)]
pub struct Coalescer<T, R> {
    callers: mpsc::Sender<Caller<T, R>>,
    /// How many were not answered yet.
    in_hand: Arc<AtomicUsize>,
    /// When the last batch was over.
    last: Arc<Mutex<Instant>>,
}

/// Room for one item, taken before it is known whether the item will come. Counts as in hand.
#[derive(Debug)]
pub struct Place<T, R> {
    permit: Option<mpsc::OwnedPermit<Caller<T, R>>>,
    in_hand: Arc<AtomicUsize>,
}

impl<T, R> Place<T, R> {
    /// Puts `item` into the next batch and waits for its answer.
    ///
    /// # Errors
    /// What the batch says.
    pub async fn submit(self, item: T) -> Result<R, EngineError> {
        self.submit_within(item, Duration::ZERO).await
    }

    async fn submit_within(mut self, item: T, patience: Duration) -> Result<R, EngineError> {
        let (answer, answered) = oneshot::channel();
        if let Some(permit) = self.permit.take() {
            permit.send(Caller {
                item,
                until: Instant::now() + patience,
                answer,
            });
        }
        answered.await.map_err(|_| {
            EngineError::internal(anyhow::anyhow!("a batch ended without an answer"))
        })?
    }
}

impl<T, R> Drop for Place<T, R> {
    fn drop(&mut self) {
        if self.permit.is_some() {
            self.in_hand.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl<T, R> Coalescer<T, R>
where
    T: Clone + Send + Sync + 'static,
    R: Send + 'static,
{
    /// Runs `batch` for whatever is submitted, one batch at a time, until the coalescer is dropped. One of fewer than
    /// [`COMPANY_MIN`] begins no sooner than `pause` after the one before it was over, so that it finds company.
    ///
    /// `batch` answers each item in order. Where it fails for several items at once they are tried one by one, so that a
    /// single bad item cannot fail its neighbours; so what it does must be all or nothing.
    pub fn spawn<F, Fut>(pause: Duration, batch: F) -> Self
    where
        F: Fn(Arc<[T]>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<R>, EngineError>> + Send,
    {
        let (callers, mut queue) = mpsc::channel::<Caller<T, R>>(WAITING_MAX);
        let last = Arc::new(Mutex::new(Instant::now()));
        let over = Arc::clone(&last);
        let in_hand = Arc::<AtomicUsize>::default();
        let unanswered = Arc::clone(&in_hand);
        tokio::spawn(async move {
            let mut waiting = Vec::with_capacity(BATCH_MAX);
            while queue.recv_many(&mut waiting, BATCH_MAX).await > 0 {
                let earliest = *over.lock() + pause;
                gather(&mut queue, &mut waiting, earliest).await;
                let callers = waiting.drain(..).map(|caller| (caller.item, caller.answer));
                let (items, answers): (Vec<T>, Vec<_>) = callers.unzip();
                let count = answers.len();
                serve(&batch, items.into(), answers).await;
                unanswered.fetch_sub(count, Ordering::Relaxed);
                *over.lock() = Instant::now();
            }
        });
        Self {
            callers,
            in_hand,
            last,
        }
    }

    /// How many wait or are served: whoever comes now waits for them.
    #[must_use]
    pub fn in_hand(&self) -> usize {
        self.in_hand.load(Ordering::Relaxed)
    }

    /// How many wait beside those of the batch that is under way.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.callers.max_capacity() - self.callers.capacity()
    }

    /// How long ago the last batch was over.
    #[must_use]
    pub fn since_last(&self) -> Duration {
        self.last.lock().elapsed()
    }

    /// Puts `item` into the next batch and waits for its answer.
    ///
    /// # Errors
    /// `Unavailable` where too many wait already; otherwise what the batch says.
    pub async fn submit(&self, item: T) -> Result<R, EngineError> {
        self.submit_within(item, Duration::ZERO).await
    }

    /// [`Self::submit`] of something that is in no hurry: it goes along with the next item that is, and by itself after
    /// `patience`.
    ///
    /// # Errors
    /// As for [`Self::submit`].
    pub async fn submit_within(&self, item: T, patience: Duration) -> Result<R, EngineError> {
        self.reserve()?.submit_within(item, patience).await
    }

    /// Takes room for an item that may come.
    ///
    /// # Errors
    /// `Unavailable` where too many wait already.
    pub fn reserve(&self) -> Result<Place<T, R>, EngineError> {
        let permit = self.callers.clone().try_reserve_owned();
        let permit = permit.map_err(|_| {
            EngineError::unavailable(anyhow::anyhow!("too many requests wait for the database"))
        })?;
        self.in_hand.fetch_add(1, Ordering::Relaxed);
        Ok(Place {
            permit: Some(permit),
            in_hand: Arc::clone(&self.in_hand),
        })
    }
}

/// Waits for more until `earliest` where few wait, and then as long as all of those that wait can; for no more than a batch
/// holds.
async fn gather<T, R>(
    queue: &mut mpsc::Receiver<Caller<T, R>>,
    waiting: &mut Vec<Caller<T, R>>,
    earliest: Instant,
) {
    let first_of = |callers: &[Caller<T, R>]| callers.iter().map(|caller| caller.until).min();
    let (mut until, mut seen) = (first_of(waiting), waiting.len());
    while seen < BATCH_MAX {
        let pause = Some(earliest).filter(|_| seen < COMPANY_MIN);
        let Some(end) = until.max(pause).filter(|end| *end > Instant::now()) else {
            return;
        };
        let room = BATCH_MAX - seen;
        match timeout_at(end, queue.recv_many(waiting, room)).await {
            Ok(more) if more > 0 => {
                until = until.min(first_of(&waiting[seen..]));
                seen = waiting.len();
            }
            Ok(_) | Err(_) => return,
        }
    }
}

async fn serve<T, R, F, Fut>(
    batch: &F,
    items: Arc<[T]>,
    answers: Vec<oneshot::Sender<Result<R, EngineError>>>,
) where
    T: Clone,
    F: Fn(Arc<[T]>) -> Fut,
    Fut: Future<Output = Result<Vec<R>, EngineError>>,
{
    let is_single = items.len() == 1;
    match attempt(batch, Arc::clone(&items)).await {
        Ok(results) => {
            debug_assert_eq!(results.len(), answers.len(), "a batch answers every item");
            for (answer, result) in answers.into_iter().zip(results) {
                // A caller that went away is no reason to stop.
                let _ = answer.send(Ok(result));
            }
        }
        Err(error) if is_single => {
            for answer in answers {
                let _ = answer.send(Err(repeat(&error)));
            }
        }
        // Every item would fail alike, and waiting callers would pile up behind the timeouts.
        Err(error) if error.is_transient() => {
            for answer in answers {
                let _ = answer.send(Err(repeat(&error)));
            }
        }
        Err(_) => {
            for (item, answer) in items.iter().zip(answers) {
                let result =
                    attempt(batch, Arc::new([item.clone()]))
                        .await
                        .and_then(|mut results| {
                            results.pop().ok_or_else(|| {
                                EngineError::internal(anyhow::anyhow!("a batch answered nothing"))
                            })
                        });
                let _ = answer.send(result);
            }
        }
    }
}

/// Runs one batch; a panic in it is an error of its callers, not the end of everybody's batches.
async fn attempt<T, R, F, Fut>(batch: &F, items: Arc<[T]>) -> Result<Vec<R>, EngineError>
where
    F: Fn(Arc<[T]>) -> Fut,
    Fut: Future<Output = Result<Vec<R>, EngineError>>,
{
    let caught = AssertUnwindSafe(batch(items)).catch_unwind().await;
    caught.unwrap_or_else(|_| Err(EngineError::internal(anyhow::anyhow!("a batch panicked"))))
}

/// The same error for another caller: sources cannot be cloned, so their chain travels as text.
fn repeat(error: &EngineError) -> EngineError {
    match error {
        EngineError::Unavailable { source, .. } => {
            EngineError::unavailable(anyhow::anyhow!("{source:#}"))
        }
        EngineError::Internal(source) => EngineError::internal(anyhow::anyhow!("{source:#}")),
        other => EngineError::internal(anyhow::anyhow!("{other}")),
    }
}
