//! Every condition, alone and with all the others.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::{Snapshot, Verdict, Why, verdict};
use crate::calendar::{Calendar, CalendarRules, parse_time_of_day};
use crate::lifecycle::Status;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A Friday, inside the hours of [`office`].
fn noon() -> DateTime<Utc> {
    utc("2026-08-21T12:00:00Z")
}

fn office() -> Calendar {
    let rules = CalendarRules {
        daily_start: parse_time_of_day("09:00").ok(),
        daily_end: parse_time_of_day("17:00").ok(),
        ..CalendarRules::default()
    };
    Calendar::new(rules).unwrap()
}

fn closed_for_ever() -> Calendar {
    let rules = CalendarRules {
        days_of_week: Some(vec![]),
        ..CalendarRules::default()
    };
    Calendar::new(rules).unwrap()
}

/// Nothing speaks against dialling at [`noon`].
fn good(calendar: &Calendar) -> Snapshot<'_> {
    Snapshot {
        campaign: Status::Active,
        calendar,
        zone: Tz::UTC,
        is_awaited: true,
        is_suppressed: false,
        is_in_call: false,
        held_back_until: None,
        has_attempt: true,
        not_before: None,
        not_after: noon(),
        live: 4,
        limit: 5,
    }
}

fn returned(until: DateTime<Utc>, why: Why) -> Verdict {
    Verdict::Return { until, why }
}

#[test]
fn a_contact_with_nothing_against_it_is_dialled() {
    assert_eq!(verdict(&good(&office()), noon()), Verdict::Dial);
}

#[test]
fn a_job_for_a_contact_that_moved_on_is_stale_whatever_else_is_wrong() {
    let closed = closed_for_ever();
    let moved_on = Snapshot {
        is_awaited: false,
        is_suppressed: true,
        ..good(&closed)
    };
    assert_eq!(verdict(&moved_on, noon()), Verdict::Stale);
}

#[test]
fn a_suppressed_number_is_dropped_even_while_the_campaign_is_paused() {
    let office = office();
    let suppressed = Snapshot {
        is_suppressed: true,
        campaign: Status::Paused,
        ..good(&office)
    };
    assert_eq!(verdict(&suppressed, noon()), Verdict::Drop(Why::Suppressed));
}

#[test]
fn only_an_active_campaign_dials() {
    let office = office();
    for &campaign in Status::ALL
        .iter()
        .filter(|status| **status != Status::Active)
    {
        let inactive = Snapshot {
            campaign,
            has_attempt: false,
            ..good(&office)
        };
        let expected = returned(noon(), Why::CampaignNotActive);
        assert_eq!(verdict(&inactive, noon()), expected, "{campaign}");
    }
}

#[test]
fn a_contact_whose_delay_has_not_passed_waits_for_the_next_open_instant_after_it() {
    let (office, always) = (office(), Calendar::always());
    let at = |calendar, not_before| Snapshot {
        not_before: Some(not_before),
        ..good(calendar)
    };
    let soon = noon() + TimeDelta::minutes(5);
    let verdict_at = |calendar, not_before| verdict(&at(calendar, not_before), noon());
    assert_eq!(verdict_at(&office, soon), returned(soon, Why::TooSoon));
    assert_eq!(verdict_at(&office, noon()), Verdict::Dial);
    let night = noon() + TimeDelta::hours(9);
    assert_eq!(verdict_at(&always, night), returned(night, Why::TooSoon));
    let morning = office.next_open(Tz::UTC, night).unwrap();
    assert!(morning > night);
    assert_eq!(verdict_at(&office, night), returned(morning, Why::TooSoon));
}

#[test]
fn a_contact_without_an_attempt_left_is_dropped() {
    let office = office();
    let spent = Snapshot {
        has_attempt: false,
        ..good(&office)
    };
    assert_eq!(verdict(&spent, noon()), Verdict::Drop(Why::NoAttemptLeft));
}

#[test]
fn outside_the_window_a_contact_waits_for_the_next_one() {
    let office = office();
    let evening = utc("2026-08-21T17:00:00Z");
    let expected = returned(utc("2026-08-22T09:00:00Z"), Why::OutsideWindow);
    assert_eq!(verdict(&good(&office), evening), expected);
}

#[test]
fn the_window_is_judged_in_the_zone_of_the_contact() {
    let office = office();
    let in_new_york = Snapshot {
        zone: Tz::America__New_York,
        ..good(&office)
    };
    let expected = returned(utc("2026-08-21T13:00:00Z"), Why::OutsideWindow); // 09:00 there
    assert_eq!(verdict(&in_new_york, noon()), expected);
}

#[test]
fn a_calendar_that_never_opens_again_drops_the_contact() {
    let closed = closed_for_ever();
    assert_eq!(
        verdict(&good(&closed), noon()),
        Verdict::Drop(Why::NeverOpensAgain)
    );
}

#[test]
fn whoever_is_in_another_call_is_left_alone_for_a_while() {
    let office = office();
    let talking = Snapshot {
        is_in_call: true,
        ..good(&office)
    };
    let expected = returned(noon() + TimeDelta::seconds(30), Why::InCall);
    assert_eq!(verdict(&talking, noon()), expected);
}

#[test]
fn while_the_carrier_is_left_alone_a_contact_waits_whether_or_not_a_slot_is_free() {
    let office = office();
    let until = noon() + TimeDelta::seconds(20);
    for live in [4, 5] {
        let held_back = Snapshot {
            held_back_until: Some(until),
            live,
            ..good(&office)
        };
        let expected = returned(until, Why::HeldBack);
        assert_eq!(verdict(&held_back, noon()), expected, "{live} of 5");
    }
    let no_more = Snapshot {
        held_back_until: Some(noon()),
        ..good(&office)
    };
    assert_eq!(verdict(&no_more, noon()), Verdict::Dial);
}

#[test]
fn a_job_older_than_its_permission_goes_back() {
    let office = office();
    let late = Snapshot {
        not_after: noon() - TimeDelta::nanoseconds(1),
        ..good(&office)
    };
    assert_eq!(verdict(&late, noon()), returned(noon(), Why::TooLate));
}

#[test]
fn a_full_campaign_sends_the_contact_back() {
    let office = office();
    for (live, limit) in [(5, 5), (6, 5), (0, 0)] {
        let full = Snapshot {
            live,
            limit,
            ..good(&office)
        };
        assert_eq!(
            verdict(&full, noon()),
            returned(noon(), Why::NoFreeSlot),
            "{live} of {limit}"
        );
    }
}

/// All combinations of the conditions: 2 × 2 × 2 × 6 × 2 × 2 × 3 × 3 × 3.
fn combinations() -> impl Iterator<Item = (Snapshot<'static>, DateTime<Utc>)> {
    static CALENDARS: std::sync::LazyLock<[Calendar; 3]> =
        std::sync::LazyLock::new(|| [office(), closed_for_ever(), Calendar::always()]);
    let now = utc("2026-08-21T20:00:00Z"); // the office is closed
    let booleans = [false, true];
    let flags = booleans.into_iter().flat_map(move |a| {
        booleans
            .into_iter()
            .flat_map(move |b| booleans.into_iter().map(move |c| (a, b, c)))
    });
    let flags = flags.flat_map(move |flags| booleans.into_iter().map(move |d| (flags, d)));
    let held = [None, Some(now + TimeDelta::seconds(1))];
    let flags = flags.flat_map(move |flags| held.into_iter().map(move |until| (flags, until)));
    flags.flat_map(
        move |(((is_awaited, is_suppressed, has_attempt), is_in_call), held_back_until)| {
            let rest = Status::ALL.iter().flat_map(move |campaign| {
                CALENDARS.iter().flat_map(move |calendar| {
                    (-1..=1).flat_map(move |late| {
                        (4..=6).map(move |live| (campaign, calendar, late, live))
                    })
                })
            });
            rest.map(move |(campaign, calendar, late, live)| {
                let snapshot = Snapshot {
                    campaign: *campaign,
                    is_awaited,
                    is_suppressed,
                    is_in_call,
                    held_back_until,
                    has_attempt,
                    not_after: now + TimeDelta::seconds(late),
                    live,
                    ..good(calendar)
                };
                (snapshot, now)
            })
        },
    )
}

#[test]
fn a_call_begins_only_where_every_condition_holds() {
    let mut dialled = 0;
    for (s, now) in combinations() {
        let holds = s.is_awaited
            && !s.is_suppressed
            && !s.is_in_call
            && s.held_back_until.is_none()
            && s.campaign == Status::Active
            && s.has_attempt
            && s.calendar.is_open(s.zone, now)
            && now <= s.not_after
            && s.live < s.limit;
        assert_eq!(verdict(&s, now) == Verdict::Dial, holds, "{s:?}");
        dialled += u32::from(holds);
    }
    assert_eq!(dialled, 2); // always open, not late or just in time, four of five slots taken
}

#[test]
fn a_contact_is_dropped_only_for_what_cannot_change_back() {
    for (s, now) in combinations() {
        match verdict(&s, now) {
            Verdict::Drop(Why::Suppressed) => assert!(s.is_suppressed),
            Verdict::Drop(Why::NoAttemptLeft) => assert!(!s.has_attempt),
            Verdict::Drop(Why::NeverOpensAgain) => {
                assert_eq!(s.calendar.next_open(s.zone, now), None);
            }
            Verdict::Drop(why) => panic!("dropped because {}", why.as_str()),
            Verdict::Return { until, .. } => assert!(until >= now),
            Verdict::Dial | Verdict::Stale => {}
        }
    }
}

proptest! {
    #[test]
    fn at_any_time_a_call_begins_inside_the_window_and_waits_for_it_otherwise(
        minute in 0i64..60 * 24 * 14, zone in prop::sample::select(&chrono_tz::TZ_VARIANTS[..]),
    ) {
        let office = office();
        let now = noon() + TimeDelta::minutes(minute);
        let s = Snapshot { zone, not_after: now, ..good(&office) };
        match verdict(&s, now) {
            Verdict::Dial => prop_assert!(office.is_open(zone, now)),
            Verdict::Return { until, why: Why::OutsideWindow } => {
                prop_assert!(until > now && office.is_open(zone, until));
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
