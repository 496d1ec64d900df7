//! Sums of many quarters of an hour: in all, by hour of the day and by day, as the clock of a zone shows them.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Timelike};
use chrono_tz::Tz;

use crate::store::bucket_sums::BucketSums;
use crate::store::quarter_sums::QuarterSums;

/// What some quarters come to together.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Everything; its `bucket` says nothing.
    pub all: BucketSums,
    /// Calls placed by the hour of the day, 0 to 23.
    pub calls_by_hour: [i64; 24],
    /// By day.
    pub by_day: BTreeMap<NaiveDate, DayTally>,
}

/// What one day comes to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DayTally {
    /// Calls placed.
    pub calls: i64,
    /// Reached their goal.
    pub successful: i64,
}

impl Tally {
    /// What `sums` come to. A quarter belongs to the hour and to the day at which it begins in `zone`; an hour that the clock
    /// shows twice is one.
    pub(super) fn of(sums: &QuarterSums, zone: Tz) -> Self {
        let mut tally = Self {
            all: sums.all.clone(),
            ..Self::default()
        };
        for quarter in &sums.quarters {
            let shown = quarter.begin.with_timezone(&zone);
            if let Some(calls) = tally.calls_by_hour.get_mut(shown.hour() as usize) {
                *calls += quarter.calls;
            }
            let day = tally.by_day.entry(shown.date_naive()).or_default();
            day.calls += quarter.calls;
            day.successful += quarter.successful;
        }
        tally
    }
}

/// Adds `sums` to `all`, whose `bucket` says nothing.
pub(super) fn add(all: &mut BucketSums, sums: &BucketSums) {
    // Named one by one, so that a sum that is added to the table is not forgotten here.
    let BucketSums {
        bucket: _,
        calls,
        completed,
        failed,
        busy,
        no_answer,
        voicemail,
        successful,
        callbacks,
        callbacks_scheduled,
        transfers,
        transfers_completed,
        talk_s,
        waits,
        wait_ms,
        credits,
    } = sums;
    all.calls += calls;
    all.completed += completed;
    all.failed += failed;
    all.busy += busy;
    all.no_answer += no_answer;
    all.voicemail += voicemail;
    all.successful += successful;
    all.callbacks += callbacks;
    all.callbacks_scheduled += callbacks_scheduled;
    all.transfers += transfers;
    all.transfers_completed += transfers_completed;
    all.talk_s += talk_s;
    all.waits += waits;
    all.wait_ms += wait_ms;
    all.credits += credits;
}
