//! Whether what is reported of calls is still taken in as fast as it comes.
//!
//! A dialer that is short of machine goes on beginning calls as fast as it can, and then lets those whom it called wait: the
//! document that lets the agent speak comes too late, reports are refused and get lost. So the calls that there are come
//! first, and nobody new is called meanwhile ([ADR 11](../../../docs/adr/0011-whoever-cannot-keep-up-begins-nothing.md)).

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Dialing;
use super::coalesce::BATCH_MAX;

/// So many reports wait in a process that cannot keep up: two batches, beside the one that is taken in.
const WAITING_MAX: usize = 2 * BATCH_MAX;
/// So few wait in one that can again.
const WAITING_AGAIN: usize = BATCH_MAX;
/// For how long a process that says so is believed, unless it takes that back. It says so again as long as it lasts.
const SPAN: Duration = Duration::from_secs(2);
/// A process whose reports have not moved for so long is stuck: that is no reason for the others to wait.
const STUCK_AFTER: Duration = Duration::from_secs(30);
/// How soon it is looked at again.
pub(super) const PAUSE: Duration = Duration::from_millis(100);

impl Dialing {
    /// True while this process, or another one, cannot keep up with what is reported of calls: then nobody is chosen to be
    /// called. Tells the others where it is this one, and as soon as it no longer is: until the end of a span they would
    /// have nothing to do.
    ///
    /// A queue that does not answer knows of nobody: no jobs are put into it either.
    pub async fn is_overloaded(&self) -> bool {
        let waiting = self.reports.waiting();
        let was_behind = self.is_behind.load(Ordering::Relaxed);
        let is_behind = is_too_many(waiting, was_behind);
        self.is_behind.store(is_behind, Ordering::Relaxed);
        if is_behind {
            metrics::counter!("dialer_overloads_total").increment(1);
            if self.reports.since_last() < STUCK_AFTER
                && let Err(error) = self.parts.queue.note_overload(&self.process, SPAN).await
            {
                tracing::debug!(%error, "could not tell the others to wait");
            }
        } else if was_behind
            && let Err(error) = self.parts.queue.forget_overload(&self.process).await
        {
            tracing::debug!(%error, "could not tell the others to go on");
        }
        if is_behind && !was_behind {
            tracing::warn!(
                waiting,
                "{waiting} reports of calls wait to be taken in: no new calls until there are fewer"
            );
        }
        is_behind || self.parts.queue.is_overloaded().await.unwrap_or(false)
    }
}

/// True where `waiting` reports are too many: for a process that could not keep up before, sooner.
const fn is_too_many(waiting: usize, was_behind: bool) -> bool {
    waiting
        >= if was_behind {
            WAITING_AGAIN
        } else {
            WAITING_MAX
        }
}

#[cfg(test)]
mod tests {
    use super::{WAITING_AGAIN, WAITING_MAX, is_too_many};

    #[test]
    fn who_fell_behind_has_caught_up_once_half_as_many_wait() {
        assert!(!is_too_many(WAITING_MAX - 1, false));
        assert!(is_too_many(WAITING_MAX, false));
        assert!(is_too_many(WAITING_AGAIN, true));
        assert!(!is_too_many(WAITING_AGAIN - 1, true));
    }
}
