//! How people take calls. What a person does depends on the seed, the number and how often it was called, and on nothing
//! else: leaving other people out does not change it.

use chrono::TimeDelta;
use domain::progress::End;

use crate::chance::Chance;

/// What becomes of a call.
#[derive(Clone, Debug)]
pub(super) enum Takes {
    /// It ends without an answer, so long after it was taken on.
    Nothing(End, TimeDelta),
    /// Somebody picks up.
    Call {
        /// After so much ringing.
        rings: TimeDelta,
        /// For so long, unless somebody hangs up.
        talks: TimeDelta,
        /// True for a machine.
        is_machine: bool,
        /// True where the carrier finds that out.
        is_detected: bool,
        /// What is said.
        wish: Wish,
    },
}

/// What the person wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// To be called back: so many minutes after the call's begin, where a time was said.
    pub callback: Option<Option<i64>>,
    /// Never to be called again.
    pub do_not_call: bool,
}

/// True for a number that the carrier refuses for good.
pub(super) fn is_refused(seed: u64, number: &str) -> bool {
    Chance::of(seed, ("refused", number)).happens(0.04)
}

/// What becomes of the `count`th call to `number`.
pub(super) fn takes(seed: u64, number: &str, count: u64) -> Takes {
    let mut chance = Chance::of(seed, ("takes", number, count));
    let seconds = |chance: &mut Chance, low: i64, high: i64| {
        TimeDelta::milliseconds(chance.between(low * 1_000, high * 1_000))
    };
    match chance.between(1, 100) {
        1..=18 => Takes::Nothing(End::Busy, seconds(&mut chance, 1, 6)),
        19..=40 => Takes::Nothing(End::NoAnswer, TimeDelta::seconds(30)),
        41..=48 => Takes::Nothing(End::Failed, seconds(&mut chance, 1, 10)),
        49..=50 => Takes::Nothing(End::Canceled, seconds(&mut chance, 1, 10)),
        outcome => {
            let is_machine = outcome > 85;
            Takes::Call {
                rings: seconds(&mut chance, 1, 25),
                talks: if chance.happens(0.02) {
                    // Longer than anybody may.
                    TimeDelta::hours(3)
                } else {
                    seconds(&mut chance, 1, 300)
                },
                is_machine,
                is_detected: chance.happens(if is_machine { 0.8 } else { 0.6 }),
                wish: if is_machine {
                    Wish::default()
                } else {
                    wish(&mut chance)
                },
            }
        }
    }
}

fn wish(chance: &mut Chance) -> Wish {
    let wants_callback = chance.happens(0.25);
    let minutes = chance.between(-60, 3_000);
    let said_when = chance.happens(0.6);
    Wish {
        callback: wants_callback.then_some(said_when.then_some(minutes)),
        do_not_call: chance.happens(0.08),
    }
}
