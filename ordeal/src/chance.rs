//! Dice that a seed decides.

use std::hash::{DefaultHasher, Hash, Hasher};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One stream of chance. Streams of one seed do not disturb each other: more dice in one change nothing in another.
#[derive(Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of `seed` for `what`.
    #[must_use]
    pub fn of(seed: u64, what: impl Hash) -> Self {
        // Without keys of its own: the same in every process.
        let mut hasher = DefaultHasher::new();
        (seed, what).hash(&mut hasher);
        Self(ChaCha8Rng::seed_from_u64(hasher.finish()))
    }

    /// True with the probability `share`, of one.
    pub fn happens(&mut self, share: f64) -> bool {
        share > 0.0 && self.0.random_bool(share.min(1.0))
    }

    /// A number from `low` to `high`, both possible.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    /// A place in a list of `len` entries, which is not empty.
    pub fn index(&mut self, len: usize) -> usize {
        self.0.random_range(0..len.max(1))
    }

    /// One of `choices`, which is not empty.
    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.index(choices.len())].clone()
    }
}
