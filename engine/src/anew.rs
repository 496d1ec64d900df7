//! Transactions that others stand in the way of are run again.

use crate::error::EngineError;

/// How often a transaction is run.
const TRIES_MAX: u32 = 3;

/// What `transaction` comes to, which is run again where it and another one waited for each other. It must be all or nothing.
///
/// # Errors
/// What its last run says.
pub(crate) async fn after_deadlock<T, Fut>(transaction: impl Fn() -> Fut) -> Result<T, EngineError>
where
    Fut: Future<Output = Result<T, EngineError>>,
{
    anew_while(EngineError::is_deadlock, transaction).await
}

/// The same, also where it and another one added the same row.
///
/// # Errors
/// What its last run says.
pub(crate) async fn after_collision<T, Fut>(transaction: impl Fn() -> Fut) -> Result<T, EngineError>
where
    Fut: Future<Output = Result<T, EngineError>>,
{
    anew_while(
        |error| error.is_deadlock() || error.is_duplicate(),
        transaction,
    )
    .await
}

async fn anew_while<T, Fut>(
    is_passing: impl Fn(&EngineError) -> bool,
    transaction: impl Fn() -> Fut,
) -> Result<T, EngineError>
where
    Fut: Future<Output = Result<T, EngineError>>,
{
    for _ in 1..TRIES_MAX {
        match transaction().await {
            Err(error) if is_passing(&error) => {
                tracing::debug!(?error, "running a transaction anew");
            }
            done => return done,
        }
    }
    transaction().await
}
