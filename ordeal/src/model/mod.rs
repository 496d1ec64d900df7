//! What the promises mean, in terms of what the carrier saw. Written from the words of the promises, and sharing nothing
//! with the dialer: it knows what people asked for and when they were answered, and judges every call by that.

mod era;
mod spec;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::CallId;

pub use era::Eras;
pub use spec::Spec;

use crate::clock::VirtualClock;
use crate::network::{Network, Seen};
use crate::violation::Violation;

/// Platforms state the length of a talk in whole seconds: where nobody else tells when a call ended, it is less exact.
const ROUNDING: TimeDelta = TimeDelta::seconds(1);

/// What is known of a campaign.
pub struct Campaign {
    /// Its settings through time.
    pub eras: Eras,
    /// Its people's zones, by number; several where nobody can tell which of two imports was first.
    pub people: BTreeMap<String, Vec<Option<Tz>>>,
}

/// A call that the carrier was asked for.
#[derive(Clone, Debug)]
struct Asked {
    number: u64,
    /// `None`: of no campaign.
    campaign: Option<usize>,
    to: String,
    is_live: bool,
    is_created: bool,
    ended_at: Option<DateTime<Utc>>,
}

/// The reference.
pub struct Model {
    clock: VirtualClock,
    /// The campaigns, by their place in the plan.
    pub campaigns: Vec<Campaign>,
    by_caller: HashMap<String, usize>,
    calls: HashMap<CallId, Asked>,
    order: Vec<CallId>,
    /// Numbers that must not be called, with the last call that may have been begun without knowing.
    pub suppressed: BTreeMap<String, u64>,
    /// Calls at once at most, over all campaigns; for the report.
    pub most_at_once: usize,
}

impl Model {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(clock: VirtualClock) -> Self {
        Self {
            clock,
            campaigns: Vec::new(),
            by_caller: HashMap::new(),
            calls: HashMap::new(),
            order: Vec::new(),
            suppressed: BTreeMap::new(),
            most_at_once: 0,
        }
    }

    /// There is a campaign that calls from `caller`.
    pub fn add(&mut self, caller: String, spec: Spec) {
        self.by_caller.insert(caller, self.campaigns.len());
        self.campaigns.push(Campaign {
            eras: Eras::of(spec),
            people: BTreeMap::new(),
        });
    }

    /// From now on nobody may call `number`; what is under way may go through.
    pub fn suppress(&mut self, number: &str) {
        let made = self.clock.ids_made();
        self.suppressed.entry(number.to_owned()).or_insert(made);
    }

    /// Calls that the carrier took on for the campaign at `index`, to `number`.
    #[must_use]
    pub fn calls_to(&self, index: usize, number: &str) -> usize {
        self.created(index, number).count()
    }

    fn created<'a>(
        &'a self,
        index: usize,
        number: &'a str,
    ) -> impl Iterator<Item = (CallId, &'a Asked)> {
        let calls = self.order.iter().map(|id| (*id, &self.calls[id]));
        calls.filter(move |(_, call)| {
            call.is_created && call.campaign == Some(index) && call.to == number
        })
    }

    /// Judges what the carrier saw.
    ///
    /// # Errors
    /// The promise that was broken.
    pub fn judge(&mut self, seen: Seen, network: &Network) -> Result<(), Violation> {
        match seen {
            Seen::Asked { id, to, from, at } => self.asked(id, (to, from), at, network),
            Seen::Created { id, .. } => self.taken_on(id),
            Seen::Ended { id, at, .. } => {
                if let Some(call) = self.calls.get_mut(&id) {
                    call.is_live = false;
                    call.ended_at = Some(at);
                }
                Ok(())
            }
        }
    }

    fn asked(
        &mut self,
        id: CallId,
        (to, from): (String, String),
        at: DateTime<Utc>,
        network: &Network,
    ) -> Result<(), Violation> {
        let Some(number) = self.clock.number_of(id.into_uuid()) else {
            return Err(Violation::of("P2", "a call that was never begun"));
        };
        if self.calls.contains_key(&id) {
            return Err(Violation::of(
                "P2",
                format!("call {number} was asked for twice"),
            ));
        }
        if self.suppressed.get(&to).is_some_and(|last| number > *last) {
            let how = format!("call {number} to {to}, which must not be called");
            return Err(Violation::of("P3", how));
        }
        let campaign = self.by_caller.get(&from).copied();
        if let Some(index) = campaign {
            self.allows(index, (number, &to), at)?;
            self.is_due(index, (number, &to), at, network)?;
        }
        let asked = Asked {
            number,
            campaign,
            to,
            is_live: false,
            is_created: false,
            ended_at: None,
        };
        self.calls.insert(id, asked);
        self.order.push(id);
        Ok(())
    }

    /// P3: active, in the window.
    fn allows(
        &self,
        index: usize,
        (number, to): (u64, &str),
        at: DateTime<Utc>,
    ) -> Result<(), Violation> {
        let campaign = &self.campaigns[index];
        let Some(zones) = campaign.people.get(to) else {
            return Err(Violation::of(
                "P3",
                format!("call {number} to a stranger, {to}"),
            ));
        };
        if !campaign.eras.at(number).any(|spec| spec.is_active) {
            let how = format!("call {number} of campaign {index}, which is not active");
            return Err(Violation::of("P3", how));
        }
        let mut active = campaign.eras.at(number).filter(|spec| spec.is_active);
        if !active.any(|spec| zones.iter().any(|zone| spec.is_open(*zone, at))) {
            let spec = campaign.eras.last();
            let how =
                format!("call {number} to {to} at {at}, outside the window; {zones:?} {spec:?}");
            return Err(Violation::of("P3", how));
        }
        Ok(())
    }

    /// P2 and P6: not too often, not too soon, not after the person was reached.
    fn is_due(
        &self,
        index: usize,
        (number, to): (u64, &str),
        at: DateTime<Utc>,
        network: &Network,
    ) -> Result<(), Violation> {
        let eras = &self.campaigns[index].eras;
        let talks = self
            .created(index, to)
            .filter_map(|(id, _)| network.call(id)?.talk.as_ref());
        let talks: Vec<_> = talks.filter(|talk| !talk.name.is_empty()).collect();
        let wants_callback = talks.iter().any(|talk| talk.wish.callback.is_some());
        let attempts = eras.at(number).map(|spec| spec.attempts).max();
        let granted = |spec: &Spec| spec.callbacks.map_or(0, |(most, _)| most);
        let callbacks = eras.at(number).map(granted).max();
        let most = if wants_callback {
            // What was made before the number of the one was lowered takes nothing from the other.
            let attempts_ever = eras.since(0).map(|spec| spec.attempts).max();
            let callbacks_ever = eras.since(0).map(granted).max();
            let as_callback = attempts_ever.zip(callbacks).map(|(a, b)| a + b);
            let as_attempt = attempts.zip(callbacks_ever).map(|(a, b)| a + b);
            as_callback.max(as_attempt)
        } else {
            attempts
        };
        let count = self.created(index, to).count() as i64 + 1;
        if most.is_some_and(|most| count > most) {
            let how = format!("call {number} is the {count}th to {to} of campaign {index}");
            return Err(Violation::of("P2", how));
        }
        let Some((last_id, last)) = self.created(index, to).last() else {
            return Ok(());
        };
        let Some(ended_at) = last.ended_at else {
            let how = format!(
                "call {number} to {to}, who is still in call {}",
                last.number
            );
            return Err(Violation::of("P2", how));
        };
        let talk = network.call(last_id).and_then(|call| call.talk.as_ref());
        let was_reached = talk.is_some_and(|talk| !talk.name.is_empty() && !talk.is_voicemail);
        if was_reached && !wants_callback {
            let how = format!(
                "call {number} to {to}, who was reached in call {}",
                last.number
            );
            return Err(Violation::of("P2", how));
        }
        let minutes = eras.since(last.number).map(|spec| spec.retry_minutes).min();
        let wait = TimeDelta::minutes(minutes.filter(|_| !wants_callback).unwrap_or(0));
        if at < ended_at + wait - ROUNDING {
            let how = format!(
                "call {number} to {to} at {at}, the last one ended at {ended_at}, {wait} were to pass"
            );
            return Err(Violation::of("P6", how));
        }
        Ok(())
    }

    /// P1 and P2: never too many at once, nobody twice at once.
    fn taken_on(&mut self, id: CallId) -> Result<(), Violation> {
        let Some(call) = self.calls.get_mut(&id) else {
            return Err(Violation::of(
                "P2",
                "the carrier took on what nobody asked for",
            ));
        };
        call.is_live = true;
        call.is_created = true;
        let call = call.clone();
        let live: Vec<&Asked> = self.calls.values().filter(|other| other.is_live).collect();
        self.most_at_once = self.most_at_once.max(live.len());
        if live.iter().filter(|other| other.to == call.to).count() > 1 {
            let how = format!("{} is in two calls, one of them {}", call.to, call.number);
            return Err(Violation::of("P2", how));
        }
        let Some(index) = call.campaign else {
            return Ok(());
        };
        let of_campaign = live.iter().filter(|other| other.campaign == Some(index));
        let numbers: Vec<u64> = of_campaign.map(|other| other.number).collect();
        // Whoever was begun last had to find a free slot beside all the others.
        let last = numbers.iter().copied().max().unwrap_or(call.number);
        let limit = self.campaigns[index]
            .eras
            .at(last)
            .map(|spec| spec.limit)
            .max();
        if limit.is_some_and(|limit| numbers.len() as i64 > limit) {
            let how = format!(
                "{} calls of campaign {index} at once, {limit:?} are allowed",
                numbers.len()
            );
            return Err(Violation::of("P1", how));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
