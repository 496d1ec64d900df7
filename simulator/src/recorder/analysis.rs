//! Questions to a list of recorded calls. They work on calls read over HTTP as well.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use chrono::TimeDelta;

use super::RecordedCall;

/// The highest number of calls that were live at one moment, per group. `group` names the group
/// of a call; calls without one are left out.
pub fn max_concurrent_by<K: Eq + Hash>(
    calls: &[RecordedCall],
    group: impl Fn(&RecordedCall) -> Option<K>,
) -> HashMap<K, usize> {
    let mut moments: Vec<(u64, bool, &RecordedCall)> = Vec::with_capacity(calls.len() * 2);
    for call in calls {
        moments.extend(call.accepted_order.map(|order| (order, true, call)));
        moments.extend(call.ended_order.map(|order| (order, false, call)));
    }
    moments.sort_unstable_by_key(|(order, ..)| *order);
    let mut groups: HashMap<K, (usize, usize)> = HashMap::new();
    for (_, began, call) in moments {
        let Some(key) = group(call) else { continue };
        let (live, highest) = groups.entry(key).or_default();
        *live = if began {
            *live + 1
        } else {
            live.saturating_sub(1)
        };
        *highest = (*highest).max(*live);
    }
    groups
        .into_iter()
        .map(|(key, (_, highest))| (key, highest))
        .collect()
}

/// How many calls the carrier accepted per called number.
#[must_use]
pub fn attempts_per_number(calls: &[RecordedCall]) -> BTreeMap<Arc<str>, usize> {
    let mut attempts = BTreeMap::new();
    for call in calls.iter().filter(|call| call.accepted_order.is_some()) {
        *attempts.entry(call.to.clone()).or_default() += 1;
    }
    attempts
}

/// Per called number, the time from each accepted call's end to the arrival of the next accepted
/// one; negative where they overlapped and the first is over. Numbers called once are absent.
#[must_use]
pub fn gaps_per_number(calls: &[RecordedCall]) -> BTreeMap<Arc<str>, Vec<TimeDelta>> {
    let mut previous: HashMap<Arc<str>, &RecordedCall> = HashMap::new();
    let mut gaps: BTreeMap<Arc<str>, Vec<TimeDelta>> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.accepted_order.is_some()) {
        let before = previous.insert(call.to.clone(), call);
        if let Some(ended_at) = before.and_then(|before| before.ended_at) {
            gaps.entry(call.to.clone())
                .or_default()
                .push(call.arrived_at - ended_at);
        }
    }
    gaps
}
