//! How long a slot that was given back stays empty, by the carrier's record.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use simulator::RecordedCall;

use crate::campaign::{Fate, Life};

/// A slot that was given back, and how long it took until the carrier was asked for the next call.
#[derive(Clone, Copy, Debug)]
pub struct Gap {
    pub at: DateTime<Utc>,
    pub took: Duration,
}

/// The gaps of one campaign, as long as it had people whom nobody had called yet: then every slot that is given back is
/// due for the next of them. Those in which somebody interfered are left out, and campaigns whose limit changes: a slot
/// above a lowered limit stays empty as it should.
///
/// `calls` are the campaign's, in the order of their arrival.
pub fn of(life: &Life, calls: &[RecordedCall]) -> Vec<Gap> {
    if life.fate == Fate::ChangesLimits {
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let firsts = calls.iter().filter(|call| seen.insert(call.to.clone()));
    let Some(last_first) = firsts.map(|call| call.arrived_at).max() else {
        return Vec::new();
    };
    let mut ends: Vec<DateTime<Utc>> = calls.iter().filter_map(|call| call.ended_at).collect();
    ends.sort_unstable();
    let mut arrivals: VecDeque<_> = calls.iter().map(|call| call.arrived_at).collect();
    let mut gaps = Vec::new();
    for end in ends {
        // Those that came before took other slots.
        while arrivals.front().is_some_and(|next| *next <= end) {
            arrivals.pop_front();
        }
        let Some(next) = arrivals.pop_front() else {
            break;
        };
        let is_alone = !life.touched.iter().any(|at| (end..=next).contains(at));
        if next <= last_first && is_alone {
            let took = (next - end).max(TimeDelta::zero());
            gaps.push(Gap {
                at: end,
                took: took.to_std().unwrap_or_default(),
            });
        }
    }
    gaps
}
