//! From when to when.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::field::Sieve;
use crate::instant::{self, Edge};
use crate::query::Param;
use crate::store::rollups::{bucket_of, end_of_bucket};

/// The instants from `from` on and before `until`; an end that is not there is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first instant.
    pub from: Option<DateTime<Utc>>,
    /// The first instant that is too late.
    pub until: Option<DateTime<Utc>>,
}

impl Period {
    /// Reads `fromDate` and `toDate` as they stand in a query: instants, or dates that mean whole days in `zone`, the last
    /// one included. What is wrong is noted in `sieve`, also where nothing lies between the two.
    pub fn read(sieve: &mut Sieve, from: &Param, to: &Param, zone: Tz) -> Self {
        Self::named(sieve, ("fromDate", from), ("toDate", to), zone)
    }

    /// As [`Self::read`], of `startDate` and `endDate`, by the clock of UTC.
    pub fn of_dates(sieve: &mut Sieve, start: &Param, end: &Param) -> Self {
        Self::named(sieve, ("startDate", start), ("endDate", end), Tz::UTC)
    }

    /// As [`Self::read`], where the two are called otherwise.
    pub fn named(
        sieve: &mut Sieve,
        (from_name, from): (&str, &Param),
        (to_name, to): (&str, &Param),
        zone: Tz,
    ) -> Self {
        let from = sieve.param(from_name, from, |text| {
            instant::read(text, zone, Edge::Begin)
        });
        let until = sieve.param(to_name, to, |text| instant::read(text, zone, Edge::End));
        if from.zip(until).is_some_and(|(from, until)| until <= from) {
            sieve.refuse(to_name, format!("must be later than {from_name}"));
        }
        Self { from, until }
    }

    /// Widened to the whole quarters of an hour that it touches: what sums can tell.
    #[must_use]
    pub fn in_quarters(self) -> Self {
        Self {
            from: self.from.map(bucket_of),
            until: self.until.map(end_of_bucket),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Period, Sieve, Tz};

    #[test]
    fn dates_mean_whole_days_of_the_zone_and_must_be_in_order() {
        let mut sieve = Sieve::default();
        let day = "2026-01-31".into();
        let period = Period::read(&mut sieve, &day, &day, Tz::Europe__Berlin);
        let hours = period
            .until
            .zip(period.from)
            .map(|(until, from)| until - from);
        assert_eq!(hours, Some(chrono::TimeDelta::hours(24)));
        assert!(sieve.errors.is_empty());
        Period::read(&mut sieve, &day, &"2026-01-30".into(), Tz::UTC);
        assert_eq!(sieve.errors[0].field, "toDate");
    }
}
