//! What comes after every call of a contact's whole life.

use chrono::TimeDelta;
use chrono_tz::Tz;
use proptest::prelude::*;

use super::{call_back, made, noon};
use crate::calendar::{Calendar, CalendarRules, parse_time_of_day};
use crate::outcome::Outcome;
use crate::retry::{CallbackPolicy, Moment, Next, RetryPolicy, Tries, Wish};

fn policies() -> impl Strategy<Value = RetryPolicy> {
    let callbacks = (any::<bool>(), 0u16..=3, 0i64..3_000);
    (1u16..=5, 0i64..3_000, callbacks, any::<bool>()).prop_map(
        |(attempts_max, delay, (enabled, callbacks_max, callback_delay), retries_machines)| {
            RetryPolicy {
                attempts_max,
                delay: TimeDelta::minutes(delay),
                callbacks: CallbackPolicy {
                    enabled,
                    attempts_max: callbacks_max,
                    delay: TimeDelta::minutes(callback_delay),
                },
                retries_machines,
            }
        },
    )
}

fn calendars() -> impl Strategy<Value = Calendar> {
    let time = prop::sample::select(vec!["00:00", "08:30", "09:00", "17:00", "23:15"]);
    (time.clone(), time, prop::collection::vec(0u8..=7, 1..5)).prop_map(|(start, end, days)| {
        let rules = CalendarRules {
            daily_start: parse_time_of_day(start).ok(),
            daily_end: parse_time_of_day(end).ok(),
            days_of_week: Some(days),
            ..CalendarRules::default()
        };
        Calendar::new(rules).unwrap()
    })
}

/// How a call ended, what was said in it, and how many minutes it was.
fn calls() -> impl Strategy<Value = (Outcome, Wish, i64)> {
    let wish = prop_oneof![
        8 => Just(Wish::default()),
        1 => Just(Wish { do_not_call: true, callback: None }),
        6 => prop::option::of(-1_000i64..10_000).prop_map(|minutes| {
            call_back(minutes.map(|minutes| noon() + TimeDelta::minutes(minutes)))
        }),
    ];
    (prop::sample::select(Outcome::ALL), wish, 0i64..30)
}

proptest! {
    #[test]
    fn no_contact_is_called_too_often_too_soon_or_out_of_hours(
        policy in policies(), calendar in calendars(), calls in prop::collection::vec(calls(), 40),
    ) {
        let zone = Tz::Europe__Berlin;
        let mut tries = Tries::default();
        let mut begins = calendar.next_open(zone, noon()).unwrap();
        let mut is_callback = false;
        for (outcome, wish, minutes) in calls {
            if outcome.is_charged() {
                tries.attempts += 1;
                tries.callbacks += u16::from(is_callback);
            }
            tries.was_callback = is_callback;
            prop_assert!(tries.ordinary() <= policy.attempts_max);
            prop_assert!(tries.callbacks == 0 || policy.callbacks.enabled);
            prop_assert!(tries.callbacks <= policy.callbacks.attempts_max);

            let ended_at = begins + TimeDelta::minutes(minutes);
            let moment = Moment { ended_at, calendar: &calendar, zone };
            let next = policy.decide(outcome, wish, tries, moment);
            (begins, is_callback) = match next {
                Next::Retry(at) => (at, false),
                Next::Callback(at) => (at, true),
                Next::Done | Next::Exhausted | Next::Never | Next::DoNotCall => return Ok(()),
            };
            prop_assert!(begins >= ended_at);
            prop_assert!(calendar.is_open(zone, begins));
            if !is_callback && outcome.is_charged() {
                prop_assert!(begins >= ended_at + policy.delay);
            }
        }
    }

    #[test]
    fn a_contact_that_is_never_reached_uses_all_attempts_and_no_more(
        policy in policies(), calendar in calendars(),
    ) {
        let mut ended_at = noon();
        for attempts in 1..=policy.attempts_max {
            let moment = Moment { ended_at, calendar: &calendar, zone: Tz::UTC };
            match policy.decide(Outcome::NoAnswer, Wish::default(), made(attempts, 0), moment) {
                Next::Retry(at) => {
                    prop_assert!(attempts < policy.attempts_max);
                    ended_at = at;
                }
                other => {
                    prop_assert_eq!(other, Next::Exhausted);
                    prop_assert_eq!(attempts, policy.attempts_max);
                }
            }
        }
    }
}
