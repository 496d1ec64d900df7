//! The project at Deepgram.

/// What there is at Deepgram.
#[derive(Clone, Debug)]
pub struct DeepgramAccount {
    /// What is expected behind `Authorization: Token`.
    pub api_key: String,
    /// How many recordings are listened to at once; one more is answered 429. `None`: any number.
    pub concurrent_requests: Option<usize>,
    /// How long listening takes, in simulated milliseconds.
    pub listen_ms: u64,
    /// Whether the recording is really fetched, without credentials; one that cannot be is answered 400. Otherwise every
    /// address is taken for a recording.
    pub fetches_recordings: bool,
}

impl Default for DeepgramAccount {
    fn default() -> Self {
        Self {
            api_key: "dg-simulator".into(),
            concurrent_requests: None,
            listen_ms: 1_000,
            fetches_recordings: true,
        }
    }
}
