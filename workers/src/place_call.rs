//! The job handler: it translates verdicts, the engine holds the logic.

use std::sync::Arc;

use apalis_core::error::BoxDynError;
use apalis_core::task::data::Data;
use engine::Dialing;
use engine::dialing::Placed;
use engine::queue::CallJob;

/// Places the call that `job` permits.
///
/// Always `Ok`: apalis-redis retries an `Err` 25 times on its own terms, and the database already knows what comes next.
/// The call itself runs in a task of its own, so that the death of the apalis worker (any Redis error ends it) cannot
/// cut off a request that is on its way to the carrier.
///
/// # Errors
/// Never.
pub async fn place_call(job: CallJob, dialing: Data<Arc<Dialing>>) -> Result<(), BoxDynError> {
    let dialing = Arc::clone(&dialing);
    let contact = job.contact_id;
    let placing = tokio::spawn(async move { place(&dialing, &job).await });
    if let Err(panic) = placing.await {
        tracing::error!(contact.id = %contact, error = %panic, "placing a call to contact {contact} panicked");
    }
    Ok(())
}

async fn place(dialing: &Dialing, job: &CallJob) {
    let contact = job.contact_id;
    match dialing.place(job).await {
        Ok(placed) => {
            metrics::counter!("dialer_jobs_total", "result" => placed.as_str()).increment(1);
            match placed {
                Placed::Dialled(call) => tracing::debug!(call.id = %call, contact.id = %contact, "placed call {call}"),
                other => tracing::debug!(contact.id = %contact, result = other.as_str(), "did not dial contact {contact}"),
            }
        }
        Err(error) => {
            metrics::counter!("dialer_jobs_total", "result" => "error").increment(1);
            tracing::warn!(contact.id = %contact, ?error, "could not place; the reconciler picks contact {contact} up");
        }
    }
}
