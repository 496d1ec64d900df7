//! What comes after a call, by example.

mod whole_lives;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{
    Callback, CallbackPolicy, Due, Ended, Moment, Next, RetryPolicy, Tries, WISH_DAYS_MAX, Wish,
};
use crate::calendar::{Calendar, CalendarRules, parse_time_of_day};
use crate::outcome::{AnsweredBy, Outcome};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

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

/// Three attempts an hour apart, and two callbacks after half an hour.
fn policy() -> RetryPolicy {
    RetryPolicy {
        attempts_max: 3,
        delay: TimeDelta::minutes(60),
        callbacks: CallbackPolicy {
            enabled: true,
            attempts_max: 2,
            delay: TimeDelta::minutes(30),
        },
        retries_machines: true,
    }
}

fn made(attempts: u16, callbacks: u16) -> Tries {
    Tries {
        attempts,
        callbacks,
        was_callback: false,
    }
}

fn call_back(at: Option<DateTime<Utc>>) -> Wish {
    Wish {
        callback: Some(Callback { at }),
        ..Wish::default()
    }
}

/// What follows a call that ended at noon.
fn next(outcome: Outcome, wish: Wish, tries: Tries) -> Next {
    let calendar = office();
    let moment = Moment {
        ended_at: noon(),
        calendar: &calendar,
        zone: Tz::UTC,
    };
    policy().decide(outcome, wish, tries, moment)
}

const UNREACHED: [Outcome; 5] = [
    Outcome::Voicemail,
    Outcome::Busy,
    Outcome::NoAnswer,
    Outcome::Failed,
    Outcome::Canceled,
];

#[test]
fn a_contact_not_reached_is_tried_again_after_the_delay() {
    for outcome in UNREACHED {
        let expected = Next::Retry(utc("2026-08-21T13:00:00Z"));
        assert_eq!(
            next(outcome, Wish::default(), made(1, 0)),
            expected,
            "{outcome}"
        );
    }
}

#[test]
fn a_retry_that_would_fall_after_hours_waits_for_the_morning() {
    let calendar = office();
    let half_past_four = utc("2026-08-21T16:30:00Z");
    let moment = Moment {
        ended_at: half_past_four,
        calendar: &calendar,
        zone: Tz::UTC,
    };
    let next = policy().decide(Outcome::Busy, Wish::default(), made(1, 0), moment);
    assert_eq!(next, Next::Retry(utc("2026-08-22T09:00:00Z")));
}

#[test]
fn the_last_attempt_exhausts_the_contact() {
    for outcome in UNREACHED {
        assert_eq!(
            next(outcome, Wish::default(), made(3, 0)),
            Next::Exhausted,
            "{outcome}"
        );
    }
}

#[test]
fn a_calendar_that_does_not_open_again_exhausts_the_contact() {
    let end_date = Some(utc("2026-08-21T12:30:00Z"));
    let ending = Calendar::new(CalendarRules {
        end_date,
        ..CalendarRules::default()
    })
    .unwrap();
    let moment = Moment {
        ended_at: noon(),
        calendar: &ending,
        zone: Tz::UTC,
    };
    let next = policy().decide(Outcome::Busy, Wish::default(), made(1, 0), moment);
    assert_eq!(next, Next::Exhausted);
}

#[test]
fn an_answer_is_the_end_of_it_and_so_is_a_refused_number() {
    assert_eq!(
        next(Outcome::Answered, Wish::default(), made(1, 0)),
        Next::Done
    );
    assert_eq!(
        next(Outcome::Rejected, Wish::default(), made(1, 0)),
        Next::Never
    );
}

#[test]
fn a_wish_not_to_be_called_outranks_everything() {
    let wish = Wish {
        do_not_call: true,
        ..call_back(None)
    };
    for outcome in Outcome::ALL {
        assert_eq!(
            next(*outcome, wish, made(1, 0)),
            Next::DoNotCall,
            "{outcome}"
        );
    }
}

#[test]
fn a_wished_callback_comes_at_the_time_wished() {
    let three = utc("2026-08-21T15:00:00Z");
    let answered = next(Outcome::Answered, call_back(Some(three)), made(3, 0));
    assert_eq!(answered, Next::Callback(three));
}

#[test]
fn a_callback_without_a_time_comes_after_the_policys_delay() {
    let answered = next(Outcome::Answered, call_back(None), made(1, 0));
    assert_eq!(answered, Next::Callback(utc("2026-08-21T12:30:00Z")));
}

#[test]
fn a_time_in_the_past_or_beyond_belief_was_misheard() {
    let after_delay = Next::Callback(utc("2026-08-21T12:30:00Z"));
    for at in [
        noon() - TimeDelta::hours(20),
        noon(),
        noon() + TimeDelta::days(WISH_DAYS_MAX + 1),
    ] {
        assert_eq!(
            next(Outcome::Answered, call_back(Some(at)), made(1, 0)),
            after_delay,
            "{at}"
        );
    }
}

#[test]
fn a_callback_wished_at_night_comes_in_the_morning() {
    let night = utc("2026-08-22T03:00:00Z");
    let answered = next(Outcome::Answered, call_back(Some(night)), made(1, 0));
    assert_eq!(answered, Next::Callback(utc("2026-08-22T09:00:00Z")));
}

#[test]
fn callbacks_have_a_cap_of_their_own() {
    assert!(matches!(
        next(Outcome::Answered, call_back(None), made(4, 1)),
        Next::Callback(_)
    ));
    assert_eq!(
        next(Outcome::Answered, call_back(None), made(5, 2)),
        Next::Done
    );
}

#[test]
fn without_callbacks_a_wish_changes_nothing() {
    let calendar = office();
    let moment = Moment {
        ended_at: noon(),
        calendar: &calendar,
        zone: Tz::UTC,
    };
    let callbacks = CallbackPolicy {
        enabled: false,
        ..policy().callbacks
    };
    let policy = RetryPolicy {
        callbacks,
        ..policy()
    };
    let decide = |outcome| policy.decide(outcome, call_back(None), made(1, 0), moment);
    assert_eq!(decide(Outcome::Answered), Next::Done);
    assert_eq!(
        decide(Outcome::Busy),
        Next::Retry(utc("2026-08-21T13:00:00Z"))
    );
}

#[test]
fn a_callback_that_did_not_reach_the_person_is_owed() {
    // One callback made of two; not sooner than an ordinary attempt would be.
    let again = Next::Callback(utc("2026-08-21T13:00:00Z"));
    for outcome in UNREACHED {
        assert_eq!(
            next(outcome, Wish::default(), made(4, 1)),
            again,
            "{outcome}"
        );
    }
    assert_eq!(
        next(Outcome::Busy, Wish::default(), made(5, 2)),
        Next::Exhausted
    );
    let attempt_left = next(Outcome::Busy, Wish::default(), made(4, 2));
    assert_eq!(attempt_left, Next::Retry(utc("2026-08-21T13:00:00Z")));
}

#[test]
fn a_lost_call_is_due_again_at_once() {
    assert_eq!(
        next(Outcome::Lost, Wish::default(), made(0, 0)),
        Next::Retry(noon())
    );
    let was_callback = Tries {
        was_callback: true,
        ..made(3, 0)
    };
    assert_eq!(
        next(Outcome::Lost, Wish::default(), was_callback),
        Next::Callback(noon()),
        "a lost callback is owed as a callback"
    );
    assert_eq!(
        next(Outcome::Lost, Wish::default(), made(3, 0)),
        Next::Exhausted,
        "attempts that were taken back by a changed policy are not made up for by callbacks"
    );
}

#[test]
fn a_contact_is_called_as_what_it_waited_for_while_that_is_granted() {
    assert_eq!(policy().due(made(1, 0), false, None), Some(Due::Attempt));
    assert_eq!(policy().due(made(3, 0), false, None), None);
    for last in [Outcome::Answered, Outcome::Busy] {
        let due = policy().due(made(4, 1), true, Some(last));
        assert_eq!(due, Some(Due::Callback), "{last}");
    }
}

#[test]
fn an_owed_callback_that_is_no_longer_granted_is_an_attempt_where_nobody_was_reached() {
    let off = RetryPolicy {
        callbacks: CallbackPolicy {
            enabled: false,
            ..policy().callbacks
        },
        ..policy()
    };
    for outcome in UNREACHED {
        let due = off.due(made(2, 1), true, Some(outcome));
        assert_eq!(due, Some(Due::Attempt), "{outcome}");
        assert_eq!(off.due(made(4, 1), true, Some(outcome)), None, "{outcome}");
    }
    // Nobody was reached yet whose only calls were lost.
    assert_eq!(off.due(made(0, 0), true, None), Some(Due::Attempt));
    // Whoever was reached asked for a callback, and callbacks are off.
    assert_eq!(off.due(made(1, 0), true, Some(Outcome::Answered)), None);
    let once = RetryPolicy {
        retries_machines: false,
        ..off
    };
    assert_eq!(once.due(made(2, 1), true, Some(Outcome::Voicemail)), None);
}

#[test]
fn delays_beyond_all_time_exhaust_instead_of_panicking() {
    let calendar = Calendar::always();
    let moment = Moment {
        ended_at: noon(),
        calendar: &calendar,
        zone: Tz::UTC,
    };
    let patient = RetryPolicy {
        delay: TimeDelta::MAX,
        ..policy()
    };
    let next = patient.decide(Outcome::Busy, Wish::default(), made(1, 0), moment);
    assert_eq!(next, Next::Exhausted);
}

fn decided(policy: RetryPolicy, ended: impl Into<Ended>, wish: Wish, tries: Tries) -> Next {
    let calendar = Calendar::always();
    let moment = Moment {
        ended_at: noon(),
        calendar: &calendar,
        zone: Tz::UTC,
    };
    policy.decide(ended, wish, tries, moment)
}

#[test]
fn a_machine_ends_the_matter_where_the_policy_says_so_and_nothing_else_does() {
    let once = RetryPolicy {
        retries_machines: false,
        ..policy()
    };
    let decide = |outcome, wish, tries| decided(once, outcome, wish, tries);
    let none = Wish::default();
    let machine = Outcome::Voicemail;
    assert_eq!(decide(machine, none, made(1, 0)), Next::Exhausted);
    let in_an_hour = noon() + TimeDelta::minutes(60);
    let again = Next::Retry(in_an_hour);
    assert_eq!(decide(Outcome::NoAnswer, none, made(1, 0)), again);
    // Who asked to be called back is owed that, whoever picks up meanwhile.
    let owed = Next::Callback(in_an_hour);
    assert_eq!(decide(machine, none, made(2, 1)), owed);
    assert_eq!(decide(machine, none, made(3, 2)), Next::Exhausted);
    let asked = Next::Callback(noon() + TimeDelta::minutes(30));
    assert_eq!(decide(machine, call_back(None), made(1, 0)), asked);
}

#[test]
fn behind_a_fax_there_is_nobody_to_be_called_again() {
    let ended = |by| Ended {
        outcome: Outcome::Voicemail,
        by: Some(by),
    };
    let next = |by, wish| decided(policy(), ended(by), wish, made(1, 0));
    assert_eq!(next(AnsweredBy::Fax, Wish::default()), Next::Never);
    let again = Next::Retry(noon() + TimeDelta::minutes(60));
    assert_eq!(next(AnsweredBy::Machine, Wish::default()), again);
    // Somebody spoke: then it was none.
    let asked = Next::Callback(noon() + TimeDelta::minutes(30));
    assert_eq!(next(AnsweredBy::Fax, call_back(None)), asked);
}
