//! Notices inside one process.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::broadcast;

use super::notice::Notice;
use super::notices::{BEHIND_MAX, Heard, NoticeError, Notices};

/// [`Notices`] in memory: there is no other process to tell.
#[derive(Clone, Debug)]
pub struct MemoryNotices {
    heard: broadcast::Sender<Heard>,
}

impl MemoryNotices {
    /// Nobody listens yet.
    #[must_use]
    pub fn new() -> Self {
        let (heard, _) = broadcast::channel(BEHIND_MAX);
        Self { heard }
    }

    /// Tells whoever listens in this process.
    pub(super) fn pass_on(&self, heard: Heard) {
        // Nobody may be listening.
        let _ = self.heard.send(heard);
    }
}

impl Default for MemoryNotices {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Notices for MemoryNotices {
    async fn publish(&self, notice: &Notice) -> Result<(), NoticeError> {
        match notice {
            Notice::Changed(changes) => self.pass_on(Heard::Changed(Arc::new(changes.clone()))),
            // One knows one's own clients.
            Notice::Present(_) => {}
        }
        Ok(())
    }

    fn hear(&self) -> broadcast::Receiver<Heard> {
        self.heard.subscribe()
    }
}
