//! The calendar against a walk over the minutes: slow, obvious, and written without a look at the calendar's own code.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{Africa, America, Asia, Australia, Europe, Pacific, Tz};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{Calendar, CalendarRules};

/// Samoa skips a day, Morocco has four changes a year, Brazil still saves daylight.
static WALK_BEGINS: LazyLock<DateTime<Utc>> =
    LazyLock::new(|| Utc.with_ymd_and_hms(2011, 1, 1, 0, 0, 0).unwrap());
const WALK_MINUTES: i64 = 2 * 365 * 24 * 60;

const ZONES: [Tz; 10] = [
    Asia::Kolkata,
    Australia::Lord_Howe,
    America::Sao_Paulo,
    Africa::Casablanca,
    America::New_York,
    Europe::Berlin,
    Asia::Kathmandu,
    Pacific::Apia,
    Pacific::Chatham,
    America::St_Johns,
];

/// The definition of open, word by word: the clock shows a time inside the window of an allowed day.
fn is_open_by_definition(rules: &CalendarRules, shown: NaiveDateTime, at: DateTime<Utc>) -> bool {
    let today = shown.date();
    rules.start_date.is_none_or(|start| at >= start)
        && rules.end_date.is_none_or(|end| at < end)
        && [today, today.pred_opt().unwrap()].into_iter().any(|day| {
            let (from, to) = window_on(rules, day);
            is_allowed(rules, day) && from <= shown && shown < to
        })
}

fn window_on(rules: &CalendarRules, day: NaiveDate) -> (NaiveDateTime, NaiveDateTime) {
    let midnight = day.and_time(NaiveTime::MIN);
    let next_midnight = midnight + TimeDelta::days(1);
    let from = rules
        .daily_start
        .map_or(midnight, |time| day.and_time(time));
    let to = rules
        .daily_end
        .map_or(next_midnight, |time| day.and_time(time));
    match from.cmp(&to) {
        std::cmp::Ordering::Less => (from, to),
        std::cmp::Ordering::Equal => (midnight, next_midnight),
        std::cmp::Ordering::Greater => (from, to + TimeDelta::days(1)),
    }
}

fn is_allowed(rules: &CalendarRules, day: NaiveDate) -> bool {
    let number = u8::try_from(day.weekday().number_from_monday()).unwrap();
    let is_weekday = rules.days_of_week.as_ref().is_none_or(|days| {
        days.iter()
            .any(|day| *day == number || (*day == 0 && number == 7))
    });
    is_weekday && !rules.exclude_dates.contains(&day)
}

fn times() -> impl Strategy<Value = Option<NaiveTime>> {
    // Half of the times near the hours at which clocks are changed.
    let minutes = prop_oneof![0u32..1_440, 0u32..200, 1_380u32..1_440];
    prop::option::weighted(
        0.9,
        minutes.prop_map(|m| NaiveTime::from_hms_opt(m / 60, m % 60, 0).unwrap()),
    )
}

fn rules() -> impl Strategy<Value = CalendarRules> {
    let minute = (0..WALK_MINUTES).prop_map(|m| *WALK_BEGINS + TimeDelta::minutes(m));
    let date = minute.clone().prop_map(|at| at.date_naive());
    let days = prop::option::of(prop::collection::vec(0u8..=7, 0..6));
    let dates = prop::option::weighted(0.2, (minute.clone(), minute));
    (
        times(),
        times(),
        days,
        prop::collection::vec(date, 0..40),
        dates,
    )
        .prop_map(
            |(daily_start, daily_end, days_of_week, exclude_dates, dates)| {
                let dates = dates
                    .filter(|(a, b)| a != b)
                    .map(|(a, b)| (a.min(b), a.max(b)));
                CalendarRules {
                    daily_start,
                    daily_end,
                    days_of_week,
                    exclude_dates,
                    start_date: dates.map(|d| d.0),
                    end_date: dates.map(|d| d.1),
                }
            },
        )
}

/// Every minute of two years with what the clock shows.
fn minutes_of(zone: Tz) -> Vec<(DateTime<Utc>, NaiveDateTime)> {
    (0..WALK_MINUTES)
        .map(|minute| *WALK_BEGINS + TimeDelta::minutes(minute))
        .map(|at| (at, at.with_timezone(&zone).naive_local()))
        .collect()
}

/// Holds the calendar against the walk: each minute by itself, and the borders between open and closed minutes.
fn agrees_with_the_walk(
    zone: Tz,
    minutes: &[(DateTime<Utc>, NaiveDateTime)],
    rules: &CalendarRules,
) -> Result<(), TestCaseError> {
    let calendar = Calendar::new(rules.clone()).unwrap();
    let walk = minutes
        .iter()
        .map(|(at, shown)| is_open_by_definition(rules, *shown, *at));
    let walk: Vec<bool> = walk.collect();
    for ((at, _), is_open) in minutes.iter().zip(&walk) {
        prop_assert_eq!(calendar.is_open(zone, *at), *is_open, "at {}", at);
    }
    let mut first = 0;
    for run in walk.chunk_by(|a, b| a == b) {
        let (begins, after) = (minutes[first].0, first + run.len());
        first = after;
        let Some((ends, _)) = minutes.get(after) else {
            break;
        };
        let almost = *ends - TimeDelta::nanoseconds(1);
        for at in [begins, begins + (*ends - begins) / 3, almost] {
            let (opens, closes) = if run[0] {
                (Some(at), Some(*ends))
            } else {
                (Some(*ends), None)
            };
            prop_assert_eq!(calendar.next_open(zone, at), opens, "next_open({})", at);
            prop_assert_eq!(calendar.closes_at(zone, at), closes, "closes_at({})", at);
        }
    }
    Ok(())
}

fn walk_two_years(zone: Tz) {
    let minutes = minutes_of(zone);
    let config = Config {
        cases: 2,
        failure_persistence: None,
        ..Config::default()
    };
    let walked = TestRunner::new(config).run(&rules(), |rules| {
        agrees_with_the_walk(zone, &minutes, &rules)
    });
    walked.unwrap_or_else(|failure| panic!("{zone}: {failure}"));
}

#[test]
fn two_years_of_minutes_agree_in_the_first_five_zones() {
    ZONES[..5].iter().copied().for_each(walk_two_years);
}

#[test]
fn two_years_of_minutes_agree_in_the_other_five_zones() {
    ZONES[5..].iter().copied().for_each(walk_two_years);
}

/// The calendar rests on this: see `LOOK_AHEAD`.
#[test]
fn offsets_never_change_twice_within_four_days() {
    let hours = |step: usize| (0i64..60 * 365 * 24).step_by(step);
    for zone in ZONES {
        let epoch = DateTime::<Utc>::UNIX_EPOCH;
        let offset = |hour: i64| {
            let at = epoch + TimeDelta::hours(hour);
            at.with_timezone(&zone).naive_local() - at.naive_utc()
        };
        let mut last_change = None;
        for hour in hours(6) {
            if offset(hour) != offset(hour + 6) {
                assert!(
                    last_change.is_none_or(|last| hour - last > 4 * 24),
                    "{zone}, hour {hour}"
                );
                last_change = Some(hour);
            }
        }
    }
}

/// Instants of the walk's years, not on whole minutes.
fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    (0..WALK_MINUTES * 60, 0i64..1_000_000_000)
        .prop_map(|(s, ns)| *WALK_BEGINS + TimeDelta::seconds(s) + TimeDelta::nanoseconds(ns))
}

/// The whole minutes after `from` and before `to`, at most three days of them at either end.
fn minutes_between(from: DateTime<Utc>, to: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    const DAYS_3: usize = 3 * 24 * 60;
    let first = from.timestamp().div_euclid(60) + 1;
    let last = (to - TimeDelta::nanoseconds(1)).timestamp().div_euclid(60);
    let near_end = (first..=last).rev().take(DAYS_3);
    (first..=last)
        .take(DAYS_3)
        .chain(near_end)
        .map(|m| DateTime::from_timestamp(m * 60, 0).unwrap())
}

proptest! {
    #![proptest_config(Config { cases: 128, ..Config::default() })]

    #[test]
    fn what_next_open_returns_is_open_and_nothing_before_it_is(
        rules in rules(), zone in prop::sample::select(&ZONES[..]), after in instants(),
    ) {
        let calendar = Calendar::new(rules).unwrap();
        let opens = calendar.next_open(zone, after);
        if let Some(opens) = opens {
            prop_assert!(opens >= after);
            prop_assert!(calendar.is_open(zone, opens));
        }
        prop_assert_eq!(calendar.is_open(zone, after), opens == Some(after));
        let searched = opens.unwrap_or(after + TimeDelta::days(30));
        for between in minutes_between(after, searched) {
            prop_assert!(!calendar.is_open(zone, between), "{} is open", between);
        }
    }

    #[test]
    fn what_closes_at_returns_is_closed_and_nothing_before_it_is(
        rules in rules(), zone in prop::sample::select(&ZONES[..]), at in instants(),
    ) {
        let calendar = Calendar::new(rules).unwrap();
        let Some(at) = calendar.next_open(zone, at) else { return Ok(()) };
        let closes = calendar.closes_at(zone, at);
        if let Some(closes) = closes {
            prop_assert!(closes > at);
            prop_assert!(!calendar.is_open(zone, closes));
        }
        let searched = closes.unwrap_or(at + TimeDelta::days(30));
        for between in minutes_between(at, searched) {
            prop_assert!(calendar.is_open(zone, between), "{} is closed", between);
        }
    }
}
