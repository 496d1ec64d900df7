//! Everybody: scripts for some numbers, shares and a seed for the rest.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::shares::Times;
use super::{Behaviour, MsRange, Shares};

/// How people behave who have no script, and how long everything takes. All ranges are simulated
/// milliseconds, except `callback_after_ms`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PeopleConfig {
    /// How often each behaviour occurs.
    pub shares: Shares,
    /// From leaving the carrier's queue to the first ring (or to the engaged tone).
    pub dial_ms: MsRange,
    /// From the first ring to picking up.
    pub ring_ms: MsRange,
    /// From picking up to hanging up.
    pub talk_ms: MsRange,
    /// From picking up to the carrier's verdict whether it is a machine.
    pub detection_ms: MsRange,
    /// How long a voicemail records before it hangs up by itself.
    pub voicemail_max_ms: u64,
    /// When somebody who asks for a callback wants it, in **real** milliseconds after the call.
    pub callback_after_ms: MsRange,
    /// How long ElevenLabs takes from the hang-up to the analysed conversation.
    pub processing_ms: MsRange,
}

impl Default for PeopleConfig {
    fn default() -> Self {
        Self {
            shares: Shares::default(),
            dial_ms: MsRange::new(200, 1_500),
            ring_ms: MsRange::new(2_000, 15_000),
            talk_ms: MsRange::new(10_000, 90_000),
            detection_ms: MsRange::new(1_500, 4_000),
            voicemail_max_ms: 60_000,
            callback_after_ms: MsRange::new(60_000, 7_200_000),
            processing_ms: MsRange::new(1_000, 4_000),
        }
    }
}

impl PeopleConfig {
    /// People who lose no time: every range but `callback_after_ms` is zero, a voicemail is cut
    /// off after a minute. For tests of throughput and of order.
    #[must_use]
    pub fn instant(shares: Shares) -> Self {
        let now = MsRange::exactly(0);
        Self {
            shares,
            dial_ms: now,
            ring_ms: now,
            talk_ms: now,
            detection_ms: now,
            processing_ms: now,
            ..Self::default()
        }
    }

    /// # Errors
    /// A sentence that names what cannot work.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        self.shares.check()?;
        self.dial_ms.check("dial_ms")?;
        self.ring_ms.check("ring_ms")?;
        self.talk_ms.check("talk_ms")?;
        self.detection_ms.check("detection_ms")?;
        self.callback_after_ms.check("callback_after_ms")?;
        self.processing_ms.check("processing_ms")
    }
}

/// One call to one person, decided when the call is created; all in simulated milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub behaviour: Behaviour,
    pub dial_ms: u64,
    pub ring_ms: u64,
    pub detection_ms: u64,
    pub voicemail_max_ms: u64,
    pub processing_ms: u64,
}

/// Everybody who can be called. Cheap to clone; all clones are the same people.
#[derive(Clone)]
pub struct People(Arc<Mutex<Population>>);

struct Population {
    seed: u64,
    config: PeopleConfig,
    scripts: HashMap<Box<str>, Vec<Behaviour>>,
    calls: HashMap<Box<str>, u32>,
}

impl People {
    pub(crate) fn new(seed: u64, config: PeopleConfig) -> Self {
        let (scripts, calls) = Default::default();
        Self(Arc::new(Mutex::new(Population {
            seed,
            config,
            scripts,
            calls,
        })))
    }

    /// From now on the person at `number` follows `script`, one behaviour per call, the last one
    /// for ever; an empty script takes the script away. Calls are counted anew from here.
    pub fn script(&self, number: &str, script: Vec<Behaviour>) {
        let mut population = self.0.lock();
        population.calls.remove(number);
        if script.is_empty() {
            population.scripts.remove(number);
        } else {
            population.scripts.insert(number.into(), script);
        }
    }

    /// Replaces how people without a script behave, and how long everything takes.
    ///
    /// # Errors
    /// A sentence that names what cannot work; nothing has changed then.
    pub fn configure(&self, config: PeopleConfig) -> anyhow::Result<()> {
        config.check()?;
        self.0.lock().config = config;
        Ok(())
    }

    /// How people without a script behave at present.
    #[must_use]
    pub fn config(&self) -> PeopleConfig {
        self.0.lock().config.clone()
    }

    /// Decides the next call to `number`: by its script, else by its digits, the seed, and how
    /// often it was called before, so that neither the order of calls nor threads matter.
    pub(crate) fn next_call(&self, number: &str) -> Person {
        let mut population = self.0.lock();
        let count = match population.calls.get_mut(number) {
            Some(count) => {
                *count += 1;
                *count - 1
            }
            None => {
                population.calls.insert(number.into(), 1);
                0
            }
        };
        population.decide(number, count)
    }
}

impl Population {
    fn decide(&self, number: &str, count: u32) -> Person {
        let config = &self.config;
        let mut rng = ChaCha8Rng::seed_from_u64(mix(self.seed, number, u64::from(count) + 1));
        let behaviour = match self.scripts.get(number) {
            Some(script) => script[(count as usize).min(script.len() - 1)].clone(),
            None if self.does_not_exist(number) => Behaviour::InvalidNumber,
            None => {
                let times = Times {
                    talk_ms: config.talk_ms,
                    callback_after_ms: config.callback_after_ms,
                };
                config.shares.draw(&mut rng, &times)
            }
        };
        Person {
            behaviour,
            dial_ms: config.dial_ms.draw(&mut rng),
            ring_ms: config.ring_ms.draw(&mut rng),
            detection_ms: config.detection_ms.draw(&mut rng),
            voicemail_max_ms: config.voicemail_max_ms,
            processing_ms: config.processing_ms.draw(&mut rng),
        }
    }

    /// A number that does not exist today does not exist tomorrow: the count plays no part.
    fn does_not_exist(&self, number: &str) -> bool {
        let mut rng = ChaCha8Rng::seed_from_u64(mix(self.seed, number, 0));
        rng.random::<f64>() < self.config.shares.invalid_part()
    }
}

/// One seed out of three values: FNV-1a over the text, then the finaliser of SplitMix64, which
/// spreads neighbouring numbers and counts over the whole range.
fn mix(seed: u64, text: &str, count: u64) -> u64 {
    let text = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut mixed = seed
        .wrapping_add(text.rotate_left(17))
        .wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everybody(seed: u64) -> People {
        People::new(seed, PeopleConfig::default())
    }

    #[test]
    fn a_script_is_followed_call_by_call_and_its_last_line_repeats() {
        let people = everybody(1);
        people.script(
            "+12025550111",
            vec![Behaviour::Busy, Behaviour::Answer { talk_ms: 7 }],
        );
        let seen: Vec<_> = (0..3)
            .map(|_| people.next_call("+12025550111").behaviour)
            .collect();
        let answer = Behaviour::Answer { talk_ms: 7 };
        assert_eq!(seen, [Behaviour::Busy, answer.clone(), answer]);
    }

    #[test]
    fn the_same_seed_makes_the_same_people_whatever_the_order_of_the_calls() {
        let numbers: Vec<String> = (0..200).map(|n| format!("+1202555{n:04}")).collect();
        let (one, other) = (everybody(7), everybody(7));
        let forth: Vec<_> = numbers.iter().map(|n| one.next_call(n).behaviour).collect();
        let mut back: Vec<_> = numbers
            .iter()
            .rev()
            .map(|n| other.next_call(n).behaviour)
            .collect();
        back.reverse();
        assert_eq!(forth, back);
    }

    #[test]
    fn the_shares_come_out_as_asked_for() {
        let shares = Shares {
            busy: 3.0,
            no_answer: 1.0,
            ..Shares::NONE
        };
        let people = People::new(3, PeopleConfig::instant(shares));
        let busy = (0..4_000)
            .filter(|n| people.next_call(&format!("+1303{n:07}")).behaviour == Behaviour::Busy)
            .count();
        assert!(
            (2_850..3_150).contains(&busy),
            "{busy} of 4000 were busy, 3000 expected"
        );
    }

    #[test]
    fn a_number_that_does_not_exist_never_comes_into_being() {
        let shares = Shares {
            invalid_number: 1.0,
            answered: 1.0,
            ..Shares::NONE
        };
        let people = People::new(3, PeopleConfig::instant(shares));
        let invalid = |n: u32| {
            people.next_call(&format!("+1303555{n:04}")).behaviour == Behaviour::InvalidNumber
        };
        let first: Vec<bool> = (0..200).map(invalid).collect();
        let second: Vec<bool> = (0..200).map(invalid).collect();
        assert_eq!(first, second);
        assert!((60..140).contains(&first.iter().filter(|i| **i).count()));
    }
}
