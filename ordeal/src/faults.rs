//! How much goes wrong, and how often.

use crate::chance::Chance;

/// Shares, each of one.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Requests for calls that the carrier refuses for now: 429, 5xx, a refused connection.
    pub refused: f64,
    /// Requests whose answer gets lost; of these a part never arrived, and a part arrives late.
    pub unanswered: f64,
    /// Look-ups that get no answer.
    pub look_ups_unanswered: f64,
    /// Look-ups that answer what was true a while ago.
    pub look_ups_stale: f64,
    /// Webhooks that never arrive.
    pub posts_lost: f64,
    /// Webhooks that arrive twice.
    pub posts_doubled: f64,
    /// Webhooks that arrive minutes or hours later.
    pub posts_late: f64,
    /// Jobs that the queue loses.
    pub jobs_lost: f64,
    /// Jobs that it delivers twice.
    pub jobs_doubled: f64,
    /// Jobs that it delivers late.
    pub jobs_late: f64,
    /// Requests to the queue that fail.
    pub queue_fails: f64,
    /// Runs of a process that are stopped in the middle, while others go on.
    pub stopped: f64,
    /// Of those, the ones that never go on: the process is killed there.
    pub killed: f64,
}

impl Faults {
    /// As `chance` will have it: each kind of fault is there in half of the runs, more or less often.
    #[must_use]
    pub fn by(chance: &mut Chance) -> Self {
        let mut share = |most: f64| {
            let is_there = chance.happens(0.5);
            let percent = chance.between(1, 100);
            #[expect(clippy::cast_precision_loss, reason = "at most 100")]
            let share = percent as f64 / 100.0 * most;
            if is_there { share } else { 0.0 }
        };
        Self {
            refused: share(0.4),
            unanswered: share(0.3),
            look_ups_unanswered: share(0.4),
            look_ups_stale: share(0.5),
            posts_lost: share(0.5),
            posts_doubled: share(0.5),
            posts_late: share(0.4),
            jobs_lost: share(0.4),
            jobs_doubled: share(0.4),
            jobs_late: share(0.4),
            queue_fails: share(0.2),
            stopped: share(0.3),
            killed: share(0.3),
        }
    }

    /// The kinds there are, by name: what a shorter run may do without.
    pub fn each(&mut self) -> [(&'static str, &mut f64); 13] {
        [
            ("refused", &mut self.refused),
            ("unanswered", &mut self.unanswered),
            ("look_ups_unanswered", &mut self.look_ups_unanswered),
            ("look_ups_stale", &mut self.look_ups_stale),
            ("posts_lost", &mut self.posts_lost),
            ("posts_doubled", &mut self.posts_doubled),
            ("posts_late", &mut self.posts_late),
            ("jobs_lost", &mut self.jobs_lost),
            ("jobs_doubled", &mut self.jobs_doubled),
            ("jobs_late", &mut self.jobs_late),
            ("queue_fails", &mut self.queue_fails),
            ("stopped", &mut self.stopped),
            ("killed", &mut self.killed),
        ]
    }
}
