//! The rules by example; the numbers carry their reasons.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::{America, Asia, Pacific, Tz};

use super::{Calendar, CalendarError, CalendarRules, parse_time_of_day, parse_zone};

pub(super) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn hours(start: &str, end: &str) -> CalendarRules {
    CalendarRules {
        daily_start: Some(parse_time_of_day(start).unwrap()),
        daily_end: Some(parse_time_of_day(end).unwrap()),
        ..CalendarRules::default()
    }
}

pub(super) fn calendar(rules: CalendarRules) -> Calendar {
    Calendar::new(rules).unwrap()
}

/// Daily from `start` to `end`.
pub(super) fn daily(start: &str, end: &str) -> Calendar {
    calendar(hours(start, end))
}

#[test]
fn a_calendar_without_rules_is_always_open_and_never_closes() {
    let now = utc("2026-08-21T12:00:00Z");
    assert_eq!(calendar(CalendarRules::default()), Calendar::always());
    assert!(Calendar::always().is_open(Asia::Kolkata, now));
    assert_eq!(Calendar::always().next_open(Asia::Kolkata, now), Some(now));
    assert_eq!(Calendar::always().closes_at(Asia::Kolkata, now), None);
}

#[test]
fn a_window_includes_its_start_and_not_its_end() {
    let office = daily("09:00", "17:00"); // Kolkata is 5:30 ahead
    let is_open = |at| office.is_open(Asia::Kolkata, utc(at));
    assert!(!is_open("2026-08-21T03:29:59.999999999Z"));
    assert!(is_open("2026-08-21T03:30:00Z"));
    assert!(is_open("2026-08-21T11:29:59.999999999Z"));
    assert!(!is_open("2026-08-21T11:30:00Z"));
}

#[test]
fn what_is_closed_opens_at_the_next_start_and_what_is_open_closes_at_its_end() {
    let office = daily("09:00", "17:00");
    let evening = utc("2026-08-21T18:00:00.25Z"); // 23:30 in Kolkata
    let morning = utc("2026-08-22T03:30:00Z");
    assert_eq!(office.next_open(Asia::Kolkata, evening), Some(morning));
    assert_eq!(office.closes_at(Asia::Kolkata, evening), None);
    assert_eq!(office.next_open(Asia::Kolkata, morning), Some(morning));
    assert_eq!(
        office.closes_at(Asia::Kolkata, morning),
        Some(utc("2026-08-22T11:30:00Z"))
    );
}

#[test]
fn an_absent_start_is_midnight_and_an_absent_end_is_midnight() {
    let mornings = calendar(CalendarRules {
        daily_start: None,
        ..hours("00:00", "09:00")
    });
    let evenings = calendar(CalendarRules {
        daily_end: None,
        ..hours("18:00", "00:00")
    });
    assert_eq!(mornings, daily("00:00", "09:00"));
    assert_eq!(evenings, daily("18:00", "00:00"));
    let evening = utc("2026-08-21T19:00:00Z");
    assert_eq!(
        evenings.closes_at(Tz::UTC, evening),
        Some(utc("2026-08-22T00:00:00Z"))
    );
}

#[test]
fn equal_times_mean_the_whole_calendar_day() {
    let fridays = calendar(CalendarRules {
        days_of_week: Some(vec![5]),
        ..hours("09:00", "09:00")
    });
    let thursday = utc("2026-08-20T12:00:00Z");
    let opens = fridays.next_open(Tz::UTC, thursday).unwrap();
    assert_eq!(opens, utc("2026-08-21T00:00:00Z"));
    assert_eq!(
        fridays.closes_at(Tz::UTC, opens),
        Some(utc("2026-08-22T00:00:00Z"))
    );
}

#[test]
fn whole_days_in_a_row_are_one_window() {
    let weekdays = calendar(CalendarRules {
        days_of_week: Some(vec![1, 2, 3, 4, 5]),
        ..hours("00:00", "00:00")
    });
    let monday = utc("2026-08-17T08:00:00Z");
    assert_eq!(
        weekdays.closes_at(Tz::UTC, monday),
        Some(utc("2026-08-22T00:00:00Z"))
    );
}

#[test]
fn sunday_is_zero_and_seven_and_monday_is_one() {
    let on = |days: &[u8]| {
        calendar(CalendarRules {
            days_of_week: Some(days.to_vec()),
            ..hours("10:00", "11:00")
        })
    };
    assert_eq!(on(&[0]), on(&[7]));
    let saturday = utc("2026-08-22T12:00:00Z");
    assert_eq!(
        on(&[0]).next_open(Tz::UTC, saturday),
        Some(utc("2026-08-23T10:00:00Z"))
    );
    assert_eq!(
        on(&[1]).next_open(Tz::UTC, saturday),
        Some(utc("2026-08-24T10:00:00Z"))
    );
    assert_eq!(
        on(&[6]).next_open(Tz::UTC, saturday),
        Some(utc("2026-08-29T10:00:00Z"))
    );
}

#[test]
fn a_window_across_midnight_belongs_to_the_day_it_starts_on() {
    let friday_nights = calendar(CalendarRules {
        days_of_week: Some(vec![5]),
        ..hours("22:00", "02:00")
    });
    let is_open = |at| friday_nights.is_open(Tz::UTC, utc(at));
    assert!(!is_open("2026-08-21T01:00:00Z")); // the night of Thursday
    assert!(is_open("2026-08-21T22:00:00Z"));
    assert!(is_open("2026-08-22T01:59:59Z")); // Saturday by the clock, Friday's window
    assert!(!is_open("2026-08-22T22:00:00Z"));
    let closes = friday_nights.closes_at(Tz::UTC, utc("2026-08-21T23:00:00Z"));
    assert_eq!(closes, Some(utc("2026-08-22T02:00:00Z")));
}

#[test]
fn an_excluded_date_takes_its_own_night_and_leaves_the_one_before() {
    let nights = calendar(CalendarRules {
        exclude_dates: vec![date("2026-12-25")],
        ..hours("22:00", "02:00")
    });
    assert!(nights.is_open(Tz::UTC, utc("2026-12-25T01:00:00Z"))); // the night of the 24th
    assert!(!nights.is_open(Tz::UTC, utc("2026-12-25T23:00:00Z")));
    assert!(!nights.is_open(Tz::UTC, utc("2026-12-26T01:00:00Z")));
}

#[test]
fn an_excluded_date_is_one_of_the_zone_asked_for() {
    let not_on_christmas = calendar(CalendarRules {
        exclude_dates: vec![date("2026-12-25")],
        ..CalendarRules::default()
    });
    let christmas_in_kolkata = utc("2026-12-24T18:30:00Z"); // still the 24th in New York
    assert!(!not_on_christmas.is_open(Asia::Kolkata, christmas_in_kolkata));
    assert!(not_on_christmas.is_open(America::New_York, christmas_in_kolkata));
    let closes = not_on_christmas.closes_at(America::New_York, christmas_in_kolkata);
    assert_eq!(closes, Some(utc("2026-12-25T05:00:00Z")));
}

#[test]
fn a_calendar_that_never_opens_says_so() {
    let now = utc("2026-08-21T12:00:00Z");
    let no_day = calendar(CalendarRules {
        days_of_week: Some(vec![]),
        ..CalendarRules::default()
    });
    assert_eq!(no_day.next_open(Tz::UTC, now), None);
    assert!(!no_day.is_open(Tz::UTC, now));

    // The first day not excluded is 2036-08-28: its window opens an hour after the horizon.
    let now = utc("2026-08-21T08:00:00Z");
    let ten_years = date("2026-08-21").iter_days().take(3_660).collect();
    let excluded = calendar(CalendarRules {
        exclude_dates: ten_years,
        ..hours("09:00", "17:00")
    });
    assert_eq!(excluded.next_open(Tz::UTC, now), None);
}

#[test]
fn the_start_date_is_allowed_and_the_end_date_is_not() {
    let (start, end) = (utc("2026-08-21T10:00:00Z"), utc("2026-08-21T12:00:00Z"));
    let office = calendar(CalendarRules {
        start_date: Some(start),
        end_date: Some(end),
        ..hours("09:00", "17:00")
    });
    assert_eq!(
        office.next_open(Tz::UTC, utc("2026-08-01T00:00:00Z")),
        Some(start)
    );
    assert_eq!(office.closes_at(Tz::UTC, start), Some(end));
    assert!(office.is_open(Tz::UTC, end - TimeDelta::nanoseconds(1)));
    assert!(!office.is_open(Tz::UTC, end));
    assert_eq!(office.next_open(Tz::UTC, end), None);
    assert_eq!(
        (office.start_date(), office.end_date()),
        (Some(start), Some(end))
    );
}

#[test]
fn a_window_that_opens_after_the_end_date_does_not_open() {
    let end = utc("2026-08-21T09:00:00Z");
    let office = calendar(CalendarRules {
        end_date: Some(end),
        ..hours("09:00", "17:00")
    });
    assert_eq!(office.next_open(Tz::UTC, utc("2026-08-20T17:00:00Z")), None);
}

#[test]
fn a_leap_second_belongs_to_the_minute_it_ends() {
    let until_midnight = daily("12:00", "00:00");
    let leap = utc("2016-12-31T23:59:60.5Z");
    assert!(until_midnight.is_open(Tz::UTC, leap));
    assert_eq!(
        until_midnight.closes_at(Tz::UTC, leap),
        Some(utc("2017-01-01T00:00:00Z"))
    );
}

#[test]
fn the_ends_of_time_are_closed_and_do_not_panic() {
    for calendar in [
        Calendar::always(),
        daily("22:00", "02:00"),
        daily("09:00", "17:00"),
    ] {
        for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            for zone in [Tz::UTC, Pacific::Apia, America::New_York] {
                let _ = calendar.is_open(zone, at);
                let _ = calendar.next_open(zone, at);
                let _ = calendar.closes_at(zone, at);
            }
        }
    }
}

#[test]
fn wrong_rules_are_refused_with_a_sentence() {
    let weekday = Calendar::new(CalendarRules {
        days_of_week: Some(vec![1, 8]),
        ..hours("09:00", "17:00")
    });
    assert_eq!(
        weekday.unwrap_err().to_string(),
        "8 is not a day of the week; use 1 for Monday to 6 for Saturday, 0 or 7 for Sunday"
    );
    let noon = utc("2026-08-21T12:00:00Z");
    let reversed = Calendar::new(CalendarRules {
        start_date: Some(noon),
        end_date: Some(noon),
        ..CalendarRules::default()
    });
    assert_eq!(
        reversed,
        Err(CalendarError::EndsBeforeStart {
            start: noon,
            end: noon
        })
    );
    let dates = date("2026-08-21").iter_days().take(3_661).collect();
    let too_many = Calendar::new(CalendarRules {
        exclude_dates: dates,
        ..CalendarRules::default()
    });
    assert_eq!(
        too_many,
        Err(CalendarError::TooManyExcludedDates { count: 3_661 })
    );
}

#[test]
fn a_time_of_day_is_two_digits_a_colon_and_two_digits() {
    assert_eq!(parse_time_of_day("00:00"), Ok(NaiveTime::MIN));
    assert_eq!(
        parse_time_of_day("23:59"),
        Ok(NaiveTime::from_hms_opt(23, 59, 0).unwrap())
    );
    for wrong in [
        "", "9:00", "24:00", "12:60", "09:00:00", "+9:00", "0９:00", " 09:00", "9am",
    ] {
        let error = parse_time_of_day(wrong).unwrap_err().to_string();
        assert!(error.contains("HH:MM"), "{error}");
    }
}

#[test]
fn a_zone_that_was_nearly_right_is_named_in_the_error() {
    assert_eq!(parse_zone("Asia/Kolkata"), Ok(Asia::Kolkata));
    let hint = |text| parse_zone(text).unwrap_err().to_string();
    assert_eq!(
        hint("asia/kolkata"),
        "\"asia/kolkata\" is not a time zone; did you mean Asia/Kolkata?"
    );
    assert!(hint("new york").ends_with("did you mean America/New_York?"));
    assert!(
        hint("IST").ends_with("write an IANA name such as Asia/Kolkata, America/New_York or UTC")
    );
    assert!(hint(&"x".repeat(1_000)).len() < 200);
}
