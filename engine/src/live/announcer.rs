//! Tells the world what a commit changed, without ever keeping the committer waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::memory::MemoryNotices;
use super::notice::{Change, Changes, IDS_MAX, Notice};
use super::notices::Notices;

/// Notices are at least this far apart: what happens meanwhile is the next one.
const APART: Duration = Duration::from_millis(50);
/// The pause after a notice that could not be published.
const PAUSE: Duration = Duration::from_millis(500);

/// Where commits are announced. Cheap to clone; every clone speaks through the same notices.
#[derive(Clone)]
pub struct Announcer {
    notices: Arc<dyn Notices>,
    changes: mpsc::Sender<Change>,
    /// True where something could not be noted since the last notice.
    is_overrun: Arc<AtomicBool>,
}

impl Announcer {
    /// Announces through `notices`. Must be called within a tokio runtime.
    #[must_use]
    pub fn start(notices: Arc<dyn Notices>) -> Self {
        let (changes, waiting) = mpsc::channel(IDS_MAX);
        let is_overrun = Arc::new(AtomicBool::new(false));
        tokio::spawn(announce(
            Arc::clone(&notices),
            waiting,
            Arc::clone(&is_overrun),
        ));
        Self {
            notices,
            changes,
            is_overrun,
        }
    }

    /// An announcer that nobody listens to: for tests of what is announced nowhere.
    #[must_use]
    pub fn silent() -> Self {
        let (changes, _) = mpsc::channel(1);
        Self {
            notices: Arc::new(MemoryNotices::new()),
            changes,
            is_overrun: Arc::default(),
        }
    }

    /// Says that `changed` were committed. Never blocks and never fails: beyond what fits, watchers are told to look again.
    pub fn tell(&self, changed: impl IntoIterator<Item = Change>) {
        for change in changed {
            if self.changes.try_send(change).is_err() {
                self.is_overrun.store(true, Ordering::Relaxed);
                return;
            }
        }
    }

    /// What carries the notices.
    #[must_use]
    pub fn notices(&self) -> &Arc<dyn Notices> {
        &self.notices
    }
}

/// Makes one notice of all that is told within [`APART`], until nobody can tell anything any more.
async fn announce(
    notices: Arc<dyn Notices>,
    mut waiting: mpsc::Receiver<Change>,
    is_overrun: Arc<AtomicBool>,
) {
    let mut pending = Changes::default();
    let mut earliest = Instant::now();
    while !pending.is_empty() || note(&mut pending, waiting.recv().await) {
        sleep_until(earliest).await;
        while let Ok(change) = waiting.try_recv() {
            pending.note(change);
        }
        pending.is_partial |= is_overrun.swap(false, Ordering::Relaxed);
        earliest = Instant::now() + APART;
        let notice = Notice::Changed(std::mem::take(&mut pending));
        if let Err(error) = notices.publish(&notice).await {
            tracing::debug!(?error, "a live notice has to wait");
            if let Notice::Changed(unheard) = notice {
                pending = unheard;
            }
            sleep(PAUSE).await;
        }
    }
}

/// False where nobody tells anything any more.
fn note(pending: &mut Changes, change: Option<Change>) -> bool {
    let is_told = change.is_some();
    if let Some(change) = change {
        pending.note(change);
    }
    is_told
}

#[cfg(test)]
mod tests {
    use domain::CampaignId;
    use uuid::Uuid;

    use super::super::notices::Heard;
    use super::*;

    fn changes(count: usize) -> Vec<Change> {
        let ids = (0..count).map(|_| CampaignId::from_uuid(Uuid::now_v7()));
        ids.map(Change::Campaign).collect()
    }

    /// What is heard of `told`, and how many notices it took.
    async fn heard(told: Vec<Change>) -> (Changes, u32) {
        let notices = Arc::new(MemoryNotices::new());
        let mut ear = notices.hear();
        let announcer = Announcer::start(notices);
        let count = told.len().min(IDS_MAX);
        announcer.tell(told);
        let (mut all, mut notices) = (Changes::default(), 0);
        while all.len() < count {
            if let Heard::Changed(changes) = ear.recv().await.unwrap() {
                all.absorb(&changes);
                notices += 1;
            }
        }
        (all, notices)
    }

    #[tokio::test]
    async fn what_changes_at_the_same_time_is_one_notice() {
        let (all, notices) = heard(changes(300)).await;
        assert_eq!((all.len(), notices), (300, 1));
        assert!(!all.is_partial);
    }

    #[tokio::test]
    async fn more_than_fits_makes_watchers_look_again() {
        let (all, _) = heard(changes(IDS_MAX + 100)).await;
        assert!(all.is_partial);
    }
}
