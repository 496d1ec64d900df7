//! So many requests per minute and account, the rest is refused.

use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// Counts the requests of the last minute, in real time: the dialer's pace is real.
pub(crate) struct Limit {
    most: Option<u32>,
    admitted: Mutex<VecDeque<Instant>>,
}

impl Limit {
    /// `most` per minute; `None`: any number.
    pub fn new(most: Option<u32>) -> Self {
        Self {
            most,
            admitted: Mutex::default(),
        }
    }

    /// Whether one more request is answered `now`; counts it if so.
    pub fn admits(&self, now: Instant) -> bool {
        let Some(most) = self.most else { return true };
        let mut admitted = self.admitted.lock();
        while admitted.front().is_some_and(|at| *at + MINUTE <= now) {
            admitted.pop_front();
        }
        let is_admitted = admitted.len() < most as usize;
        if is_admitted {
            admitted.push_back(now);
        }
        is_admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_the_last_minute_and_no_more() {
        let limit = Limit::new(Some(2));
        let begin = Instant::now();
        let at = |s| limit.admits(begin + Duration::from_secs(s));
        assert_eq!([at(0), at(30), at(59)], [true, true, false]);
        assert_eq!([at(60), at(61), at(90)], [true, false, true]);
    }
}
