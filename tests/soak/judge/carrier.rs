//! What the carrier saw.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use simulator::RecordedCall;

use crate::campaign::Life;
use crate::single;
use crate::support::Dialer;
use crate::support::policy::last_status;
use crate::support::promises::begun_at;

/// How long it may take from a call's name to the decision to dial, which waits for whoever changes the campaign.
const BEGIN: TimeDelta = TimeDelta::seconds(2);

/// P1: no more calls of the campaign than the limit in force when the last of them was begun.
pub fn above_limit(life: &Life, calls: &[RecordedCall]) -> Vec<String> {
    let mut moments: Vec<(u64, Option<&RecordedCall>)> = Vec::new();
    for call in calls {
        moments.extend(call.accepted_order.map(|order| (order, Some(call))));
        moments.extend(call.ended_order.map(|order| (order, None)));
    }
    moments.sort_unstable_by_key(|(order, _)| *order);
    let (mut live, mut broken) = (0, Vec::new());
    for (_, accepted) in moments {
        let Some(call) = accepted else {
            live -= 1;
            continue;
        };
        live += 1;
        let allowed = limit_at(life, begun_at(call));
        if live > allowed {
            let id = &life.id;
            broken.push(format!(
                "P1: {live} calls at once, {allowed} allowed: campaign {id}, {call:?}"
            ));
        }
    }
    broken
}

/// The limit in force at `at`; the greater one, while it is being changed. A call that waited for a change was named before.
fn limit_at(life: &Life, at: DateTime<Utc>) -> usize {
    let answered = life.limits.iter().rfind(|limit| limit.answered_at <= at);
    let asked = life
        .limits
        .iter()
        .filter(|limit| limit.asked_at <= at + BEGIN && at < limit.answered_at);
    let possible = answered.into_iter().chain(asked).map(|limit| limit.calls);
    possible.max().unwrap_or(0)
}

/// P3: nobody is called from the answer to pause, cancel, end or delete on, until somebody asks to resume.
pub fn called_while_at_rest(life: &Life, calls: &[RecordedCall]) -> Vec<String> {
    let is_at_rest = |call: &&RecordedCall| {
        let at = begun_at(call);
        let within = |since, until: Option<_>| at > since && until.is_none_or(|until| at < until);
        life.rests.iter().any(|rest| within(rest.since, rest.until))
    };
    let late = calls.iter().filter(is_at_rest);
    late.map(|call| format!("P3: begun after {:?} was answered: {call:?}", life.fate))
        .collect()
}

/// P2, and P4 as far as the carrier sees it: where the policy leads everybody, and whom it leads nowhere.
pub fn ends(life: &Life, calls: &[RecordedCall]) -> (BTreeMap<String, &'static str>, Vec<String>) {
    let (mut ends, mut wrong) = (BTreeMap::new(), Vec::new());
    for person in &life.people {
        let accepted = calls
            .iter()
            .filter(|call| *call.to == *person.number && call.sid().is_some());
        let accepted: Vec<_> = accepted.cloned().collect();
        match last_status(person, &accepted) {
            Ok(end) => drop(ends.insert(person.number.clone(), end)),
            // Of a campaign that was cut short some are never called to the end, but nobody too often.
            Err(problem) if life.is_cut_short() && problem.starts_with("never") => {}
            Err(problem) => wrong.push(format!(
                "P2, P4: {}: {problem}: {:?} of {}",
                person.number, person.script, life.id
            )),
        }
    }
    (ends, wrong)
}

/// P6: between the end of a call and the next to the same person lies at least the delay.
pub fn early_retries(dialer: &Dialer, delay_ms: i64) -> Vec<String> {
    let delay = TimeDelta::milliseconds(delay_ms);
    let gaps = dialer.simulator.recorder().gaps_per_number();
    let early = gaps
        .iter()
        .filter(|(_, gaps)| gaps.iter().any(|gap| *gap < delay));
    early
        .map(|(number, gaps)| format!("P6: {number} was called again too early: {gaps:?}"))
        .collect()
}

/// P2 of calls by hand: one for each that was asked for.
pub fn single_calls_too_many(calls: &[RecordedCall]) -> Vec<String> {
    let prefix = format!("+1{}", single::AREA);
    let mut accepted: BTreeMap<&str, usize> = BTreeMap::new();
    for call in calls
        .iter()
        .filter(|call| call.to.starts_with(&prefix) && call.sid().is_some())
    {
        *accepted.entry(&call.to).or_default() += 1;
    }
    let twice = accepted.iter().filter(|(_, count)| **count > 1);
    twice
        .map(|(number, count)| {
            format!("P2: {number} was called by hand once, and {count} calls came of it")
        })
        .collect()
}
