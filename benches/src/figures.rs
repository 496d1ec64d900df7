//! The figures of a run, and what several runs come to.

use serde_json::{Map, Value, json};

/// Named figures in the order in which they were measured. Each name says its unit.
#[derive(Clone, Debug, Default)]
pub struct Figures(Vec<(String, f64)>);

impl Figures {
    /// Adds a figure.
    pub fn add(&mut self, name: impl Into<String>, value: f64) {
        self.0.push((name.into(), value));
    }

    /// As [`Self::add`], for what is counted.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    pub fn count(&mut self, name: impl Into<String>, value: usize) {
        self.add(name, value as f64);
    }

    /// Adds the median, the 99th percentile and the longest of `sample` as `NAME_p50_ms` and so on. Nothing where there is
    /// no sample.
    pub fn spread(&mut self, name: &str, mut sample: Vec<f64>) {
        sample.sort_by(f64::total_cmp);
        let Some(longest) = sample.last() else {
            return;
        };
        self.add(format!("{name}_p50_ms"), percentile(&sample, 50));
        self.add(format!("{name}_p99_ms"), percentile(&sample, 99));
        self.add(format!("{name}_max_ms"), *longest);
    }

    /// Takes over all of `others`.
    pub fn extend(&mut self, others: Figures) {
        self.0.extend(others.0);
    }

    /// As they are printed: rounded to what can be believed.
    pub fn to_json(&self) -> Map<String, Value> {
        let rounded = |value: &f64| json!((value * 1_000.0).round() / 1_000.0);
        let each = self
            .0
            .iter()
            .map(|(name, value)| (name.clone(), rounded(value)));
        each.collect()
    }

    /// What figure is called `name`?
    pub fn get(&self, name: &str) -> Option<f64> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| *value)
    }

    /// The median of each figure of `runs`, in the order of the first.
    pub fn medians(runs: &[Figures]) -> Figures {
        let mut medians = Figures::default();
        for (name, _) in runs.first().map_or(&[][..], |first| &first.0) {
            let mut values: Vec<f64> = runs.iter().filter_map(|run| run.get(name)).collect();
            values.sort_by(f64::total_cmp);
            medians.add(name.clone(), percentile(&values, 50));
        }
        medians
    }
}

/// The `percent`th of a sorted sample that is not empty, by nearest rank.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted[rank - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_member_of_the_sample() {
        let sample: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(percentile(&sample, 50), 100.0);
        assert_eq!(percentile(&sample, 99), 198.0);
        assert_eq!(percentile(&[7.0], 99), 7.0);
    }

    #[test]
    fn the_median_of_several_runs_leaves_a_noisy_one_out() {
        let runs = [3.0, 100.0, 1.0].map(|seconds| {
            let mut run = Figures::default();
            run.add("seconds", seconds);
            run
        });
        assert_eq!(Figures::medians(&runs).get("seconds"), Some(3.0));
    }
}
