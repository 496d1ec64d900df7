//! From a run that breaks a promise to a smaller one that breaks it, too.

use std::time::{Duration, Instant};

use crate::plan::Plan;

/// Leaves out of `plan` whatever it can do without and still break the same promise: changes, people, kinds of faults, as
/// far as `patience` goes. `breaks` plays a plan.
///
/// What remains is not the smallest there is; leaving out any one more thing did not help.
pub fn shrink(plan: Plan, patience: Duration, breaks: impl Fn(&Plan) -> bool) -> Plan {
    let deadline = Instant::now() + patience;
    let is_time = || Instant::now() < deadline;
    let mut least = plan;
    loop {
        let before = size(&least);
        least = without_changes(least, &is_time, &breaks);
        least = without_faults(least, &is_time, &breaks);
        least = without_people(least, &is_time, &breaks);
        if !is_time() || size(&least) == before {
            return least;
        }
    }
}

/// What a plan has that could be left out.
#[must_use]
pub fn size(plan: &Plan) -> usize {
    let people: usize = plan.campaigns.iter().map(|known| known.people.len()).sum();
    let mut faults = plan.faults.clone();
    let kinds = faults
        .each()
        .iter()
        .filter(|(_, share)| **share > 0.0)
        .count();
    plan.changes.len() + people + kinds
}

/// Halves first, then quarters, down to single ones.
fn without_changes(
    plan: Plan,
    is_time: &impl Fn() -> bool,
    breaks: &impl Fn(&Plan) -> bool,
) -> Plan {
    let mut least = plan;
    let mut chunk = least.changes.len().max(1);
    while chunk > 0 {
        let mut at = 0;
        while at < least.changes.len() && is_time() {
            let mut fewer = least.clone();
            let end = (at + chunk).min(fewer.changes.len());
            fewer.changes.drain(at..end);
            if breaks(&fewer) {
                least = fewer;
            } else {
                at += chunk;
            }
        }
        chunk /= 2;
    }
    least
}

fn without_faults(
    plan: Plan,
    is_time: &impl Fn() -> bool,
    breaks: &impl Fn(&Plan) -> bool,
) -> Plan {
    let mut least = plan;
    for kind in 0..least.faults.each().len() {
        let mut fewer = least.clone();
        let share = std::mem::take(fewer.faults.each()[kind].1);
        if share > 0.0 && is_time() && breaks(&fewer) {
            least = fewer;
        }
    }
    least
}

/// Somebody stays in each campaign: one that nobody is in never ends, which looks like a broken promise of another kind.
fn without_people(
    plan: Plan,
    is_time: &impl Fn() -> bool,
    breaks: &impl Fn(&Plan) -> bool,
) -> Plan {
    let mut least = plan;
    for campaign in 0..least.campaigns.len() {
        let mut at = 0;
        while is_one_of_many(&least, campaign, at) && is_time() {
            let mut fewer = least.clone();
            fewer.campaigns[campaign].people.remove(at);
            if breaks(&fewer) {
                least = fewer;
            } else {
                at += 1;
            }
        }
    }
    least
}

/// True where `campaign` has a person at `at`, and others.
fn is_one_of_many(plan: &Plan, campaign: usize, at: usize) -> bool {
    let people = plan.campaigns[campaign].people.len();
    people > 1 && at < people
}
