//! The rules, broken one by one.

use super::*;
use crate::chance::Chance;
use crate::faults::Faults;
use crate::plan::Plan;
use domain::progress::End;
use engine::Clock;

const CALLER: &str = "+12025550100";
const ANNA: &str = "+12025550110";
const BEN: &str = "+12025550111";

struct Stage {
    clock: VirtualClock,
    model: Model,
    network: crate::network::Shared,
}

/// One campaign, open at any time: one call at once, two for each, an hour apart.
fn stage() -> Stage {
    let begins_at = DateTime::UNIX_EPOCH;
    let clock = VirtualClock::at(begins_at);
    let mut model = Model::new(clock.clone());
    let plan = Plan::of(1);
    let spec = Spec {
        limit: 1,
        attempts: 2,
        retry_minutes: 60,
        callbacks: None,
        hours: None,
        days: None,
        without: Vec::new(),
        start_date: None,
        end_date: None,
        ..plan.campaigns[0].spec.clone()
    };
    model.add(CALLER.to_owned(), spec);
    for number in [ANNA, BEN] {
        model.campaigns[0]
            .people
            .insert(number.to_owned(), vec![None]);
    }
    let network = Network::new(1, clock.clone(), Faults::by(&mut Chance::of(1, "none")));
    Stage {
        clock,
        model,
        network,
    }
}

impl Stage {
    /// Asks for a call that is begun now.
    fn ask(&mut self, number: &str) -> Result<CallId, Violation> {
        let id = self.begin();
        self.send(id, number).map(|()| id)
    }

    fn begin(&self) -> CallId {
        CallId::from_uuid(self.clock.new_id())
    }

    fn send(&mut self, id: CallId, number: &str) -> Result<(), Violation> {
        let (to, from) = (number.to_owned(), CALLER.to_owned());
        let at = self.clock.now();
        self.judge(Seen::Asked { id, to, from, at })
    }

    fn take_on(&mut self, id: CallId) -> Result<(), Violation> {
        let at = self.clock.now();
        self.judge(Seen::Created { id, at })
    }

    fn end(&mut self, id: CallId) -> Result<(), Violation> {
        let (at, end) = (self.clock.now(), End::Busy);
        self.judge(Seen::Ended { id, at, end })
    }

    fn judge(&mut self, seen: Seen) -> Result<(), Violation> {
        self.model.judge(seen, &self.network.lock())
    }

    fn call(&mut self, number: &str) -> Result<(), Violation> {
        let id = self.ask(number)?;
        self.take_on(id)?;
        self.end(id)
    }

    fn pass(&self, minutes: i64) {
        self.clock
            .move_to(self.clock.now() + TimeDelta::minutes(minutes));
    }

    fn change(&mut self, change: impl FnOnce(&mut Spec)) {
        let made = self.clock.ids_made();
        let eras = &mut self.model.campaigns[0].eras;
        let mut spec = eras.last().clone();
        change(&mut spec);
        eras.ask(spec, made);
        eras.answer(true, made);
    }
}

fn promise(result: Result<(), Violation>) -> Option<&'static str> {
    result.err().map(|broken| broken.promise)
}

#[test]
fn two_calls_at_once_break_a_limit_of_one() {
    let mut stage = stage();
    let (anna, ben) = (stage.ask(ANNA), stage.ask(BEN));
    assert!(anna.and_then(|id| stage.take_on(id)).is_ok());
    assert_eq!(promise(ben.and_then(|id| stage.take_on(id))), Some("P1"));
}

#[test]
fn a_call_begun_before_the_limit_was_lowered_may_go_through() {
    let mut stage = stage();
    stage.change(|spec| spec.limit = 2);
    let (anna, ben) = (stage.begin(), stage.begin());
    stage.change(|spec| spec.limit = 1);
    for (id, number) in [(anna, ANNA), (ben, BEN)] {
        assert_eq!(
            stage.send(id, number).and_then(|()| stage.take_on(id)),
            Ok(())
        );
    }
}

#[test]
fn a_call_asked_for_twice_is_one_too_many() {
    let mut stage = stage();
    let id = stage.begin();
    assert_eq!(stage.send(id, ANNA), Ok(()));
    assert_eq!(promise(stage.send(id, ANNA)), Some("P2"));
}

#[test]
fn a_third_call_breaks_a_policy_of_two() {
    let mut stage = stage();
    for _ in 0..2 {
        assert_eq!(stage.call(ANNA), Ok(()));
        stage.pass(61);
    }
    assert_eq!(promise(stage.call(ANNA)), Some("P2"));
}

#[test]
fn a_call_begun_after_the_pause_was_answered_breaks_it() {
    let mut stage = stage();
    let before = stage.begin();
    stage.change(|spec| spec.is_active = false);
    assert_eq!(stage.send(before, ANNA), Ok(()));
    assert_eq!(promise(stage.ask(BEN).map(drop)), Some("P3"));
}

#[test]
fn a_call_to_somebody_who_must_not_be_called_breaks_it() {
    let mut stage = stage();
    let before = stage.begin();
    stage.model.suppress(ANNA);
    assert_eq!(stage.send(before, ANNA), Ok(()));
    assert_eq!(promise(stage.ask(ANNA).map(drop)), Some("P3"));
}

#[test]
fn a_retry_before_its_time_breaks_it() {
    let mut stage = stage();
    assert_eq!(stage.call(ANNA), Ok(()));
    stage.pass(59);
    assert_eq!(promise(stage.call(ANNA)), Some("P6"));
}
