//! The figures against a recount in the simplest words, from calls that are made up.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use entity::campaign_counters;
use proptest::collection::vec;
use proptest::prelude::*;

use super::figures;
use super::range::{self, Range, RangeQuery};
use super::statistics::{CallFigures, ContactMetrics, Day, PeakHour, TimeDistribution};
use super::tally::{Tally, add};
use crate::error::EngineError;
use crate::store::bucket_sums::BucketSums;
use crate::store::quarter_sums::{Quarter, QuarterSums};
use crate::store::rollups::bucket_of;

/// Whole hours, half and quarter hours, a half hour of daylight saving, midnights that are skipped and shown twice.
const ZONES: [Tz; 12] = [
    Tz::UTC,
    Tz::Asia__Kolkata,
    Tz::Asia__Kathmandu,
    Tz::Asia__Tehran,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Chatham,
    Tz::Pacific__Apia,
    Tz::America__St_Johns,
    Tz::America__Chicago,
    Tz::America__Havana,
    Tz::Africa__Cairo,
    Tz::Europe__Berlin,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Live,
    Completed,
    Failed,
    Busy,
    NoAnswer,
}

/// A call that was placed.
#[derive(Clone, Debug)]
struct Call {
    begun_at: DateTime<Utc>,
    how: How,
    is_successful: bool,
    is_voicemail: bool,
    wants_callback: bool,
    is_transferred: bool,
    talk_s: i64,
    wait_ms: i64,
}

impl Call {
    fn is(&self, how: How) -> bool {
        self.how == how
    }

    /// What it adds to the sums of its quarter.
    fn add_to(&self, sums: &mut BucketSums) {
        let completed = self.is(How::Completed);
        sums.calls += 1;
        sums.completed += i64::from(completed);
        sums.failed += i64::from(self.is(How::Failed));
        sums.busy += i64::from(self.is(How::Busy));
        sums.no_answer += i64::from(self.is(How::NoAnswer));
        sums.voicemail += i64::from(completed && self.is_voicemail);
        sums.successful += i64::from(self.is_successful);
        sums.callbacks += i64::from(self.wants_callback);
        sums.callbacks_scheduled += i64::from(self.wants_callback && completed);
        sums.transfers += i64::from(self.is_transferred);
        sums.transfers_completed += i64::from(self.is_transferred && completed);
        if completed {
            sums.talk_s += self.talk_s;
            sums.waits += 1;
            sums.wait_ms += self.wait_ms;
        }
    }
}

fn summed(calls: &[Call]) -> Vec<BucketSums> {
    let mut buckets: BTreeMap<DateTime<Utc>, BucketSums> = BTreeMap::new();
    for call in calls {
        let bucket = bucket_of(call.begun_at);
        let sums = buckets.entry(bucket).or_default();
        sums.bucket = bucket;
        call.add_to(sums);
    }
    buckets.into_values().collect()
}

fn within(buckets: &[BucketSums], range: Range) -> Vec<BucketSums> {
    let is_in = |at: DateTime<Utc>| {
        range.from.is_none_or(|from| from <= at) && range.to.is_none_or(|to| at < to)
    };
    let found = buckets.iter().filter(|sums| is_in(sums.bucket));
    found.cloned().collect()
}

/// The same figures, counted call by call, each by the clock of the zone at its own instant.
fn recount(calls: &[&Call], zone: Tz) -> CallFigures {
    let count = |is: &dyn Fn(&Call) -> bool| calls.iter().filter(|call| is(call)).count() as i64;
    let hour = |call: &Call| call.begun_at.with_timezone(&zone).hour();
    let (total, completed) = (calls.len() as i64, count(&|call| call.is(How::Completed)));
    let successful = count(&|call| call.is_successful);
    let talked = calls.iter().filter(|call| call.is(How::Completed));
    let (talk_s, wait_ms) = talked.fold((0, 0), |(talk, wait), call| {
        (talk + call.talk_s, wait + call.wait_ms)
    });
    let mut peak_hours: Vec<PeakHour> = (0..24)
        .map(|wanted| PeakHour {
            hour: wanted,
            calls: count(&|call| hour(call) == wanted),
        })
        .filter(|peak| peak.calls > 0)
        .collect();
    // A stable sort leaves equal hours in their order.
    peak_hours.sort_by_key(|peak| -peak.calls);
    peak_hours.truncate(5);
    CallFigures {
        total,
        completed,
        failed: count(&|call| !call.is(How::Live) && !call.is(How::Completed)),
        no_answers: count(&|call| call.is(How::NoAnswer)),
        voicemails: count(&|call| call.is(How::Completed) && call.is_voicemail),
        successful,
        conversion_rate: share(successful, total),
        callback_requests: count(&|call| call.wants_callback),
        callbacks_scheduled: count(&|call| call.wants_callback && call.is(How::Completed)),
        transfers_initiated: count(&|call| call.is_transferred),
        transfers_completed: count(&|call| call.is_transferred && call.is(How::Completed)),
        average_duration_s: ratio(talk_s, completed).round() as i64,
        average_wait_s: ratio(wait_ms, completed * 100).round() / 10.0,
        distribution: TimeDistribution {
            morning: count(&|call| hour(call) < 12),
            afternoon: count(&|call| (12..17).contains(&hour(call))),
            evening: count(&|call| hour(call) >= 17),
        },
        peak_hours,
        trend: trend(calls, zone),
    }
}

fn trend(calls: &[&Call], zone: Tz) -> Vec<Day> {
    let day_of = |call: &Call| call.begun_at.with_timezone(&zone).date_naive();
    let mut dates: Vec<NaiveDate> = calls.iter().map(|call| day_of(call)).collect();
    dates.sort_unstable();
    dates.dedup();
    let day = |date: NaiveDate| {
        let that_day: Vec<_> = calls.iter().filter(|call| day_of(call) == date).collect();
        let successful = that_day.iter().filter(|call| call.is_successful).count();
        Day {
            date,
            calls: that_day.len() as i64,
            success_rate: share(successful as i64, that_day.len() as i64),
        }
    };
    dates.into_iter().map(day).collect()
}

fn ratio(part: i64, whole: i64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

fn share(part: i64, whole: i64) -> f64 {
    ratio(part * 1_000, whole).round() / 10.0
}

/// Calls of a week or so, somewhere between 2012 and 2030: many of them close to a change of some clock.
fn some_calls() -> impl Strategy<Value = Vec<Call>> {
    let how = prop_oneof![
        Just(How::Live),
        Just(How::Completed),
        Just(How::Completed),
        Just(How::Failed),
        Just(How::Busy),
        Just(How::NoAnswer)
    ];
    let what = (any::<[bool; 4]>(), 0..4_000_i64, 0..60_000_i64);
    let call = (0..8 * 86_400_000_i64, how, what);
    let begin = 1_325_376_000..1_893_456_000_i64;
    (begin, vec(call, 0..60)).prop_map(|(begin, calls)| {
        let begin = DateTime::from_timestamp(begin, 0).unwrap();
        let call = |(ms, how, (flags, talk_s, wait_ms))| {
            let [is_successful, is_voicemail, wants_callback, is_transferred]: [bool; 4] = flags;
            Call {
                begun_at: begin + TimeDelta::milliseconds(ms),
                how,
                is_successful: is_successful && how == How::Completed,
                is_voicemail,
                wants_callback,
                is_transferred,
                talk_s,
                wait_ms,
            }
        };
        calls.into_iter().map(call).collect()
    })
}

fn asked(from: Option<String>, to: Option<String>, zone: Tz) -> Result<Range, EngineError> {
    let query = RangeQuery {
        from_date: from.unwrap_or_default().into(),
        to_date: to.unwrap_or_default().into(),
    };
    range::read(&query, zone)
}

proptest! {
    #[test]
    fn figures_equal_a_recount_of_the_calls(calls in some_calls(), zone in 0..ZONES.len()) {
        let zone = ZONES[zone];
        let figures = figures::calls(&tally_of(&summed(&calls), zone));
        prop_assert_eq!(figures, recount(&calls.iter().collect::<Vec<_>>(), zone));
    }

    #[test]
    fn a_range_of_dates_counts_the_calls_of_these_days(
        calls in some_calls(), zone in 0..ZONES.len(), first in 0..9_u64, days in 0..9_u64
    ) {
        let zone = ZONES[zone];
        let Some(earliest) = calls.iter().map(|call| call.begun_at).min() else { return Ok(()) };
        let day_of = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        let from = day_of(earliest) + chrono::Days::new(first);
        let to = from + chrono::Days::new(days);
        let range = asked(Some(from.to_string()), Some(to.to_string()), zone).unwrap();
        let figures = figures::calls(&tally_of(&within(&summed(&calls), range), zone));
        let wanted: Vec<&Call> =
            calls.iter().filter(|call| (from..=to).contains(&day_of(call.begun_at))).collect();
        prop_assert_eq!(figures, recount(&wanted, zone));
    }

    #[test]
    fn a_range_of_instants_counts_the_quarters_it_touches_and_says_so(
        calls in some_calls(), zone in 0..ZONES.len(), begin_s in 0..700_000_i64, length_s in 1..700_000_i64
    ) {
        let zone = ZONES[zone];
        let Some(earliest) = calls.iter().map(|call| call.begun_at).min() else { return Ok(()) };
        let from = bucket_of(earliest) + TimeDelta::seconds(begin_s);
        let to = from + TimeDelta::seconds(length_s);
        let range = asked(Some(from.to_rfc3339()), Some(to.to_rfc3339()), zone).unwrap();
        let (covered_from, covered_to) = (range.from.unwrap(), range.to.unwrap());
        prop_assert!(covered_from <= from && from < covered_from + TimeDelta::minutes(15));
        prop_assert!(to <= covered_to && covered_to < to + TimeDelta::minutes(15));
        let figures = figures::calls(&tally_of(&within(&summed(&calls), range), zone));
        let wanted: Vec<&Call> =
            calls.iter().filter(|call| covered_from <= call.begun_at && call.begun_at < covered_to).collect();
        prop_assert_eq!(figures, recount(&wanted, zone));
    }

    #[test]
    fn figures_add_up_among_themselves(calls in some_calls(), zone in 0..ZONES.len()) {
        let figures = figures::calls(&tally_of(&summed(&calls), ZONES[zone]));
        let TimeDistribution { morning, afternoon, evening } = figures.distribution;
        prop_assert!(figures.completed + figures.failed <= figures.total);
        prop_assert!(figures.no_answers <= figures.failed && figures.voicemails <= figures.completed);
        prop_assert!(figures.transfers_completed <= figures.transfers_initiated);
        prop_assert!(figures.callbacks_scheduled <= figures.callback_requests);
        prop_assert_eq!(morning + afternoon + evening, figures.total);
        prop_assert_eq!(figures.trend.iter().map(|day| day.calls).sum::<i64>(), figures.total);
        prop_assert!(figures.trend.is_sorted_by(|a, b| a.date < b.date));
        prop_assert!(figures.peak_hours.is_sorted_by(|a, b| (-a.calls, a.hour) < (-b.calls, b.hour)));
        prop_assert!(figures.peak_hours.iter().all(|hour| hour.calls > 0));
        let rates = figures.trend.iter().map(|day| day.success_rate).chain([figures.conversion_rate]);
        for rate in rates {
            prop_assert!((0.0..=100.0).contains(&rate), "{}", rate);
            prop_assert_eq!((rate * 10.0).round() / 10.0, rate, "one decimal");
        }
        let successes = figures.conversion_rate * figures.total as f64 / 100.0;
        prop_assert!((successes - figures.successful as f64).abs() <= 0.000_5 * figures.total as f64 + 1e-9);
    }
}

/// What the database tells of `buckets`, as a zone's clock shows them.
fn tally_of(buckets: &[BucketSums], zone: Tz) -> Tally {
    let mut told = QuarterSums::default();
    for sums in buckets {
        add(&mut told.all, sums);
        told.quarters.push(Quarter {
            begin: sums.bucket,
            calls: sums.calls,
            successful: sums.successful,
        });
    }
    Tally::of(&told, zone)
}

#[test]
fn where_nothing_happened_every_figure_is_zero() {
    assert_eq!(figures::calls(&Tally::default()), CallFigures::default());
    assert_eq!(
        figures::contacts(&campaign_counters::Model::default()),
        ContactMetrics::default()
    );
}

#[test]
fn contacts_are_contacted_or_remain() {
    let counters = campaign_counters::Model {
        total: 250,
        queued: 15,
        calling: 10,
        reached: 83,
        ..campaign_counters::Model::default()
    };
    let expected = ContactMetrics {
        total: 250,
        contacted: 83,
        contacted_percentage: 33.2,
        remaining: 167,
        active: 25,
    };
    assert_eq!(figures::contacts(&counters), expected);
}

#[test]
fn a_success_without_a_call_is_no_more_than_everything() {
    let sums = BucketSums {
        calls: 1,
        successful: 2,
        ..BucketSums::default()
    };
    let figures = figures::calls(&tally_of(&[sums], Tz::UTC));
    assert_eq!(figures.conversion_rate, 100.0);
    assert_eq!(figures.trend[0].success_rate, 100.0);
}

#[test]
fn five_past_noon_in_kathmandu_is_the_afternoon_there() {
    let bucket = DateTime::parse_from_rfc3339("2026-06-01T06:15:00Z").unwrap();
    let sums = BucketSums {
        bucket: bucket.to_utc(),
        calls: 3,
        ..BucketSums::default()
    };
    let figures = figures::calls(&tally_of(&[sums], Tz::Asia__Kathmandu));
    assert_eq!(figures.distribution.afternoon, 3);
    assert_eq!(figures.peak_hours, [PeakHour { hour: 12, calls: 3 }]);
}
