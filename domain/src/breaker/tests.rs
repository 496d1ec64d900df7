//! The breaker by example.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    Admission, Answer, Breaker, BreakerRules, Cause, PROBE_LIFE, Patience, Standing, Turn, Window,
};
use crate::ids::CallId;

fn noon() -> DateTime<Utc> {
    "2026-08-21T12:00:00Z".parse().unwrap()
}

fn seconds(seconds: i64) -> TimeDelta {
    TimeDelta::seconds(seconds)
}

fn call(number: u128) -> CallId {
    CallId::from_uuid(Uuid::from_u128(number))
}

/// Five faults, and at least half of all, within a minute; then half a minute of rest.
fn rules() -> BreakerRules {
    BreakerRules {
        window: seconds(60),
        faults_min: 5,
        fault_share: 0.5,
        open_for: seconds(30),
    }
}

fn hears(breaker: &mut Breaker, answers: &[Answer], now: DateTime<Utc>) -> Vec<Option<Turn>> {
    answers
        .iter()
        .map(|answer| breaker.hear(call(0), *answer, now, &rules()))
        .collect()
}

/// Opened at [`noon`].
fn open() -> Breaker {
    let mut breaker = Breaker::default();
    let turns = hears(&mut breaker, &[Answer::Fault(None); 5], noon());
    assert_eq!(turns, [None, None, None, None, Some(Turn::Opened)]);
    breaker
}

/// Opened at [`noon`], with `call(1)` under way as the probe since half a minute later.
fn half_open() -> (Breaker, DateTime<Utc>) {
    let mut breaker = open();
    let now = noon() + seconds(30);
    breaker.probe_with(call(1), now);
    (breaker, now)
}

#[test]
fn a_burst_of_faults_opens_it_for_its_time_and_then_one_call_may_try() {
    let mut breaker = open();
    let until = noon() + seconds(30);
    assert_eq!(breaker.admits(noon()), Admission::Wait(until));
    let just_before = until - TimeDelta::nanoseconds(1);
    assert_eq!(breaker.admits(just_before), Admission::Wait(until));
    assert_eq!(breaker.admits(until), Admission::Probe);
    breaker.probe_with(call(1), until);
    let look_again = Admission::Wait(until + seconds(1));
    assert_eq!(breaker.admits(until), look_again);
}

#[test]
fn fewer_faults_than_a_burst_change_nothing() {
    let mut breaker = Breaker::default();
    hears(&mut breaker, &[Answer::Fault(None); 4], noon());
    assert_eq!(breaker.admits(noon()), Admission::Go);
}

#[test]
fn faults_among_many_good_answers_change_nothing() {
    let mut breaker = Breaker::default();
    hears(&mut breaker, &[Answer::Well; 11], noon());
    hears(&mut breaker, &[Answer::Fault(None); 10], noon());
    assert_eq!(breaker.admits(noon()), Admission::Go);
    assert_eq!(
        hears(&mut breaker, &[Answer::Fault(None)], noon()),
        [Some(Turn::Opened)],
        "eleven of twenty-two"
    );
}

#[test]
fn faults_of_long_ago_are_forgotten() {
    let mut breaker = Breaker::default();
    hears(&mut breaker, &[Answer::Fault(None); 4], noon());
    hears(
        &mut breaker,
        &[Answer::Fault(None); 4],
        noon() + seconds(60),
    );
    assert_eq!(breaker.admits(noon() + seconds(60)), Admission::Go);
    // Those of half a window ago are not.
    let later = noon() + seconds(90);
    assert_eq!(
        hears(&mut breaker, &[Answer::Fault(None)], later),
        [Some(Turn::Opened)]
    );
}

#[test]
fn refusals_and_requests_for_patience_never_open_it() {
    let mut breaker = Breaker::default();
    hears(&mut breaker, &[Answer::Busy(None); 50], noon());
    hears(&mut breaker, &[Answer::NotAsked; 50], noon());
    assert_eq!(breaker.standing(noon()), Standing::Closed);
}

#[test]
fn a_probe_that_goes_well_closes_it() {
    let (mut breaker, now) = half_open();
    let turn = breaker.hear(call(1), Answer::Well, now, &rules());
    assert_eq!(turn, Some(Turn::Closed));
    assert_eq!(breaker, Breaker::default(), "with a clean slate");
    assert_eq!(breaker.admits(now), Admission::Go);
}

#[test]
fn a_probe_that_is_told_to_wait_closes_it_and_everybody_waits_as_told() {
    let (mut breaker, now) = half_open();
    let told = Answer::Busy(Some(seconds(7)));
    assert_eq!(
        breaker.hear(call(1), told, now, &rules()),
        Some(Turn::Closed)
    );
    assert_eq!(breaker.admits(now), Admission::Wait(now + seconds(7)));
    assert_eq!(breaker.admits(now + seconds(7)), Admission::Go);
}

#[test]
fn a_probe_that_fails_opens_it_again() {
    let (mut breaker, now) = half_open();
    let turn = breaker.hear(call(1), Answer::Fault(None), now, &rules());
    assert_eq!(turn, None, "it was open all the time");
    let until = now + seconds(30);
    assert_eq!(breaker.admits(now), Admission::Wait(until));
    assert_eq!(breaker.hold(now).unwrap().since, Some(noon()));
    assert_eq!(breaker.admits(until), Admission::Probe);
}

#[test]
fn a_probe_that_was_never_placed_leaves_its_place_to_the_next() {
    let (mut breaker, now) = half_open();
    breaker.hear(call(1), Answer::NotAsked, now, &rules());
    assert_eq!(breaker.admits(now), Admission::Probe);
}

#[test]
fn a_probe_of_which_nothing_is_heard_is_given_up() {
    let (mut breaker, now) = half_open();
    let late = now + PROBE_LIFE;
    assert_eq!(breaker.admits(late), Admission::Probe);
    breaker.probe_with(call(2), late);
    // What comes of the first after all says nothing about now.
    assert_eq!(breaker.hear(call(1), Answer::Well, late, &rules()), None);
    assert_eq!(breaker.standing(late), Standing::HalfOpen);
    assert_eq!(
        breaker.hear(call(2), Answer::Well, late, &rules()),
        Some(Turn::Closed)
    );
}

#[test]
fn answers_to_what_was_asked_before_it_opened_change_nothing() {
    let mut breaker = open();
    let before = breaker.clone();
    hears(
        &mut breaker,
        &[Answer::Well, Answer::Fault(None), Answer::NotAsked],
        noon(),
    );
    let mut elsewhere = Window::default();
    elsewhere.well(noon(), rules().window);
    breaker.absorb(&elsewhere, noon(), &rules());
    assert_eq!(breaker, before);
}

#[test]
fn a_faulty_carrier_that_asks_to_be_left_alone_is_left_alone_for_that_long() {
    let mut breaker = open();
    hears(&mut breaker, &[Answer::Fault(Some(seconds(300)))], noon());
    let until = noon() + seconds(300);
    assert_eq!(breaker.admits(noon() + seconds(30)), Admission::Wait(until));
    let hold = breaker.hold(noon()).unwrap();
    assert_eq!((hold.cause, hold.until), (Cause::Faults, until));
    assert_eq!(breaker.admits(until), Admission::Probe);
}

#[test]
fn good_answers_counted_elsewhere_count_here() {
    let mut elsewhere = Window::default();
    for _ in 0..6 {
        elsewhere.well(noon(), rules().window);
    }
    let mut breaker = Breaker::default();
    breaker.absorb(&elsewhere, noon() + seconds(10), &rules());
    hears(
        &mut breaker,
        &[Answer::Fault(None); 5],
        noon() + seconds(10),
    );
    assert_eq!(
        breaker.standing(noon()),
        Standing::Closed,
        "five of eleven are less than half"
    );
    breaker.absorb(&elsewhere, noon() + seconds(120), &rules());
    assert_eq!(breaker.window.answers(), 0, "too long ago");
}

#[test]
fn everybody_waits_as_long_as_the_carrier_asks() {
    let mut breaker = Breaker::default();
    hears(&mut breaker, &[Answer::Busy(Some(seconds(60)))], noon());
    hears(&mut breaker, &[Answer::Busy(Some(seconds(5)))], noon());
    let until = noon() + seconds(60);
    assert_eq!(breaker.admits(noon() + seconds(50)), Admission::Wait(until));
    let hold = breaker.hold(noon()).unwrap();
    assert_eq!((hold.cause, hold.until), (Cause::Busy, until));
    assert_eq!(breaker.admits(until), Admission::Go);
    assert_eq!(breaker.hold(until), None);
}

#[test]
fn a_carrier_that_refuses_again_and_again_is_left_alone_for_longer_each_time() {
    let mut patience = Patience::default();
    let mut now = noon();
    let mut pauses = Vec::new();
    for _ in 0..8 {
        patience.refused(None, now);
        // On its way together with the first: the same refusal.
        patience.refused(None, now);
        let until = patience.until.unwrap();
        pauses.push((until - now).num_milliseconds());
        now = until;
    }
    assert_eq!(
        pauses,
        [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
    );
}

#[test]
fn a_good_answer_makes_the_next_pause_the_shortest_again() {
    let mut breaker = Breaker::default();
    let mut now = noon();
    for _ in 0..5 {
        hears(&mut breaker, &[Answer::Busy(None)], now);
        now = breaker.patience.until.unwrap();
    }
    hears(&mut breaker, &[Answer::Well, Answer::Busy(None)], now);
    let pause = breaker.patience.until.unwrap() - now;
    assert_eq!(pause, TimeDelta::milliseconds(500));
}
