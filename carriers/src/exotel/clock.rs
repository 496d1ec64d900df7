//! Exotel's dates, which name no zone.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta, Utc};

/// How Exotel writes an instant.
const FORMAT: &str = "%Y-%m-%d %H:%M:%S";

/// Every zone is off UTC by a multiple of this, in seconds.
const ZONE_STEP_S: i64 = 15 * 60;

/// The farthest that a zone is off UTC, in seconds.
const ZONE_MAX_S: i64 = 14 * 3_600;

/// How far Exotel's clock may be from ours, in seconds, to tell its zone by it.
const CLOCK_SLACK_S: i64 = 5 * 60;

/// The clock behind the dates: as configured, until Exotel's own answers show another.
#[derive(Debug)]
pub(super) struct Clock {
    /// Seconds east of UTC.
    offset_s: AtomicI32,
    /// True once Exotel has shown it.
    is_shown: AtomicBool,
}

/// How a date lies to an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lies {
    /// There, by this clock.
    There,
    /// There if Exotel went by another zone, which nothing it has shown rules out.
    ThereByAnother,
    /// Elsewhere, whatever the zone.
    Elsewhere,
}

impl Clock {
    pub fn new(configured: FixedOffset) -> Self {
        Self {
            offset_s: AtomicI32::new(configured.local_minus_utc()),
            is_shown: AtomicBool::new(false),
        }
    }

    /// Compares how Exotel wrote an instant with that instant, `now` or one we know as well. A wrong zone would date a call hours before it was placed, a
    /// look-up would not find it, and somebody would be called twice: so what Exotel shows counts more than what was
    /// configured.
    pub fn compare(&self, written: &str, now: DateTime<Utc>) {
        let Some(local) = local(written) else { return };
        let Some(offset_s) = zone(local, now, CLOCK_SLACK_S) else {
            return;
        };
        self.is_shown.store(true, Ordering::Relaxed);
        let believed_s = self.offset_s.swap(offset_s, Ordering::Relaxed);
        if believed_s != offset_s {
            tracing::warn!(
                believed_s,
                offset_s,
                "Exotel's dates are {offset_s} s ahead of UTC, not {believed_s} s: the configured offset is wrong"
            );
        }
    }

    /// True once Exotel has shown its zone: until then dates may be of another than the configured one.
    pub fn is_shown(&self) -> bool {
        self.is_shown.load(Ordering::Relaxed)
    }

    /// Whether a date `written` by Exotel is within `slack` of `at`.
    pub fn lies(&self, written: &str, at: DateTime<Utc>, slack: TimeDelta) -> Lies {
        let Some(local) = local(written) else {
            return Lies::ThereByAnother; // Who knows.
        };
        let by_this = self.read(written).map(|read| (read - at).abs());
        if by_this.is_some_and(|off| off <= slack) {
            return Lies::There;
        }
        if !self.is_shown() && zone(local, at, slack.num_seconds()).is_some() {
            Lies::ThereByAnother
        } else {
            Lies::Elsewhere
        }
    }

    /// Reads a date.
    pub fn read(&self, written: &str) -> Option<DateTime<Utc>> {
        let offset_s = self.offset_s.load(Ordering::Relaxed);
        local(written)?
            .checked_sub_signed(TimeDelta::seconds(offset_s.into()))
            .map(|utc| utc.and_utc())
    }

    /// Writes a date.
    pub fn write(&self, at: DateTime<Utc>) -> String {
        let offset_s = self.offset_s.load(Ordering::Relaxed);
        let local = at
            .naive_utc()
            .checked_add_signed(TimeDelta::seconds(offset_s.into()))
            .unwrap_or_else(|| at.naive_utc());
        local.format(FORMAT).to_string()
    }
}

/// How many seconds the zone is ahead of UTC in which `local` is `at`, give or take `slack_s`; `None` where there is none.
fn zone(local: NaiveDateTime, at: DateTime<Utc>, slack_s: i64) -> Option<i32> {
    let ahead_s = (local - at.naive_utc()).num_seconds();
    let steps = (ahead_s + ZONE_STEP_S / 2).div_euclid(ZONE_STEP_S);
    let offset_s = steps * ZONE_STEP_S;
    let is_one = offset_s.abs() <= ZONE_MAX_S && (ahead_s - offset_s).abs() <= slack_s;
    i32::try_from(offset_s).ok().filter(|_| is_one)
}

fn local(written: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(written.trim(), FORMAT).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn india() -> Clock {
        Clock::new(FixedOffset::east_opt(19_800).unwrap())
    }

    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn a_date_without_a_zone_is_read_and_written_by_the_configured_clock() {
        let at = utc("2024-01-15T08:55:10Z");
        assert_eq!(india().read("2024-01-15 14:25:10"), Some(at));
        assert_eq!(india().write(at), "2024-01-15 14:25:10");
        for text in ["", "null", "2024-01-15", "2024-13-01 00:00:00"] {
            assert_eq!(india().read(text), None, "{text}");
        }
    }

    #[test]
    fn a_wrong_offset_is_corrected_by_what_exotel_calls_now() {
        let clock = india();
        clock.compare("2024-01-15 08:55:12", utc("2024-01-15T08:55:10Z"));
        assert_eq!(
            clock.read("2024-01-15 08:55:12"),
            Some(utc("2024-01-15T08:55:12Z"))
        );
        clock.compare("2024-01-15 16:55:08", utc("2024-01-15T08:55:10Z"));
        assert_eq!(
            clock.write(utc("2024-01-15T08:55:10Z")),
            "2024-01-15 16:55:10"
        );
    }

    #[test]
    fn a_date_may_be_of_another_zone_until_exotel_has_shown_its_own() {
        let clock = india();
        let (at, slack) = (utc("2024-01-15T08:55:10Z"), TimeDelta::seconds(60));
        let lies = |clock: &Clock, written| clock.lies(written, at, slack);
        assert_eq!(lies(&clock, "2024-01-15 14:25:40"), Lies::There);
        for written in ["2024-01-15 16:54:30", "2024-01-15 08:55:10", "soon"] {
            assert_eq!(lies(&clock, written), Lies::ThereByAnother, "{written}");
        }
        // No zone is seven minutes off a quarter of an hour, nor fifteen hours off UTC.
        for written in ["2024-01-15 14:32:10", "2024-01-15 23:55:10"] {
            assert_eq!(lies(&clock, written), Lies::Elsewhere, "{written}");
        }
        clock.compare("2024-01-15 14:25:12", at);
        assert_eq!(lies(&clock, "2024-01-15 16:54:30"), Lies::Elsewhere);
    }

    #[test]
    fn a_date_that_no_zone_explains_changes_nothing() {
        let clock = india();
        for text in ["2024-01-15 14:32:40", "2024-01-17 14:25:10", "soon"] {
            clock.compare(text, utc("2024-01-15T08:55:10Z"));
        }
        assert_eq!(
            clock.read("2024-01-15 14:25:10"),
            Some(utc("2024-01-15T08:55:10Z"))
        );
    }
}
