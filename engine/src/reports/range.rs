//! Which calls are counted: those begun between two instants.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::error::EngineError;
use crate::field::Sieve;
use crate::period::Period;
use crate::query::Param;

/// A range as it stands in a query: instants, or dates for the whole day in the campaign's zone.
#[derive(Clone, Debug, Default)]
pub struct RangeQuery {
    /// From when on.
    pub from_date: Param,
    /// Until when.
    pub to_date: Param,
}

/// What the two sides of a range are called where they are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    pub from: &'static str,
    pub to: &'static str,
}

/// In the statistics of a campaign.
const STATISTICS: Names = Names {
    from: "fromDate",
    to: "toDate",
};

/// A range of whole quarters of an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// The first instant; none: from the first call on.
    pub from: Option<DateTime<Utc>>,
    /// The first instant after it; none: up to the last call.
    pub to: Option<DateTime<Utc>>,
}

/// The range that `query` asks for, its dates read in `zone`, widened to the whole quarters that it touches.
///
/// The begin of a day is a begin of a quarter in every zone of today, so a range of dates is never widened.
///
/// # Errors
/// `Invalid` with everything that cannot be read, and where the end is not after the begin.
pub fn read(query: &RangeQuery, zone: Tz) -> Result<Range, EngineError> {
    let mut sieve = Sieve::default();
    let range = sift(&mut sieve, query, STATISTICS, zone);
    sieve.done(range).map_err(EngineError::Invalid)
}

/// As [`read`], among other fields: what is wrong goes into `sieve`, under `names`, and counts as open.
pub(super) fn sift(sieve: &mut Sieve, query: &RangeQuery, names: Names, zone: Tz) -> Range {
    let from = (names.from, &query.from_date);
    let period = Period::named(sieve, from, (names.to, &query.to_date), zone).in_quarters();
    Range {
        from: period.from,
        to: period.until,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn utc(text: &str) -> Option<DateTime<Utc>> {
        Some(DateTime::parse_from_rfc3339(text).unwrap().to_utc())
    }

    fn read(from: &str, to: &str, zone: &str) -> Result<Range, EngineError> {
        let query = RangeQuery {
            from_date: from.into(),
            to_date: to.into(),
        };
        super::read(&query, zone.parse().unwrap())
    }

    #[track_caller]
    fn wrong(from: &str, to: &str) -> Vec<String> {
        match read(from, to, "UTC") {
            Err(EngineError::Invalid(errors)) => errors.into_iter().map(|e| e.field).collect(),
            other => panic!("should name wrong fields: {other:?}"),
        }
    }

    #[test]
    fn the_last_day_is_included() {
        let january = read("2030-01-01", "2030-01-31", "America/Chicago").unwrap();
        assert_eq!(january.from, utc("2030-01-01T06:00:00Z"));
        assert_eq!(january.to, utc("2030-02-01T06:00:00Z"));
    }

    #[test]
    fn an_instant_inside_a_quarter_covers_all_of_it() {
        let range = read("2030-01-01T10:07:31+05:45", "2030-01-01T04:30:00Z", "UTC").unwrap();
        assert_eq!(range.from, utc("2030-01-01T04:15:00Z"));
        assert_eq!(range.to, utc("2030-01-01T04:30:00Z"));
        let range = read("2030-01-01T10:00:00Z", "2030-01-31T23:59:59Z", "UTC").unwrap();
        assert_eq!(range.from, utc("2030-01-01T10:00:00Z"));
        assert_eq!(range.to, utc("2030-02-01T00:00:00Z"));
    }

    #[test]
    fn either_side_may_be_open_and_empty_is_open() {
        assert_eq!(read("", "", "UTC").unwrap(), Range::default());
        let open = super::read(&RangeQuery::default(), Tz::UTC).unwrap();
        assert_eq!(open, Range::default());
        let until = read("", "2030-01-31", "UTC").unwrap();
        assert_eq!((until.from, until.to), (None, utc("2030-02-01T00:00:00Z")));
    }

    #[test]
    fn days_of_23_and_25_hours_are_whole_days() {
        for (day, hours) in [("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-02", 24)] {
            let range = read(day, day, "America/Chicago").unwrap();
            let length = range.to.unwrap() - range.from.unwrap();
            assert_eq!(length, TimeDelta::hours(hours), "{day}");
        }
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_begins_when_the_gap_ends() {
        let range = read("2026-04-24", "2026-04-24", "Africa/Cairo").unwrap();
        assert_eq!(range.from, utc("2026-04-23T22:00:00Z"));
        assert_eq!(range.to, utc("2026-04-24T21:00:00Z"));
    }

    #[test]
    fn everything_that_is_no_range_is_told_at_once() {
        assert_eq!(wrong("yesterday", "2030-02-30"), ["fromDate", "toDate"]);
        assert_eq!(wrong("\0", ""), ["fromDate"]);
        assert_eq!(wrong(" ", "2030-01-01"), ["fromDate"]);
        assert_eq!(wrong("2030-01-02", "2030-01-01"), ["toDate"]);
        let instant = "2030-01-01T00:00:00Z";
        assert_eq!(wrong(instant, instant), ["toDate"]);
    }
}
