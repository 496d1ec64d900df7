//! From a histogram to percentiles.

use crate::store::histogram::{BINS, Counts};

/// Values below which so many percent of a list lie.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Percentiles {
    /// The median.
    pub p50: f64,
    /// 90 percent.
    pub p90: f64,
    /// 95 percent.
    pub p95: f64,
    /// 99 percent.
    pub p99: f64,
}

impl Percentiles {
    /// Those of values counted in steps that end at `bounds`, told in units of `unit` bounds, to one decimal; `None`
    /// where there are none.
    ///
    /// Within its step a percentile is interpolated, as if the values were spread evenly. It is therefore off by less than
    /// the width of the step. Above the last bound nothing is known: that bound is told.
    pub(super) fn of(counts: &Counts, bounds: &[i64; BINS - 1], unit: f64) -> Option<Self> {
        let total: i64 = counts.iter().sum();
        if total <= 0 {
            return None;
        }
        let at =
            |share: f64| (value(counts, bounds, share * total as f64) / unit * 10.0).round() / 10.0;
        Some(Self {
            p50: at(0.50),
            p90: at(0.90),
            p95: at(0.95),
            p99: at(0.99),
        })
    }
}

/// The value that `rank` values do not exceed.
fn value(counts: &Counts, bounds: &[i64; BINS - 1], rank: f64) -> f64 {
    let (mut below, mut lower) = (0.0, 0.0);
    for (count, bound) in counts.iter().zip(bounds) {
        let (count, bound) = (*count as f64, *bound as f64);
        if count > 0.0 && below + count >= rank {
            return lower + (bound - lower) * (rank - below) / count;
        }
        below += count;
        lower = bound;
    }
    lower
}
