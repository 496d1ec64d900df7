//! The arithmetic against a recount in the simplest words.

use chrono::{DateTime, Datelike, NaiveDate, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::prelude::*;

use super::calls::outcomes;
use super::percentile::Percentiles;
use super::query::Covered;
use super::retry::attempts;
use super::shifts::shifts;
use super::tally::Tally;
use super::{dashboard, scheduling, trends};
use crate::store::bucket_sums::BucketSums;
use crate::store::detail_sums::{DetailSums, InboundSums};
use crate::store::histogram::{BINS, Counts, TALK_BOUNDS_S, WAIT_BOUNDS_MS, bin_of};
use crate::store::rollups::bucket_of;
use crate::store::slice::ClockShift;

const ZONES: [Tz; 8] = [
    Tz::UTC,
    Tz::Asia__Kathmandu,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Apia,
    Tz::America__St_Johns,
    Tz::America__Chicago,
    Tz::Africa__Cairo,
    Tz::Africa__Casablanca,
];

fn covered(from: i64, days: i64, zone: Tz) -> Covered {
    let from = bucket_of(DateTime::from_timestamp(from, 0).unwrap());
    let to = from + TimeDelta::days(days);
    Covered { from, to, zone }
}

/// The offset that the shifts tell, as the database looks it up.
fn told(shifts: &[ClockShift], at: DateTime<Utc>) -> i32 {
    let later = shifts.windows(2).find(|pair| at < pair[1].from);
    later.map_or(shifts[shifts.len() - 1].offset_s, |pair| pair[0].offset_s)
}

/// A call: when it was begun, and which of completed, failed, busy, no answer, live it is.
type Call = (DateTime<Utc>, u8, bool, i64);

fn some_calls() -> impl Strategy<Value = Vec<Call>> {
    let call = (0..8 * 86_400_i64, 0..5_u8, any::<bool>(), 0..900_i64);
    (1_325_376_000..1_893_456_000_i64, vec(call, 0..60)).prop_map(|(begin, calls)| {
        let at = |s| DateTime::from_timestamp(begin + s, 0).unwrap();
        let call = |(s, how, good, talk_s)| (at(s), how, good, talk_s);
        calls.into_iter().map(call).collect()
    })
}

/// What the database answers: sums by the hour that the clock shows.
fn by_hour(calls: &[Call], zone: Tz) -> Vec<BucketSums> {
    let mut hours: Vec<BucketSums> = Vec::new();
    for (at, how, good, talk_s) in calls {
        let shown = bucket_of(*at).with_timezone(&zone).naive_local();
        let bucket = shown
            .date()
            .and_hms_opt(shown.hour(), 0, 0)
            .unwrap()
            .and_utc();
        let index = hours.iter().position(|sums| sums.bucket == bucket);
        let index = index.unwrap_or_else(|| {
            hours.push(BucketSums {
                bucket,
                ..BucketSums::default()
            });
            hours.len() - 1
        });
        let sums = &mut hours[index];
        sums.calls += 1;
        sums.completed += i64::from(*how == 0);
        sums.failed += i64::from(*how == 1);
        sums.busy += i64::from(*how == 2);
        sums.no_answer += i64::from(*how == 3);
        sums.successful += i64::from(*how == 0 && *good);
        sums.talk_s += if *how == 0 { *talk_s } else { 0 };
    }
    hours
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        (part as f64 * 1_000.0 / whole as f64).round() / 10.0
    }
}

proptest! {
    #[test]
    fn shifts_tell_the_clock_of_every_quarter(
        from in 1_325_376_000..1_893_456_000_i64, days in 1..370_i64, zone in 0..ZONES.len()
    ) {
        let covered = covered(from, days, ZONES[zone]);
        let shifts = shifts(&covered);
        prop_assert_eq!(shifts[0].from, covered.from);
        prop_assert!(shifts.is_sorted_by(|a, b| a.from < b.from));
        let mut at = covered.from;
        while at < covered.to {
            let offset = covered.zone.offset_from_utc_datetime(&at.naive_utc());
            prop_assert_eq!(told(&shifts, at), offset.fix().local_minus_utc(), "{}", at);
            at += TimeDelta::minutes(15);
        }
    }

    #[test]
    fn glances_and_trends_equal_a_recount_of_the_calls(calls in some_calls(), zone in 0..ZONES.len()) {
        let zone = ZONES[zone];
        let Some(first) = calls.iter().map(|call| call.0).min() else { return Ok(()) };
        let covered = covered(first.timestamp(), 9, zone);
        let tally = Tally::of(&by_hour(&calls, zone), &covered);
        let found = dashboard::figures(&tally, covered, 3);
        let count = |wanted: u8| calls.iter().filter(|call| call.1 == wanted).count() as i64;
        let good = calls.iter().filter(|call| call.1 == 0 && call.2).count();
        prop_assert_eq!(found.total, calls.len() as i64);
        prop_assert_eq!(found.completed, count(0));
        prop_assert_eq!(found.failed, count(1) + count(2) + count(3));
        prop_assert_eq!(found.in_progress, 3);
        prop_assert_eq!(found.success_rate, share(good, calls.len()));
        let talk_s: i64 = calls.iter().filter(|call| call.1 == 0).map(|call| call.3).sum();
        prop_assert_eq!(found.total_duration_s, talk_s);
        let shown = |at: &DateTime<Utc>| bucket_of(*at).with_timezone(&zone);
        for (hour, calls_then) in found.by_hour.iter().enumerate() {
            let then = calls.iter().filter(|call| shown(&call.0).hour() as usize == hour).count();
            prop_assert_eq!(*calls_then, then as i64);
        }
        let on = |day: NaiveDate| calls.iter().filter(|call| shown(&call.0).date_naive() == day).count() as i64;
        for (day, calls_then) in &found.by_day {
            prop_assert_eq!(*calls_then, on(*day));
        }
        prop_assert_eq!(found.by_day.iter().map(|day| day.1).sum::<i64>(), found.total);
        prop_assert!(found.by_day.windows(2).all(|pair| pair[0].0.succ_opt() == Some(pair[1].0)));
        let days = trends::days(&tally);
        prop_assert_eq!(days[0].calls.change, None);
        for pair in days.windows(2) {
            let (before, now) = (on(pair[0].date), on(pair[1].date));
            prop_assert_eq!(pair[1].calls.change, Some(now - before));
            let percent = pair[1].calls.change_percent;
            prop_assert_eq!(percent.is_some(), before > 0);
            if let Some(percent) = percent {
                let exact = (now - before) as f64 / before as f64 * 100.0;
                prop_assert!((percent - exact).abs() <= 0.05 + 1e-9);
            }
        }
        let week = scheduling::by_weekday(&tally);
        prop_assert!(week.is_sorted_by(|a, b| (a.0, a.1.hour) < (b.0, b.1.hour)));
        for (weekday, hour) in &week {
            let is_then = |at: &DateTime<Utc>| {
                let at = shown(at);
                at.hour() == hour.hour && at.weekday().number_from_monday() == u32::from(*weekday)
            };
            let then: Vec<&Call> = calls.iter().filter(|call| is_then(&call.0)).collect();
            let completed = then.iter().filter(|call| call.1 == 0).count();
            prop_assert_eq!(hour.calls, then.len() as i64);
            prop_assert_eq!(hour.answer_rate, share(completed, then.len()));
        }
        prop_assert_eq!(week.iter().map(|entry| entry.1.calls).sum::<i64>(), found.total);
    }

    #[test]
    fn a_percentile_lies_in_the_step_of_the_value_it_stands_for(values in vec(0..4_000_i64, 1..200)) {
        let mut values = values;
        values.sort_unstable();
        let mut counts: Counts = [0; BINS];
        for value in &values {
            counts[bin_of(&TALK_BOUNDS_S, *value)] += 1;
        }
        let found = Percentiles::of(&counts, &TALK_BOUNDS_S, 1.0).unwrap();
        for (share, told) in [(50, found.p50), (90, found.p90), (95, found.p95), (99, found.p99)] {
            let rank = (values.len() * share).div_ceil(100).max(1);
            let bin = bin_of(&TALK_BOUNDS_S, values[rank - 1]);
            let lower = bin.checked_sub(1).map_or(0, |below| TALK_BOUNDS_S[below]) as f64;
            let upper = TALK_BOUNDS_S.get(bin).map_or(lower, |bound| *bound as f64);
            prop_assert!(lower <= told && told <= upper, "{} of {:?}: {}", share, values, told);
        }
        prop_assert!(found.p50 <= found.p90 && found.p90 <= found.p95 && found.p95 <= found.p99);
    }

    #[test]
    fn attempts_add_up(found in vec((1..51_u32, 1..500_i64, 0..500_i64, 0..500_i64), 0..20)) {
        let mut sums: Vec<DetailSums> = Vec::new();
        for (number, calls, reached, back) in found {
            let key = number.to_string();
            let reached = reached.min(calls);
            if sums.iter().all(|known| known.key != key) {
                let reached_first = reached - back.min(reached);
                sums.push(DetailSums { key, calls, reached, reached_first, ..DetailSums::default() });
            }
        }
        let (list, retries, average) = attempts(&sums);
        prop_assert!(list.is_sorted_by(|a, b| a.number < b.number));
        let sum = |of: fn(&DetailSums) -> i64| sums.iter().map(of).sum::<i64>();
        prop_assert_eq!(list.iter().map(|entry| entry.calls).sum::<i64>(), sum(|sums| sums.calls));
        let first = list.iter().find(|entry| entry.number == 1).map_or(0, |entry| entry.calls);
        prop_assert_eq!(first + retries.calls, sum(|sums| sums.calls));
        let everybody: i64 = sum(|sums| sums.reached_first);
        prop_assert_eq!(average.is_some(), everybody > 0);
        if let (Some(average), Some(last)) = (average, list.last()) {
            let tries: i64 = list.iter().map(|entry| i64::from(entry.number) * entry.needed).sum();
            prop_assert!((average - tries as f64 / everybody as f64).abs() <= 0.005 + 1e-9);
            prop_assert_eq!(last.reached_so_far, 100.0);
        }
    }
}

#[test]
fn a_value_belongs_to_the_step_that_ends_above_it() {
    for (value, bin) in [
        (0, 0),
        (999, 0),
        (1_000, 1),
        (59_999, 10),
        (60_000, 11),
        (9_999_999, 11),
    ] {
        assert_eq!(bin_of(&WAIT_BOUNDS_MS, value), bin, "{value} ms");
    }
}

#[test]
fn percentiles_are_interpolated_and_end_with_the_last_bound() {
    let mut counts: Counts = [0; BINS];
    assert_eq!(Percentiles::of(&counts, &WAIT_BOUNDS_MS, 1_000.0), None);
    counts[2] = 100;
    let found = Percentiles::of(&counts, &WAIT_BOUNDS_MS, 1_000.0).unwrap();
    let expected = Percentiles {
        p50: 3.0,
        p90: 3.8,
        p95: 3.9,
        p99: 4.0,
    };
    assert_eq!(found, expected);
    counts[11] = 10_000;
    let found = Percentiles::of(&counts, &WAIT_BOUNDS_MS, 1_000.0).unwrap();
    assert_eq!((found.p50, found.p99), (60.0, 60.0));
}

#[test]
fn calls_outside_campaigns_are_no_attempts() {
    let single = DetailSums {
        key: "0".to_owned(),
        calls: 7,
        ..DetailSums::default()
    };
    let (list, retries, average) = attempts(&[single]);
    assert_eq!((list.len(), retries.calls, average), (0, 0, None));
}

#[test]
fn outcomes_exclude_each_other() {
    let all = BucketSums {
        calls: 25,
        completed: 12,
        failed: 2,
        busy: 3,
        no_answer: 4,
        voicemail: 4,
        ..BucketSums::default()
    };
    let detail = DetailSums {
        reached: 5,
        ..DetailSums::default()
    };
    let came_in = InboundSums {
        calls: 5,
        completed: 2,
        failed: 1,
        busy: 1,
        no_answer: 1,
    };
    let found = outcomes(&all, &came_in, &detail);
    assert_eq!(
        (found.answered, found.voicemail, found.without_agent),
        (5, 4, 1)
    );
    let ended = found.answered
        + found.voicemail
        + found.without_agent
        + found.busy
        + found.no_answer
        + found.failed;
    assert_eq!(ended, 10 + 1 + 2 + 3, "those that went out");
}
