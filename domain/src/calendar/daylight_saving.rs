//! Clocks that are set forward and back.

use chrono::TimeDelta;
use chrono_tz::{America, Australia, Europe, Pacific};

use super::CalendarRules;
use super::tests::{calendar, daily, date, hours, utc};

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
    // St. John's went back at 00:01 to 23:01 of the day before, which is excluded here.
    let not_on_saturday = calendar(CalendarRules {
        exclude_dates: vec![date("2010-11-06")],
        ..CalendarRules::default()
    });
    let sunday_begins = utc("2010-11-07T02:30:00Z");
    let saturday_again = utc("2010-11-07T02:31:00Z");
    let sunday_again = utc("2010-11-07T03:30:00Z");
    let next_open = |after| not_on_saturday.next_open(America::St_Johns, after);
    assert_eq!(next_open(utc("2010-11-06T12:00:00Z")), Some(sunday_begins));
    let closes = not_on_saturday.closes_at(America::St_Johns, sunday_begins);
    assert_eq!(closes, Some(saturday_again));
    assert_eq!(next_open(saturday_again), Some(sunday_again));
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
