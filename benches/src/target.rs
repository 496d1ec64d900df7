//! What a workload must reach.

use serde_json::{Value, json};

use crate::figures::Figures;

/// A bound of a figure.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    figure: &'static str,
    bound: Bound,
}

#[derive(Clone, Copy, Debug)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Target {
    /// `figure` must not be below `bound`.
    pub const fn at_least(figure: &'static str, bound: f64) -> Self {
        let bound = Bound::AtLeast(bound);
        Self { figure, bound }
    }

    /// `figure` must not be above `bound`.
    pub const fn at_most(figure: &'static str, bound: f64) -> Self {
        let bound = Bound::AtMost(bound);
        Self { figure, bound }
    }

    /// Whether `figures` keep it; none: it was not measured.
    pub fn is_met(&self, figures: &Figures) -> Option<bool> {
        let measured = figures.get(self.figure)?;
        Some(match self.bound {
            Bound::AtLeast(bound) => measured >= bound,
            Bound::AtMost(bound) => measured <= bound,
        })
    }

    /// As it stands in the results.
    pub fn to_json(self, figures: &Figures) -> Value {
        let (word, bound) = match self.bound {
            Bound::AtLeast(bound) => ("at_least", bound),
            Bound::AtMost(bound) => ("at_most", bound),
        };
        json!({"figure": self.figure, word: bound, "met": self.is_met(figures)})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_met_up_to_its_bound_and_unknown_without_a_figure() {
        let mut figures = Figures::default();
        figures.add("p99_ms", 20.0);
        assert_eq!(Target::at_most("p99_ms", 20.0).is_met(&figures), Some(true));
        assert_eq!(
            Target::at_most("p99_ms", 19.9).is_met(&figures),
            Some(false)
        );
        assert_eq!(
            Target::at_least("p99_ms", 20.1).is_met(&figures),
            Some(false)
        );
        assert_eq!(Target::at_most("p50_ms", 20.0).is_met(&figures), None);
    }
}
