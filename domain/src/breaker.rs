//! Whether a carrier is asked at all: after a burst of its faults it is left alone, then tried with one call at a time
//! until one goes well.
//!
//! Closed, open, half open: closed lets everything through and counts; open lets nothing through; once its time is over
//! it is half open, and one call, the probe, is let through. What becomes of the probe closes or opens it again.
//!
//! A carrier that asks for patience is no faulty carrier: [`Patience`] holds everybody back for as long as it asks.

mod patience;
mod window;

use chrono::{DateTime, TimeDelta, Utc};

pub use patience::Patience;
pub use window::{Count, Window};

use crate::ids::CallId;

/// How long a probe may take before another one is let through: far above the time within which a carrier answers or is
/// given up.
pub const PROBE_LIFE: TimeDelta = TimeDelta::seconds(30);
/// How soon to look again while a probe is under way.
const PROBE_LOOK: TimeDelta = TimeDelta::seconds(1);

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerRules {
    /// How far back faults and good answers are counted: at least half of it, at most all of it. Positive.
    pub window: TimeDelta,
    /// The least faults within the window that open it; at least 1.
    pub faults_min: u32,
    /// The least share of faults among all that is counted within the window that opens it; above 0, at most 1.
    pub fault_share: f64,
    /// How long the carrier is left alone before a probe. Positive.
    pub open_for: TimeDelta,
}

/// What came of asking the carrier for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It answered as a carrier does that is well: it took the call on, or refused it for a reason of the call's or the
    /// account's.
    Well,
    /// It is well and asks for patience: for how long, where it says so.
    Busy(Option<TimeDelta>),
    /// No connection, no answer in time, or an error of its own; how long it asks to be left alone, where it says so.
    Fault(Option<TimeDelta>),
    /// It was not asked after all.
    NotAsked,
}

/// May a call be placed?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Yes.
    Go,
    /// Yes, as the probe: nobody else's until it is known how it went. Say so with [`Breaker::probe_with`].
    Probe,
    /// Not before this instant.
    Wait(DateTime<Utc>),
}

/// What an answer changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// From now on the carrier is left alone.
    Opened,
    /// From now on everybody is let through.
    Closed,
}

/// Why calls wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The cause.
    pub cause: Cause,
    /// Since when, where that is known.
    pub since: Option<DateTime<Utc>>,
    /// No call is placed before. For faults it may have passed: then the next call is the probe, or one is under way.
    pub until: DateTime<Utc>,
}

/// What holds calls back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The breaker is not closed.
    Faults,
    /// The carrier asked for patience.
    Busy,
}

impl Cause {
    /// The word for the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Faults => "carrier_faults",
            Self::Busy => "carrier_busy",
        }
    }

    /// The sentence for people.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Faults => {
                "the carrier fails: calls wait, uncharged, and one at a time tries whether it is back"
            }
            Self::Busy => "the carrier asked for patience: calls wait, uncharged",
        }
    }
}

/// Where a breaker stands, for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Everybody is let through.
    Closed,
    /// One call is under way to try the carrier.
    HalfOpen,
    /// Nobody is let through, or the probe is awaited.
    Open,
}

/// What is known of one carrier's account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    /// `None`: closed.
    pub trip: Option<Trip>,
    /// What was counted lately, while closed.
    pub window: Window,
    /// What the carrier asked for.
    pub patience: Patience,
}

/// A breaker that is not closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trip {
    /// When it opened first.
    pub since: DateTime<Utc>,
    /// When the next probe may be placed.
    pub until: DateTime<Utc>,
    /// The call that tries the carrier, once there is one.
    pub probe: Option<Probe>,
}

/// A call that tries the carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The call.
    pub call: CallId,
    /// When it is given up: another may be placed then.
    pub until: DateTime<Utc>,
}

impl Breaker {
    /// May a call be placed at `now`?
    #[must_use]
    pub fn admits(&self, now: DateTime<Utc>) -> Admission {
        let patience = self.patience.until.filter(|until| *until > now);
        let Some(trip) = self.trip else {
            return patience.map_or(Admission::Go, Admission::Wait);
        };
        let under_way = trip.probe.filter(|probe| probe.until > now);
        let until = match under_way {
            Some(probe) => probe.until.min(now + PROBE_LOOK),
            None => trip.until,
        };
        let until = patience.map_or(until, |patience| patience.max(until));
        if until > now {
            Admission::Wait(until)
        } else {
            Admission::Probe
        }
    }

    /// `call` is the probe from `now` on. Changes nothing where none is due.
    pub fn probe_with(&mut self, call: CallId, now: DateTime<Utc>) {
        if self.admits(now) == Admission::Probe
            && let Some(trip) = &mut self.trip
        {
            trip.probe = Some(Probe {
                call,
                until: now + PROBE_LIFE,
            });
        }
    }

    /// Takes in what came of asking for `call`.
    ///
    /// While it is not closed only the probe's answer moves it: what was asked for before, or given up since, says nothing
    /// about now. What the carrier asks for holds whoever heard it.
    pub fn hear(
        &mut self,
        call: CallId,
        answer: Answer,
        now: DateTime<Utc>,
        rules: &BreakerRules,
    ) -> Option<Turn> {
        match answer {
            Answer::Busy(asked) => self.patience.refused(asked, now),
            Answer::Fault(Some(asked)) => self.patience.asked_for(asked, now),
            _ => {}
        }
        match self.trip {
            None => self.count(answer, now, rules),
            Some(trip) if trip.probe.is_some_and(|probe| probe.call == call) => {
                self.judge(trip, answer, now, rules)
            }
            Some(_) => None,
        }
    }

    /// Takes in what was counted elsewhere of answers that were well.
    pub fn absorb(&mut self, well: &Window, now: DateTime<Utc>, rules: &BreakerRules) {
        if well.answers() == 0 || self.trip.is_some() {
            return;
        }
        self.patience.refusals = 0;
        self.window.absorb(well, now, rules.window);
    }

    /// Why calls wait at `now`, if they do.
    #[must_use]
    pub fn hold(&self, now: DateTime<Utc>) -> Option<Hold> {
        if let Some(trip) = self.trip {
            let patience = self.patience.until.unwrap_or(trip.until);
            return Some(Hold {
                cause: Cause::Faults,
                since: Some(trip.since),
                until: trip.until.max(patience),
            });
        }
        let until = self.patience.until.filter(|until| *until > now)?;
        Some(Hold {
            cause: Cause::Busy,
            since: None,
            until,
        })
    }

    /// Where it stands at `now`.
    #[must_use]
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        match self.trip {
            None => Standing::Closed,
            Some(trip) if trip.probe.is_some_and(|probe| probe.until > now) => Standing::HalfOpen,
            Some(_) => Standing::Open,
        }
    }

    fn count(&mut self, answer: Answer, now: DateTime<Utc>, rules: &BreakerRules) -> Option<Turn> {
        match answer {
            Answer::Well => {
                self.patience.refusals = 0;
                self.window.well(now, rules.window);
            }
            Answer::Fault(_) => {
                self.window.fault(now, rules.window);
                if self.window.is_burst(rules) {
                    self.window = Window::default();
                    self.trip = Some(Trip {
                        since: now,
                        until: now + rules.open_for,
                        probe: None,
                    });
                    return Some(Turn::Opened);
                }
            }
            Answer::Busy(_) | Answer::NotAsked => {}
        }
        None
    }

    fn judge(
        &mut self,
        trip: Trip,
        answer: Answer,
        now: DateTime<Utc>,
        rules: &BreakerRules,
    ) -> Option<Turn> {
        let until = match answer {
            Answer::Well | Answer::Busy(_) => {
                self.trip = None;
                if answer == Answer::Well {
                    self.patience.refusals = 0;
                }
                return Some(Turn::Closed);
            }
            Answer::Fault(_) => now + rules.open_for,
            // The carrier said nothing: the next may try at once.
            Answer::NotAsked => now,
        };
        self.trip = Some(Trip {
            until,
            probe: None,
            ..trip
        });
        None
    }
}

#[cfg(test)]
mod life;
#[cfg(test)]
mod tests;
