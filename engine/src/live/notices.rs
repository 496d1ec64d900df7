//! How notices travel between processes. The contract is here; [`memory`](super::memory) and [`redis`](super::redis)
//! keep it.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::broadcast;

use super::notice::{Changes, Notice};

/// Notices that a process may be behind; beyond that it is told that it missed some.
pub const BEHIND_MAX: usize = 256;

/// What a process hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// Something changed, here or elsewhere.
    Changed(Arc<Changes>),
    /// So many clients watch at another process.
    Present {
        /// The process, by a name that it has to itself.
        process: Arc<str>,
        /// Its clients.
        clients: u32,
    },
    /// Notices may have been lost: whatever is shown should be looked at again.
    Missed,
}

/// A notice did not leave this process.
#[derive(Debug, thiserror::Error)]
#[error("the notice could not be published")]
pub struct NoticeError(#[source] pub anyhow::Error);

/// Carries notices from whoever commits a change to every process that shows it.
///
/// It may lose a notice and may deliver one twice: the database knows how things stand, and a process that may have
/// missed something is told [`Heard::Missed`].
#[async_trait]
pub trait Notices: Send + Sync {
    /// Tells every process, this one included.
    async fn publish(&self, notice: &Notice) -> Result<(), NoticeError>;
    /// What is told from now on. Must be called within a tokio runtime.
    fn hear(&self) -> broadcast::Receiver<Heard>;
}
