//! When a worker looks for jobs: at every tick, and at once when a push is announced.

use std::task::{Context, Poll};
use std::time::Duration;

use apalis_core::backend::ext::poll_strategy::{PollSnapshot, PollStrategy};
use futures::StreamExt;
use futures::channel::mpsc::Receiver;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// The fallback where an announcement is lost. Each look costs a script in Redis, most of what a worker without work costs.
const TICK: Duration = Duration::from_millis(250);

/// A poll strategy that cannot lose a wake-up.
///
/// The library's own interval arms its timer only while it is polled in time: one slow fetch and it sleeps until the next
/// heartbeat. This one leaves both the timer and the announcements armed whenever it says "pending".
pub(crate) struct Tick {
    timer: Interval,
    announced: Receiver<()>,
}

impl Tick {
    pub(crate) fn new(announced: Receiver<()>) -> Self {
        let mut timer = interval(TICK);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { timer, announced }
    }
}

impl PollStrategy for Tick {
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        while self.timer.poll_tick(cx).is_ready() {}
        while let Poll::Ready(Some(())) = self.announced.poll_next_unpin(cx) {}
        Poll::Pending
    }
}
