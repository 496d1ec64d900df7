//! What Deepgram was asked, and how much of it at once.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// One request for a transcription, settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedTranscription {
    /// Where the recording is; empty where the request did not say.
    pub url: Box<str>,
    /// What was asked for, as it stood in the address.
    pub query: Box<str>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// When it was settled.
    pub settled_at: DateTime<Utc>,
}

/// What Deepgram was asked. Cheap to clone; all clones are one record.
#[derive(Clone, Default)]
pub struct Transcriptions(Arc<Mutex<Log>>);

#[derive(Default)]
struct Log {
    list: Vec<RecordedTranscription>,
    under_way: usize,
    highest: usize,
}

impl Transcriptions {
    /// Every request so far, in the order they were settled.
    #[must_use]
    pub fn all(&self) -> Vec<RecordedTranscription> {
        self.0.lock().list.clone()
    }

    /// The most recordings that ever were listened to at once.
    #[must_use]
    pub fn max_concurrent(&self) -> usize {
        self.0.lock().highest
    }
}

/// Deepgram's half of the network.
#[derive(Default)]
pub(crate) struct Listener {
    pub log: Transcriptions,
}

/// A place among those who are listened to, free again when dropped.
pub(crate) struct Seat(Transcriptions);

impl Listener {
    /// Takes a place unless `limit` are taken.
    pub fn take_seat(&self, limit: Option<usize>) -> Option<Seat> {
        let mut log = self.log.0.lock();
        if limit.is_some_and(|limit| log.under_way >= limit) {
            return None;
        }
        log.under_way += 1;
        log.highest = log.highest.max(log.under_way);
        Some(Seat(self.log.clone()))
    }

    pub fn settled(&self, url: &str, query: &str, status: u16) {
        self.log.0.lock().list.push(RecordedTranscription {
            url: url.into(),
            query: query.into(),
            status,
            settled_at: Utc::now(),
        });
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.0.lock().under_way -= 1;
    }
}
