//! Which settings were in force when.

use super::Spec;

/// Settings, and the calls that may have been begun under them. Calls are told apart by the number of their id: of two calls
/// the one begun later has the higher number.
#[derive(Clone, Debug)]
pub struct Era {
    /// The settings.
    pub spec: Spec,
    /// Calls up to this one were begun before.
    after: u64,
    /// Calls beyond this one were begun later.
    until: u64,
}

/// The settings of one campaign through time.
#[derive(Clone, Debug)]
pub struct Eras {
    eras: Vec<Era>,
    /// True where the last one was asked for and not answered yet.
    is_asked_for: bool,
}

impl Eras {
    /// From the beginning on `spec`.
    #[must_use]
    pub fn of(spec: Spec) -> Self {
        let (after, until) = (0, u64::MAX);
        Self {
            eras: vec![Era { spec, after, until }],
            is_asked_for: false,
        }
    }

    /// Somebody asks for other settings; until the answer calls may be begun under either. `made`: the last id so far.
    pub fn ask(&mut self, spec: Spec, made: u64) {
        let (after, until) = (made, u64::MAX);
        self.eras.push(Era { spec, after, until });
        self.is_asked_for = true;
    }

    /// What was asked for was done (`is_done`) or refused; from the call after `made` on it is certain.
    pub fn answer(&mut self, is_done: bool, made: u64) {
        if !std::mem::take(&mut self.is_asked_for) {
            return;
        }
        if !is_done {
            self.eras.pop();
            return;
        }
        let before = self.eras.len().saturating_sub(1);
        for era in &mut self.eras[..before] {
            era.until = era.until.min(made);
        }
    }

    /// True where something was asked for and not answered yet.
    #[must_use]
    pub const fn is_asked_for(&self) -> bool {
        self.is_asked_for
    }

    /// The settings that the call `number` may have been begun under.
    pub fn at(&self, number: u64) -> impl Iterator<Item = &Spec> {
        let is_possible = move |era: &&Era| era.after < number && number <= era.until;
        self.eras.iter().filter(is_possible).map(|era| &era.spec)
    }

    /// The settings that may have been in force since the call `number` was begun.
    pub fn since(&self, number: u64) -> impl Iterator<Item = &Spec> {
        let is_possible = move |era: &&Era| number <= era.until;
        self.eras.iter().filter(is_possible).map(|era| &era.spec)
    }

    /// The settings last asked for.
    ///
    /// # Panics
    /// Never: there is always one.
    #[must_use]
    pub fn last(&self) -> &Spec {
        &self.eras[self.eras.len() - 1].spec
    }
}
