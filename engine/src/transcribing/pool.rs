//! How many recordings are listened to at once, how far the service can bear it, and how it is.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{PoolFigures, TranscribingConfig, utilization};

/// The first rest after the service had no capacity and asked for none; doubled each time.
const REST: TimeDelta = TimeDelta::seconds(1);
/// Doublings that reach the longest such rest, a bit more than a minute.
const REST_DOUBLINGS_MAX: u32 = 6;
/// The rest after a fault that somebody has to repair.
const FAULT_REST: TimeDelta = TimeDelta::minutes(5);
/// Failures one after the other that make a service critical.
const FAILURES_MAX: u32 = 5;
/// How long the last trouble is worth a warning.
const TROUBLE: TimeDelta = TimeDelta::minutes(1);
/// How far the utilization must fall below a bound before what it called for is over, so that it does not flap.
const SLACK: f64 = 0.05;

/// How the transcription service is, from best to worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum PoolStatus {
    /// There is room.
    #[default]
    Healthy,
    /// Most of the room is taken, or something went wrong within the last minute.
    Warning,
    /// Hardly any room is left, everything goes wrong, or the account is refused.
    Critical,
}

impl PoolStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Healthy, Self::Warning, Self::Critical];

    /// The word for tables and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// What `word` means; `None` for any other word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// The room of one process, and what it has seen of the service.
#[derive(Debug)]
pub(super) struct Pool {
    at_once_max: u32,
    warning_at: f64,
    critical_at: f64,
    under_way: u32,
    /// How many this process asks for at once: less than the most after a refusal, one more after each success.
    limit: u32,
    rest_until: Option<DateTime<Utc>>,
    /// Refusals for want of capacity, one after the other.
    refusals: u32,
    /// Failures of any kind, one after the other.
    failures: u32,
    has_fault: bool,
    trouble_at: Option<DateTime<Utc>>,
    status: PoolStatus,
}

impl Pool {
    pub(super) const fn new(config: &TranscribingConfig) -> Self {
        Self {
            at_once_max: config.at_once_max,
            warning_at: config.warning_at,
            critical_at: config.critical_at,
            under_way: 0,
            limit: config.at_once_max,
            rest_until: None,
            refusals: 0,
            failures: 0,
            has_fault: false,
            trouble_at: None,
            status: PoolStatus::Healthy,
        }
    }

    /// How many more may be asked for now.
    pub(super) fn room(&self, now: DateTime<Utc>) -> u32 {
        if self.rests(now) {
            return 0;
        }
        self.limit.saturating_sub(self.under_way)
    }

    /// How far the room is used where all processes together had `claimed` recordings a moment ago. What this process has
    /// listened to may have been claimed since.
    pub(super) fn figures(&mut self, claimed: u64, now: DateTime<Utc>) -> PoolFigures {
        let in_use = self.under_way;
        let all = claimed.max(u64::from(in_use));
        PoolFigures {
            in_use,
            at_once_max: self.at_once_max,
            status: self.judge(utilization(all, self.at_once_max), now),
        }
    }

    pub(super) const fn take_seat(&mut self) {
        self.under_way += 1;
    }

    pub(super) const fn leave_seat(&mut self) {
        self.under_way -= 1;
    }

    /// The service answered: it is well, and may be asked for one more at once.
    pub(super) fn went_well(&mut self) {
        self.refusals = 0;
        self.failures = 0;
        self.has_fault = false;
        self.limit = self.at_once_max.min(self.limit + 1);
    }

    /// The service has no capacity left: half as many at once, after a rest that is `asked` for, or longer each time.
    /// Answers until when.
    pub(super) fn had_no_capacity(
        &mut self,
        now: DateTime<Utc>,
        asked: Option<Duration>,
    ) -> DateTime<Utc> {
        let doublings = self.refusals.min(REST_DOUBLINGS_MAX);
        let rest = delta(asked).unwrap_or(REST * (1_i32 << doublings));
        // Requests that were under way together are refused together: that is one refusal.
        if !self.rests(now) {
            self.refusals = self.refusals.saturating_add(1);
            self.limit = (self.limit / 2).max(1);
        }
        self.has_trouble(now);
        self.rest(now + rest)
    }

    /// The service failed; it rests where it asks for that.
    pub(super) fn failed(&mut self, now: DateTime<Utc>, asked: Option<Duration>) {
        self.has_trouble(now);
        if let Some(asked) = delta(asked) {
            self.rest(now + asked);
        }
    }

    /// The service refuses the account. Answers until when nobody asks.
    pub(super) fn was_refused(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.has_fault = true;
        self.has_trouble(now);
        self.rest(now + FAULT_REST)
    }

    /// How the service is, where all processes together use `utilization` of its room, from 0 to 1.
    fn judge(&mut self, utilization: f64, now: DateTime<Utc>) -> PoolStatus {
        let is_recent = self.trouble_at.is_some_and(|at| now < at + TROUBLE);
        let reaches = |bound: f64, status: PoolStatus| {
            let slack = if self.status >= status { SLACK } else { 0.0 };
            utilization >= bound - slack
        };
        self.status = if self.has_fault
            || self.failures >= FAILURES_MAX
            || reaches(self.critical_at, PoolStatus::Critical)
        {
            PoolStatus::Critical
        } else if is_recent || reaches(self.warning_at, PoolStatus::Warning) {
            PoolStatus::Warning
        } else {
            PoolStatus::Healthy
        };
        self.status
    }

    fn has_trouble(&mut self, now: DateTime<Utc>) {
        self.failures = self.failures.saturating_add(1);
        self.trouble_at = Some(now);
    }

    fn rests(&self, now: DateTime<Utc>) -> bool {
        self.rest_until.is_some_and(|until| now < until)
    }

    fn rest(&mut self, until: DateTime<Utc>) -> DateTime<Utc> {
        let until = self.rest_until.map_or(until, |known| known.max(until));
        self.rest_until = Some(until);
        until
    }
}

fn delta(asked: Option<Duration>) -> Option<TimeDelta> {
    asked.and_then(|asked| TimeDelta::from_std(asked).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn pool(at_once_max: u32) -> Pool {
        Pool::new(&TranscribingConfig {
            at_once_max,
            ..TranscribingConfig::default()
        })
    }

    fn after(seconds: i64) -> DateTime<Utc> {
        NOW + TimeDelta::seconds(seconds)
    }

    #[test]
    fn a_service_without_capacity_is_asked_for_fewer_at_once_and_later_each_time() {
        let mut pool = pool(16);
        let mut now = NOW;
        for (rest_s, room) in [
            (1, 8),
            (2, 4),
            (4, 2),
            (8, 1),
            (16, 1),
            (32, 1),
            (64, 1),
            (64, 1),
        ] {
            let until = pool.had_no_capacity(now, None);
            assert_eq!(until, now + TimeDelta::seconds(rest_s));
            assert_eq!(pool.room(until - TimeDelta::milliseconds(1)), 0);
            assert_eq!(pool.room(until), room);
            now = until;
        }
        for room in [2, 3, 4] {
            pool.went_well();
            assert_eq!(pool.room(now), room);
        }
        assert_eq!(pool.had_no_capacity(now, None), now + TimeDelta::seconds(1));
    }

    #[test]
    fn requests_that_are_refused_together_are_one_refusal() {
        let mut pool = pool(16);
        for _ in 0..10 {
            pool.had_no_capacity(NOW, None);
        }
        assert_eq!(pool.room(after(60)), 8);
    }

    #[test]
    fn a_rest_that_is_asked_for_is_kept() {
        let mut pool = pool(4);
        let asked = Some(Duration::from_secs(20));
        assert_eq!(pool.had_no_capacity(NOW, asked), after(20));
        assert_eq!(pool.had_no_capacity(NOW, None), after(20), "never shorter");
        assert_eq!((pool.room(after(19)), pool.room(after(20))), (0, 2));
        pool.failed(after(20), Some(Duration::from_secs(5)));
        assert_eq!((pool.room(after(24)), pool.room(after(25))), (0, 2));
    }

    #[test]
    fn who_is_listened_to_takes_room() {
        let mut pool = pool(2);
        pool.take_seat();
        pool.take_seat();
        assert_eq!((pool.figures(2, NOW).in_use, pool.room(NOW)), (2, 0));
        pool.leave_seat();
        assert_eq!((pool.figures(1, NOW).in_use, pool.room(NOW)), (1, 1));
    }

    #[test]
    fn the_status_counts_what_was_claimed_since_the_claims_were_counted() {
        let mut pool = pool(2);
        pool.take_seat();
        pool.take_seat();
        let figures = pool.figures(0, NOW);
        assert_eq!(
            (figures.in_use, figures.status),
            (2, PoolStatus::Critical),
            "a full room is never shown as healthy"
        );
    }

    #[test]
    fn the_status_follows_the_utilization_and_does_not_flap() {
        use PoolStatus::{Critical, Healthy, Warning};
        let mut pool = pool(100);
        for (utilization, status) in [
            (0.0, Healthy),
            (0.79, Healthy),
            (0.80, Warning),
            (0.76, Warning),
            (0.94, Warning),
            (0.95, Critical),
            (0.91, Critical),
            (0.89, Warning),
            (0.74, Healthy),
            (0.79, Healthy),
        ] {
            assert_eq!(pool.judge(utilization, NOW), status, "{utilization}");
        }
    }

    #[test]
    fn trouble_is_a_warning_for_a_minute_and_much_of_it_is_critical() {
        use PoolStatus::{Critical, Healthy, Warning};
        let mut pool = pool(4);
        pool.failed(NOW, None);
        assert_eq!(pool.judge(0.0, after(59)), Warning);
        assert_eq!(pool.judge(0.0, after(60)), Healthy);
        for _ in 0..4 {
            pool.failed(NOW, None);
        }
        assert_eq!(
            pool.judge(0.0, after(3_600)),
            Critical,
            "until it is well again"
        );
        pool.went_well();
        assert_eq!(pool.judge(0.0, after(3_600)), Healthy);
        assert_eq!(pool.was_refused(NOW), NOW + FAULT_REST);
        assert_eq!(pool.judge(0.0, after(3_600)), Critical);
        pool.went_well();
        assert_eq!(pool.judge(0.0, after(3_600)), Healthy);
    }

    #[test]
    fn every_status_is_found_by_its_word() {
        for status in PoolStatus::ALL {
            assert_eq!(PoolStatus::of_word(status.as_str()), Some(status));
        }
        assert_eq!(PoolStatus::of_word("ill"), None);
    }
}
