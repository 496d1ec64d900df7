//! Recordings, opened for the service that listens to them: carriers ask for credentials, which it has not.

use std::sync::Arc;

use carriers::{CarrierError, KeptRecording, Sound};
use domain::CallId;
use futures::StreamExt;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::clock::Clock;
use crate::database::Database;
use crate::dialing::Dialing;
use crate::error::EngineError;
use crate::store::{calls, transcriptions};

/// Recordings that one process hands on at once.
const OPEN_MAX: usize = 64;

/// The use cases of recordings. Cheap to clone.
#[derive(Clone)]
pub struct Recordings {
    database: Database,
    clock: Arc<dyn Clock>,
    dialing: Arc<Dialing>,
    room: Arc<Semaphore>,
}

impl Recordings {
    /// Over `database`, from the carriers of `dialing`.
    #[must_use]
    pub fn new(database: Database, clock: Arc<dyn Clock>, dialing: Arc<Dialing>) -> Self {
        Self {
            database,
            clock,
            dialing,
            room: Arc::new(Semaphore::new(OPEN_MAX)),
        }
    }

    /// The recording of `call`, for whoever knows the claim of the worker that has it listened to. That is a secret which
    /// is good for minutes: no longer than the worker waits.
    ///
    /// # Errors
    /// `NotFound` for any other claim, one that is over, and a recording that the carrier does not have; `Unavailable` where
    /// the database or the carrier does not answer, or many recordings are on their way already.
    pub async fn open(&self, call: CallId, claim: Uuid) -> Result<Sound, EngineError> {
        let none = || EngineError::not_found("recording");
        let db = self.database.reader();
        if !transcriptions::is_claimed(db, (call, claim), self.clock.now()).await? {
            return Err(none());
        }
        let row = calls::find(db, call).await?.ok_or_else(none)?;
        let address = row.recording_url.as_deref().ok_or_else(none)?;
        let kept = KeptRecording {
            url: address.parse().map_err(|_| none())?,
            carrier_call_id: row.carrier_call_id.clone().ok_or_else(none)?,
        };
        let carrier = self.dialing.carriers().of_call(&row);
        let carrier = carrier.map_err(EngineError::unavailable)?;
        let place = Arc::clone(&self.room).try_acquire_owned();
        let place = place.map_err(EngineError::unavailable)?;
        match carrier.open_recording(&kept).await {
            Ok(Some(mut sound)) => {
                let chunks = sound.chunks.map(move |chunk| {
                    // Taken until the last byte is gone, or nobody wants it any more.
                    let _place = &place;
                    chunk
                });
                sound.chunks = chunks.boxed();
                Ok(sound)
            }
            Ok(None) => Err(none()),
            Err(error @ CarrierError::Unreadable(_)) => {
                tracing::warn!(call.id = %call, ?error, "the recording of call {call} is unusable");
                Err(none())
            }
            Err(error) => Err(EngineError::unavailable(error)),
        }
    }
}
