//! Instants as people and programs write them.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// The first and the last year anybody can mean.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2999;

/// What a date without a time stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The instant at which the day begins in the zone.
    Begin,
    /// The instant at which the next day begins, so that the whole day is included.
    End,
}

/// Reads an RFC 3339 instant, or a date, which means that whole day in `zone`. To the microsecond, which is what the
/// databases keep.
///
/// # Errors
/// A sentence that says how to write it.
pub fn read(text: &str, zone: Tz, edge: Edge) -> Result<DateTime<Utc>, String> {
    let text = text.trim();
    // In an address a `+` means a space: who wrote the offset's as it is has sent one.
    let with_plus = || {
        text.rsplit_once(' ')
            .map(|(at, offset)| format!("{at}+{offset}"))
    };
    let parsed = DateTime::parse_from_rfc3339(text).or_else(|error| {
        with_plus().map_or(Err(error), |text| DateTime::parse_from_rfc3339(&text))
    });
    let instant = match parsed {
        Ok(instant) => Some(instant.to_utc()),
        Err(_) => NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .and_then(|date| at_edge(date, zone, edge)),
    };
    instant
        .filter(|instant| YEARS.contains(&instant.year()))
        // Also takes a leap second for the one after it, which is what the databases can keep.
        .and_then(|instant| DateTime::from_timestamp_micros(instant.timestamp_micros()))
        .ok_or_else(|| {
            "must be an instant such as 2026-01-31T09:00:00Z, or a date such as 2026-01-31, from 1970 to 2999"
                .to_owned()
        })
}

fn at_edge(date: NaiveDate, zone: Tz, edge: Edge) -> Option<DateTime<Utc>> {
    let day = match edge {
        Edge::Begin => date,
        Edge::End => date.checked_add_days(Days::new(1))?,
    };
    // Where daylight saving skips midnight, the day begins an hour later; no zone skips more than a day.
    (0..=24)
        .find_map(|hour| {
            let shown = day.and_time(NaiveTime::MIN) + TimeDelta::hours(hour);
            zone.from_local_datetime(&shown).earliest()
        })
        .map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn an_instant_is_taken_as_it_is_and_a_date_is_the_day_of_the_zone() {
        let kolkata: Tz = "Asia/Kolkata".parse().unwrap();
        let read = |text, edge| read(text, kolkata, edge).unwrap();
        assert_eq!(
            read("2026-01-31T10:00:00+05:30", Edge::End),
            utc("2026-01-31T04:30:00Z")
        );
        assert_eq!(read("2026-01-31", Edge::Begin), utc("2026-01-30T18:30:00Z"));
        assert_eq!(read("2026-01-31", Edge::End), utc("2026-01-31T18:30:00Z"));
    }

    #[test]
    fn an_offset_whose_plus_an_address_made_a_space_is_understood() {
        let read = |text| read(text, Tz::UTC, Edge::Begin);
        let meant = utc("2026-01-31T04:30:00Z");
        for text in [
            "2026-01-31T10:00:00 05:30",
            "2026-01-31 10:00:00 05:30",
            "2026-01-31T10:00:00.000 05:30",
        ] {
            assert_eq!(read(text), Ok(meant), "{text}");
        }
        for text in [
            "2026-01-31 10:00",
            "2026-01-31 05:30",
            "2026-01-31T10:00:00  05:30",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_begins_when_the_gap_ends() {
        let cairo: Tz = "Africa/Cairo".parse().unwrap();
        // On 2026-04-24 the clock in Cairo went from 00:00 to 01:00.
        let begin = read("2026-04-24", cairo, Edge::Begin).unwrap();
        assert_eq!(begin, utc("2026-04-23T22:00:00Z"));
    }

    #[test]
    fn an_instant_is_kept_to_the_microsecond_for_as_long_as_anybody_can_mean() {
        let read = |text| read(text, Tz::UTC, Edge::End).unwrap();
        assert_eq!(
            read("2026-01-31T10:00:00.123456789Z"),
            utc("2026-01-31T10:00:00.123456Z")
        );
        // Nanoseconds since 1970 end in 2262.
        assert_eq!(read("2867-01-10T04:33:33Z"), utc("2867-01-10T04:33:33Z"));
        assert_eq!(read("2999-12-30"), utc("2999-12-31T00:00:00Z"));
        assert_eq!(read("2016-12-31T23:59:60Z"), utc("2017-01-01T00:00:00Z"));
    }

    #[test]
    fn what_nobody_can_mean_is_refused() {
        for text in [
            "",
            "tomorrow",
            "31.01.2026",
            "2026-02-30",
            "+262143-01-01",
            "0001-01-01T00:00:00Z",
            "3000-01-01",
        ] {
            assert!(read(text, Tz::UTC, Edge::Begin).is_err(), "{text}");
        }
    }
}
