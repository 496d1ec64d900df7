//! Calendars: whatever the rules, what opens is open, what closes is closed, and both within the horizon.
#![no_main]

use arbitrary::Arbitrary;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::calendar::{Calendar, CalendarRules, HORIZON_DAYS, parse_time_of_day, parse_zone};
use libfuzzer_sys::fuzz_target;

/// A configuration as requests have it.
#[derive(Arbitrary, Debug)]
struct Input<'a> {
    zone: &'a str,
    daily_start: Option<&'a str>,
    daily_end: Option<(u8, u8)>,
    days_of_week: Option<Vec<u8>>,
    exclude_days: Vec<u16>,
    start: Option<u32>,
    end: Option<u32>,
    at: u32,
}

/// From 1970 on, for 136 years.
fn instant(unix_s: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(unix_s.into(), 0).expect("an instant")
}

fuzz_target!(|input: Input<'_>| {
    let zone: Tz = match parse_zone(input.zone) {
        Ok(zone) => zone,
        Err(error) => {
            assert!(error.to_string().len() < 400, "{error}");
            // Half of all inputs are about daylight saving.
            if input.at % 2 == 0 {
                chrono_tz::Europe::Berlin
            } else {
                chrono_tz::Australia::Lord_Howe
            }
        }
    };
    let read = |text: &str| {
        let time = parse_time_of_day(text).ok()?;
        assert_eq!(time.format("%H:%M").to_string(), text);
        Some(time)
    };
    let first = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day");
    let daily_end = input
        .daily_end
        .map(|(h, m)| format!("{:02}:{:02}", h % 30, m % 70));
    let rules = CalendarRules {
        daily_start: input.daily_start.and_then(read),
        daily_end: daily_end.as_deref().and_then(read),
        days_of_week: input.days_of_week,
        exclude_dates: input
            .exclude_days
            .iter()
            .map(|day| first + TimeDelta::days((*day).into()))
            .collect(),
        start_date: input.start.map(instant),
        end_date: input.end.map(instant),
    };
    let Ok(calendar) = Calendar::new(rules.clone()) else {
        return;
    };
    let at = instant(input.at);
    if let Some(opens) = calendar.next_open(zone, at) {
        assert!(opens >= at && calendar.is_open(zone, opens));
        assert!(rules.start_date.is_none_or(|start| opens >= start));
        assert!(rules.end_date.is_none_or(|end| opens < end));
        let from = rules.start_date.map_or(at, |start| start.max(at));
        assert!(opens - from <= TimeDelta::days(HORIZON_DAYS + 2), "{opens}");
        if opens > at {
            assert!(!calendar.is_open(zone, opens - TimeDelta::nanoseconds(1)));
        }
        if let Some(closes) = calendar.closes_at(zone, opens) {
            assert!(closes > opens);
            assert!(!calendar.is_open(zone, closes));
            assert!(calendar.is_open(zone, closes - TimeDelta::nanoseconds(1)));
        }
    } else {
        assert!(!calendar.is_open(zone, at));
    }
});
