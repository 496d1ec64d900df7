//! Transactions that others stand in the way of are run again.

use crate::error::EngineError;

/// How often a transaction is run.
const TRIES_MAX: u32 = 3;

/// What `transaction` comes to, which is run again where it and another one waited for each other. It must be all or nothing.
///
/// # Errors
/// What its last run says.
pub(super) async fn after_deadlock<T, Fut>(transaction: impl Fn() -> Fut) -> Result<T, EngineError>
where
    Fut: Future<Output = Result<T, EngineError>>,
{
    for _ in 1..TRIES_MAX {
        match transaction().await {
            Err(error) if error.is_deadlock() => {
                tracing::debug!(?error, "running a transaction anew after a deadlock");
            }
            done => return done,
        }
    }
    transaction().await
}
