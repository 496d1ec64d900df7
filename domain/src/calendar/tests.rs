//! The rules by example; the numbers carry their reasons.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::{America, Asia, Atlantic, Australia, Europe, Pacific, Tz};

use super::{Calendar, CalendarError, CalendarRules, parse_time_of_day, parse_zone};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn hours(start: &str, end: &str) -> CalendarRules {
    CalendarRules {
        daily_start: Some(parse_time_of_day(start).unwrap()),
        daily_end: Some(parse_time_of_day(end).unwrap()),
        ..CalendarRules::default()
    }
}

fn calendar(rules: CalendarRules) -> Calendar {
    Calendar::new(rules).unwrap()
}

/// Daily from `start` to `end`.
fn daily(start: &str, end: &str) -> Calendar {
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
fn a_start_in_the_spring_gap_opens_when_the_gap_ends() {
    let early = daily("02:30", "05:00");
    let midnight = utc("2026-03-08T05:00:00Z"); // 00:00 in New York; 02:00 to 03:00 does not exist
    let gap_ends = utc("2026-03-08T07:00:00Z"); // 03:00
    assert_eq!(early.next_open(America::New_York, midnight), Some(gap_ends));
    assert_eq!(
        early.closes_at(America::New_York, gap_ends),
        Some(utc("2026-03-08T09:00:00Z"))
    );
}

#[test]
fn a_window_inside_the_spring_gap_does_not_open_that_day() {
    let in_the_gap = daily("02:10", "02:50");
    let midnight = utc("2026-03-08T05:00:00Z");
    let next_day = utc("2026-03-09T06:10:00Z"); // 02:10, now four hours behind
    assert_eq!(
        in_the_gap.next_open(America::New_York, midnight),
        Some(next_day)
    );
}

#[test]
fn an_end_in_the_spring_gap_closes_when_the_gap_begins() {
    let night = daily("00:00", "02:30");
    let midnight = utc("2026-03-29T23:00:00Z") - TimeDelta::days(1); // Berlin, 01:00 UTC is 02:00, then 03:00
    assert_eq!(
        night.closes_at(Europe::Berlin, midnight),
        Some(utc("2026-03-29T01:00:00Z"))
    );
}

#[test]
fn a_start_that_occurs_twice_opens_at_the_first() {
    let early = daily("01:30", "05:00");
    let midnight = utc("2026-11-01T04:00:00Z"); // New York; 01:00 to 02:00 is shown twice
    let first = utc("2026-11-01T05:30:00Z");
    assert_eq!(early.next_open(America::New_York, midnight), Some(first));
    // At 06:00Z the clock goes back to 01:00, before the start, and passes 01:30 again.
    assert_eq!(
        early.closes_at(America::New_York, first),
        Some(utc("2026-11-01T06:00:00Z"))
    );
    let second = utc("2026-11-01T06:30:00Z");
    assert_eq!(
        early.next_open(America::New_York, utc("2026-11-01T06:00:00Z")),
        Some(second)
    );
    assert_eq!(
        early.closes_at(America::New_York, second),
        Some(utc("2026-11-01T10:00:00Z"))
    );
}

#[test]
fn an_end_that_occurs_twice_closes_twice() {
    let night = daily("00:00", "01:30");
    let midnight = utc("2026-11-01T04:00:00Z");
    let first = utc("2026-11-01T05:30:00Z");
    assert_eq!(night.closes_at(America::New_York, midnight), Some(first));
    let clock_back = utc("2026-11-01T06:00:00Z"); // 01:00 again, inside the window
    assert_eq!(night.next_open(America::New_York, first), Some(clock_back));
    let second = utc("2026-11-01T06:30:00Z");
    assert_eq!(night.closes_at(America::New_York, clock_back), Some(second));
}

#[test]
fn both_passes_of_a_time_inside_the_window_are_open() {
    let office = daily("00:00", "17:00");
    for pass in ["2026-11-01T05:45:00Z", "2026-11-01T06:45:00Z"] {
        assert!(
            office.is_open(America::New_York, utc(pass)),
            "{pass} is 01:45"
        );
    }
    let closes = office.closes_at(America::New_York, utc("2026-11-01T04:00:00Z"));
    assert_eq!(closes, Some(utc("2026-11-01T22:00:00Z"))); // 18 hours for 17 on the clock
}

#[test]
fn half_an_hour_of_daylight_saving_is_seen() {
    let early = daily("02:15", "04:00"); // Lord Howe skips 02:00 to 02:30 on the first Sunday of October
    let opens = early.next_open(Australia::Lord_Howe, utc("2026-10-03T15:00:00Z"));
    assert_eq!(opens, Some(utc("2026-10-03T15:30:00Z")));
}

#[test]
fn a_midnight_that_does_not_exist_opens_when_the_day_begins() {
    let all_day = calendar(CalendarRules {
        days_of_week: Some(vec![7]),
        ..CalendarRules::default()
    });
    let saturday = utc("2018-11-03T12:00:00Z"); // Sao Paulo skipped 00:00 to 01:00 on 2018-11-04
    let opens = all_day.next_open(America::Sao_Paulo, saturday);
    assert_eq!(opens, Some(utc("2018-11-04T03:00:00Z")));
}

#[test]
fn a_clock_set_back_over_midnight_returns_to_the_day_before() {
    // The Azores go back at 01:00 to 00:00; from 1992 to 1993 Lisbon kept Brussels' hours and they went back to 23:00.
    let rules = CalendarRules {
        exclude_dates: vec![date("2026-10-24")],
        ..CalendarRules::default()
    };
    let saturday_closed = calendar(rules);
    let sunday = utc("2026-10-25T00:00:00Z"); // 00:00 in the Azores, one hour before the change
    assert!(saturday_closed.is_open(Atlantic::Azores, sunday));
    let havana = calendar(CalendarRules {
        exclude_dates: vec![date("2026-10-31")],
        ..CalendarRules::default()
    });
    assert!(havana.is_open(America::Havana, utc("2026-11-01T04:00:00Z")));
}

#[test]
fn a_date_that_the_zone_skips_has_no_window() {
    // Samoa went from Thursday 2011-12-29 24:00, UTC-10, to Saturday 2011-12-31 00:00, UTC+14.
    let fridays = calendar(CalendarRules {
        days_of_week: Some(vec![5]),
        ..hours("09:00", "17:00")
    });
    let thursday = utc("2011-12-29T23:00:00Z");
    let next_friday = utc("2012-01-05T19:00:00Z"); // 09:00 on 2012-01-06
    assert_eq!(
        fridays.next_open(Pacific::Apia, thursday),
        Some(next_friday)
    );

    let daily = daily("09:00", "17:00");
    let thursday_evening = utc("2011-12-30T05:00:00Z"); // 19:00
    let saturday_morning = utc("2011-12-30T19:00:00Z");
    assert_eq!(
        daily.next_open(Pacific::Apia, thursday_evening),
        Some(saturday_morning)
    );
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
