//! Who writes down what a recording says: the contract every transcription service's client fulfils.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use crate::agent::Turn;
use crate::carrier::CampaignFault;

/// A service that listens to recordings.
#[async_trait]
pub trait Transcriber: Send + Sync {
    /// Listens to one recording, from its begin to its end.
    ///
    /// Harmless to repeat, and paid for each time. Takes up to the client's own time limit: the service answers once it
    /// has heard everything. How many may run at once is the caller's to bound.
    ///
    /// # Errors
    /// [`TranscribeError`] says what to do about it.
    async fn transcribe(&self, recording: &Recording) -> Result<Transcription, TranscribeError>;
}

/// What is to be listened to.
#[derive(Clone)]
pub struct Recording {
    /// Where it is. The service fetches it without our credentials, so this must be open to whoever knows it.
    pub url: Url,
    /// What is spoken, for example `en` or `hi`; `None`: the service finds out.
    pub language: Option<String>,
    /// The channel on which the person speaks, counted from 0, where the recording has one channel for each side. `None`:
    /// both sides share a channel, and the service tells the voices apart without knowing whose they are.
    pub person_channel: Option<u32>,
}

/// Without the address: who knows it may listen.
impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("host", &self.url.host_str())
            .field("language", &self.language)
            .field("person_channel", &self.person_channel)
            .finish()
    }
}

/// What a recording says.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcription {
    /// The service's name for its work.
    pub request_id: Option<String>,
    /// What was said, in order of time; none where nobody spoke.
    pub turns: Vec<Turn>,
    /// How long the recording is, in seconds.
    pub duration_s: Option<u32>,
    /// What is spoken, as far as the service says.
    pub language: Option<String>,
}

/// Why a recording was not transcribed: one variant per thing to do.
#[derive(Debug, thiserror::Error)]
pub enum TranscribeError {
    /// A later try may work: unreachable, too slow, or failing.
    #[error("not transcribed, a later try may work")]
    Retryable {
        /// How long the service asked us to wait; at most an hour.
        not_before: Option<Duration>,
        /// What happened.
        #[source]
        source: anyhow::Error,
    },
    /// As many recordings are listened to as the account may at once: ask for fewer, and wait longer each time.
    #[error("the transcription service has no capacity left: {reason}")]
    NoCapacity {
        /// How long the service asked us to wait; at most an hour.
        not_before: Option<Duration>,
        /// The service's sentence.
        reason: String,
    },
    /// No recording will be transcribed until this is repaired.
    #[error("refused by the transcription service ({fault}): {reason}")]
    Fault {
        /// What has to be repaired.
        fault: CampaignFault,
        /// The service's sentence, addresses and numbers masked.
        reason: String,
    },
    /// This recording cannot be fetched or is no sound: others may be.
    #[error("the recording cannot be transcribed: {reason}")]
    Rejected {
        /// The service's sentence, addresses and numbers masked.
        reason: String,
    },
    /// The service answered something we cannot read.
    #[error("unreadable answer from the transcription service")]
    Unreadable(#[source] anyhow::Error),
}
