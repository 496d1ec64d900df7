//! Sums by hour, put together by hour of the day, by day, and by weekday.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, TimeDelta, Timelike};

use super::query::Covered;
use crate::reports::tally::add;
use crate::store::bucket_sums::BucketSums;
use crate::store::detail_sums::InboundSums;

/// What the calls of a range come to.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// All of them.
    pub all: BucketSums,
    /// Those of them that came in.
    pub inbound: InboundSums,
    /// By the hour of the day, 0 to 23.
    pub by_hour: [BucketSums; 24],
    /// By weekday, Monday first, and hour.
    pub by_weekday: [[BucketSums; 24]; 7],
    /// By day: every day of the range, in order.
    pub by_day: BTreeMap<NaiveDate, BucketSums>,
}

impl Tally {
    /// `hours` as the zone's clock shows them, of the range `covered`.
    pub(super) fn of(hours: &[BucketSums], covered: &Covered) -> Self {
        let mut tally = Self::default();
        let shown =
            |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&covered.zone).date_naive();
        let last = shown(covered.to - TimeDelta::seconds(1));
        for day in shown(covered.from)
            .iter_days()
            .take_while(|day| *day <= last)
        {
            tally.by_day.insert(day, BucketSums::default());
        }
        for sums in hours {
            let (date, hour) = (sums.bucket.date_naive(), sums.bucket.hour() as usize);
            let weekday = date.weekday().num_days_from_monday() as usize;
            add(&mut tally.all, sums);
            add(tally.by_day.entry(date).or_default(), sums);
            if let Some(all) = tally.by_hour.get_mut(hour) {
                add(all, sums);
            }
            if let Some(all) = tally
                .by_weekday
                .get_mut(weekday)
                .and_then(|day| day.get_mut(hour))
            {
                add(all, sums);
            }
        }
        tally
    }
}
