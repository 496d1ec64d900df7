//! The breaker over long stretches of good and bad times, against books that are kept beside it.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::{Admission, Answer, Breaker, BreakerRules, PROBE_LIFE, Trip, Turn};
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

    /// Lives through `events`, each so many milliseconds after the one before.
    fn after(rules: BreakerRules, events: Vec<(i64, Event)>) -> Self {
        let mut life = Self::new(rules);
        for (pause_ms, event) in events {
            life.now += TimeDelta::milliseconds(pause_ms);
            match event {
                Event::Ask => life.ask(),
                Event::Answer(which, answer) => life.answer(which, answer),
            }
        }
        life
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
        Life::after(rules, events);
    }

    #[test]
    fn wherever_it_stands_a_carrier_that_is_well_again_is_called_again(
        rules in any_rules(),
        events in events(),
    ) {
        let mut life = Life::after(rules, events);
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
