//! W9: dispatch with one worker, two and four, on the same machine.

use anyhow::Context;

use super::dispatch::dispatch;
use crate::figures::Figures;
use crate::plan::Plan;
use crate::stage::{Stage, Wanted};
use crate::target::Target;

const WORKERS: [u32; 3] = [1, 2, 4];

pub const TARGETS: &[Target] = &[
    // What two runs of the same differ by is no slowness.
    Target::at_least("slowest_to_one_worker", 0.95),
    Target::at_most("worker_peak_mb", 40.0),
    Target::at_most("worker_ready_ms", 300.0),
];

/// Runs it once.
///
/// # Errors
/// Something does not start, or calls are missing in the end.
pub async fn run(plan: &Plan) -> anyhow::Result<Figures> {
    let mut figures = Figures::default();
    let (mut ratio, mut peak_mb, mut ready_ms) = (1.0_f64, 0.0_f64, 0.0_f64);
    let mut alone = None;
    for count in WORKERS {
        let wanted = Wanted {
            workers: Some(count - 1),
            ..Wanted::default()
        };
        let mut stage = Stage::set(plan, wanted).await?;
        let ready = stage.start_worker(plan).await?;
        let run = dispatch(plan, &stage).await;
        let run = run.with_context(|| stage.tails())?;
        let rate = run.get("calls_per_s").unwrap_or(0.0);
        ratio = ratio.min(rate / *alone.get_or_insert(rate));
        peak_mb = peak_mb.max(run.get("worker_peak_mb").unwrap_or(0.0));
        ready_ms = ready_ms.max(ready.as_secs_f64() * 1_000.0);
        figures.add(format!("calls_per_s_{count}_workers"), rate);
        let foreign = run.get("foreign_cpu_s").unwrap_or(0.0);
        figures.add(format!("foreign_cpu_s_{count}_workers"), foreign);
        stage.strike().await?;
    }
    figures.add("slowest_to_one_worker", ratio);
    figures.add("worker_peak_mb", peak_mb);
    figures.add("worker_ready_ms", ready_ms);
    Ok(figures)
}
