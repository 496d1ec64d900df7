//! The job handler: it translates verdicts, the engine holds the logic.

use std::sync::Arc;

use apalis_core::error::BoxDynError;
use apalis_core::task::data::Data;
use async_trait::async_trait;
use engine::Dialing;
use engine::dialing::Placed;
use engine::queue::CallJob;

/// Whoever does what a job permits: the engine, or a test that watches what is delivered.
#[async_trait]
pub trait PlacesCalls: Send + Sync {
    /// Does what `job` permits. What goes wrong is its own affair: the database knows what comes next.
    async fn place(&self, job: &CallJob);
    /// The process's name, unique per start.
    fn name(&self) -> &str;
}

/// Whoever places calls, under a name: the library's handlers cannot take a bare trait object.
#[derive(Clone)]
pub struct Placer(pub Arc<dyn PlacesCalls>);

/// Hands `job` to the placer.
///
/// Always `Ok`: apalis-redis retries an `Err` 25 times on its own terms. The call runs in a task of its own, so that the
/// death of the apalis worker (any Redis error ends it) cannot cut off a request that is on its way to the carrier, and a
/// panic cannot end the worker.
///
/// # Errors
/// Never.
pub async fn place_call(job: CallJob, placer: Data<Placer>) -> Result<(), BoxDynError> {
    let Placer(placer) = Placer::clone(&placer);
    let contact = job.contact_id;
    let placing = tokio::spawn(async move { placer.place(&job).await });
    if let Err(panic) = placing.await {
        tracing::error!(contact.id = %contact, error = %panic, "placing a call to contact {contact} panicked");
    }
    Ok(())
}

#[async_trait]
impl PlacesCalls for Dialing {
    async fn place(&self, job: &CallJob) {
        let contact = job.contact_id;
        match Self::place(self, job).await {
            Ok(placed) => {
                metrics::counter!("dialer_jobs_total", "result" => placed.as_str()).increment(1);
                log(contact, placed);
            }
            Err(error) => {
                metrics::counter!("dialer_jobs_total", "result" => "error").increment(1);
                tracing::warn!(contact.id = %contact, ?error, "could not place; the reconciler picks contact {contact} up");
            }
        }
    }

    fn name(&self) -> &str {
        self.process()
    }
}

fn log(contact: domain::ContactId, placed: Placed) {
    match placed {
        Placed::Dialled(call) => {
            tracing::debug!(call.id = %call, contact.id = %contact, "placed call {call}")
        }
        other => {
            tracing::debug!(contact.id = %contact, result = other.as_str(), "did not dial contact {contact}")
        }
    }
}
