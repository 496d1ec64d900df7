//! From counters and sums to the figures of a report. Where there is nothing to count, every figure is 0.

use std::cmp::Reverse;

use entity::campaign_counters;

use super::statistics::{
    CallFigures, ContactMetrics, Day, PEAK_HOURS_MAX, PeakHour, TimeDistribution,
};
use super::tally::Tally;

/// The hour at which the afternoon begins.
const NOON: usize = 12;
/// The hour at which the evening begins.
const EVENING: usize = 17;

/// The contacts as the counters show them.
pub(super) fn contacts(counters: &campaign_counters::Model) -> ContactMetrics {
    let total = i64::from(counters.total);
    let contacted = i64::from(counters.reached);
    ContactMetrics {
        total,
        contacted,
        contacted_percentage: percentage(contacted, total),
        remaining: total - contacted,
        active: i64::from(counters.queued) + i64::from(counters.calling),
    }
}

/// The calls as `tally` sums them up.
pub(super) fn calls(tally: &Tally) -> CallFigures {
    let all = &tally.all;
    CallFigures {
        total: all.calls,
        completed: all.completed,
        failed: all.failed + all.busy + all.no_answer,
        no_answers: all.no_answer,
        voicemails: all.voicemail,
        successful: all.successful,
        conversion_rate: percentage(all.successful, all.calls),
        callback_requests: all.callbacks,
        callbacks_scheduled: all.callbacks_scheduled,
        transfers_initiated: all.transfers,
        transfers_completed: all.transfers_completed,
        average_duration_s: rounded(all.talk_s, all.completed),
        average_wait_s: tenths(rounded(all.wait_ms, all.waits * 100)),
        distribution: distribution(tally),
        peak_hours: peak_hours(tally),
        trend: trend(tally),
    }
}

fn distribution(tally: &Tally) -> TimeDistribution {
    let (morning, later) = tally.calls_by_hour.split_at(NOON);
    let (afternoon, evening) = later.split_at(EVENING - NOON);
    TimeDistribution {
        morning: morning.iter().sum(),
        afternoon: afternoon.iter().sum(),
        evening: evening.iter().sum(),
    }
}

fn peak_hours(tally: &Tally) -> Vec<PeakHour> {
    let mut hours: Vec<PeakHour> = (0..)
        .zip(tally.calls_by_hour)
        .map(|(hour, calls)| PeakHour { hour, calls })
        .filter(|hour| hour.calls > 0)
        .collect();
    hours.sort_by_key(|hour| (Reverse(hour.calls), hour.hour));
    hours.truncate(PEAK_HOURS_MAX);
    hours
}

fn trend(tally: &Tally) -> Vec<Day> {
    tally
        .by_day
        .iter()
        .filter(|(_, day)| day.calls > 0)
        .map(|(date, day)| Day {
            date: *date,
            calls: day.calls,
            success_rate: percentage(day.successful, day.calls),
        })
        .collect()
}

/// `part` of `whole` in percent, to one decimal; never above 100: a conversation whose call the carrier says it never
/// took on has a success, and no call to go with it.
pub(super) fn percentage(part: i64, whole: i64) -> f64 {
    tenths(rounded(part.min(whole).max(0) * 1_000, whole))
}

/// `sum` parted among `count`, to the nearest whole; 0 where there is nobody.
pub(super) fn rounded(sum: i64, count: i64) -> i64 {
    if count > 0 {
        (sum + count / 2).div_euclid(count)
    } else {
        0
    }
}

/// So many tenths.
pub(super) fn tenths(count: i64) -> f64 {
    count as f64 / 10.0
}
