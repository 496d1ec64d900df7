//! The breaker by example, and over long stretches of good and bad times.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    Admission, Answer, Breaker, BreakerRules, Cause, PROBE_LIFE, Patience, Standing, Trip, Turn,
    Window,
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

/// One thing that happens, and how long after the one before.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A worker wants to place a call; it is under way where that is granted.
    Ask,
    /// The carrier answers the call that is under way at this place of the list, if there is one.
    Answer(usize, Answer),
}

fn answers() -> impl Strategy<Value = Answer> {
    prop_oneof![
        3 => Just(Answer::Well),
        4 => Just(Answer::Fault(None)),
        1 => (0_i64..90).prop_map(|asked| Answer::Fault(Some(seconds(asked)))),
        1 => Just(Answer::Busy(None)),
        1 => (0_i64..90).prop_map(|asked| Answer::Busy(Some(seconds(asked)))),
        1 => Just(Answer::NotAsked),
    ]
}

fn events() -> impl Strategy<Value = Vec<(i64, Event)>> {
    let event = prop_oneof![
        Just(Event::Ask),
        (0_usize..4, answers()).prop_map(|(which, answer)| Event::Answer(which, answer)),
    ];
    let pause_ms = prop_oneof![3 => 0_i64..500, 1 => 0_i64..40_000];
    proptest::collection::vec((pause_ms, event), 1..300)
}

fn any_rules() -> impl Strategy<Value = BreakerRules> {
    (2_i64..120, 1_u32..8, 0.1_f64..=1.0, 1_i64..60).prop_map(|(window, min, share, open)| {
        BreakerRules {
            window: seconds(window),
            faults_min: min,
            fault_share: share,
            open_for: seconds(open),
        }
    })
}

/// A carrier's life as the breaker sees it, with books of its own.
struct Life {
    rules: BreakerRules,
    breaker: Breaker,
    now: DateTime<Utc>,
    calls: u128,
    /// Calls under way, and whether each is a probe.
    under_way: Vec<(CallId, bool)>,
    /// Probes let through, and until when each keeps others from being.
    probes: Vec<(CallId, DateTime<Utc>)>,
    /// What was answered since it was last closed: when, and whether it was a fault.
    answered: Vec<(DateTime<Utc>, bool)>,
}

impl Life {
    fn new(rules: BreakerRules) -> Self {
        Self {
            rules,
            breaker: Breaker::default(),
            now: noon(),
            calls: 0,
            under_way: Vec::new(),
            probes: Vec::new(),
            answered: Vec::new(),
        }
    }

    fn ask(&mut self) {
        let admission = self.breaker.admits(self.now);
        let trip = self.breaker.trip;
        match admission {
            Admission::Wait(until) => assert!(until > self.now, "waits for nothing"),
            Admission::Go => assert_eq!(trip, None, "everybody goes while it is not closed"),
            Admission::Probe => {
                self.probes.retain(|(_, until)| *until > self.now);
                assert!(self.probes.is_empty(), "a second probe");
                let Some(Trip { until, .. }) = trip else {
                    panic!("a probe while it is closed")
                };
                assert!(until <= self.now, "a probe before its time");
            }
        }
        if matches!(admission, Admission::Wait(_)) {
            return;
        }
        self.calls += 1;
        let id = call(self.calls);
        let is_probe = admission == Admission::Probe;
        if is_probe {
            self.breaker.probe_with(id, self.now);
            self.probes.push((id, self.now + PROBE_LIFE));
        }
        self.under_way.push((id, is_probe));
    }

    fn answer(&mut self, which: usize, answer: Answer) {
        if which >= self.under_way.len() {
            return;
        }
        let (id, _) = self.under_way.remove(which);
        let was_closed = self.breaker.trip.is_none();
        let is_awaited = self.breaker.trip.and_then(|trip| trip.probe);
        let is_probes = is_awaited.is_some_and(|probe| probe.call == id);
        let turn = self.breaker.hear(id, answer, self.now, &self.rules);
        self.probes.retain(|(probe, _)| *probe != id);
        if was_closed && matches!(answer, Answer::Well | Answer::Fault(_)) {
            let is_fault = matches!(answer, Answer::Fault(_));
            self.answered.push((self.now, is_fault));
        }
        match turn {
            Some(Turn::Opened) => {
                assert!(was_closed && self.is_burst(), "it opened without a burst");
                self.answered.clear();
            }
            Some(Turn::Closed) => {
                let is_well = matches!(answer, Answer::Well | Answer::Busy(_));
                assert!(is_probes && is_well, "it closed without a good probe");
            }
            None if was_closed && matches!(answer, Answer::Fault(_)) => {
                assert!(!self.is_burst(), "it stayed closed in a burst");
            }
            None => assert_eq!(self.breaker.trip.is_none(), was_closed),
        }
    }

    /// Counted anew, from what was answered in this half of the window and in the one before.
    fn is_burst(&self) -> bool {
        let half_ms = self.rules.window.num_milliseconds() / 2;
        let half = |at: DateTime<Utc>| at.timestamp_millis().div_euclid(half_ms);
        let this = half(self.now);
        let lately = self
            .answered
            .iter()
            .filter(|(at, _)| half(*at) >= this - 1)
            .inspect(|(at, _)| assert!(self.now - *at < self.rules.window));
        let (mut all, mut faults) = (0_u32, 0_u32);
        for (_, is_fault) in lately {
            all += 1;
            faults += u32::from(*is_fault);
        }
        faults >= self.rules.faults_min
            && f64::from(faults) >= self.rules.fault_share * f64::from(all)
    }
}

proptest! {
    #[test]
    fn through_good_and_bad_times_it_opens_in_bursts_only_and_never_lets_two_probes_through(
        rules in any_rules(),
        events in events(),
    ) {
        let mut life = Life::new(rules);
        for (pause_ms, event) in events {
            life.now += TimeDelta::milliseconds(pause_ms);
            match event {
                Event::Ask => life.ask(),
                Event::Answer(which, answer) => life.answer(which, answer),
            }
        }
    }

    #[test]
    fn wherever_it_stands_a_carrier_that_is_well_again_is_called_again(
        rules in any_rules(),
        events in events(),
    ) {
        let mut life = Life::new(rules);
        for (pause_ms, event) in events {
            life.now += TimeDelta::milliseconds(pause_ms);
            match event {
                Event::Ask => life.ask(),
                Event::Answer(which, answer) => life.answer(which, answer),
            }
        }
        // Nobody hears any more of what is under way; whoever may ask does, and all goes well.
        life.under_way.clear();
        let asked_for_max = seconds(90);
        let latest = life.now + rules.open_for.max(PROBE_LIFE).max(asked_for_max);
        while life.breaker.admits(life.now) != Admission::Go {
            prop_assert!(life.now <= latest, "still waiting");
            match life.breaker.admits(life.now) {
                Admission::Wait(until) => life.now = until,
                Admission::Probe => {
                    life.ask();
                    life.answer(0, Answer::Well);
                }
                Admission::Go => {}
            }
        }
    }
}
