//! Who used the processors between two moments.

use std::time::Instant;

use super::{Stage, usage};
use crate::figures::Figures;

/// A moment, and what everybody had used until then.
pub struct Meter {
    begin: Instant,
    spent: Vec<(&'static str, f64)>,
    busy_s: f64,
}

impl Meter {
    /// Begins to measure now.
    pub fn start(stage: &Stage) -> Self {
        Self {
            begin: Instant::now(),
            spent: spent(stage),
            busy_s: usage::busy_s(),
        }
    }

    /// Seconds since the begin.
    pub fn seconds(&self) -> f64 {
        self.begin.elapsed().as_secs_f64()
    }

    /// Seconds of CPU time since the begin, of each process of the stage and of everything else on the machine
    /// (`foreign_cpu_s`), and the most memory of ours.
    pub fn figures(&self, stage: &Stage) -> Figures {
        let mut figures = Figures::default();
        let mut own_s = 0.0;
        for ((name, now), (_, before)) in spent(stage).into_iter().zip(&self.spent) {
            own_s += now - before;
            figures.add(format!("{name}_cpu_s"), now - before);
        }
        let foreign_s = usage::busy_s() - self.busy_s - own_s;
        figures.add("foreign_cpu_s", foreign_s.max(0.0));
        figures.add("api_peak_mb", usage::peak_mb(stage.web.id()));
        let workers = stage
            .workers
            .iter()
            .map(|worker| usage::peak_mb(worker.id()));
        if let Some(largest) = workers.max_by(f64::total_cmp) {
            figures.add("worker_peak_mb", largest);
        }
        figures
    }
}

fn spent(stage: &Stage) -> Vec<(&'static str, f64)> {
    let workers = stage.workers.iter().map(|worker| worker.cpu_s());
    let mut spent = vec![
        ("api", stage.web.cpu_s()),
        ("workers", workers.sum()),
        ("simulator", stage.simulator.cpu_s()),
        ("bench", usage::cpu_s(std::process::id())),
    ];
    if let Some(process) = stage.carrier_process {
        spent.push(("carrier", usage::cpu_s(process)));
    }
    if let Some(servers) = &stage.servers {
        spent.push(("postgres", servers.postgres_cpu_s()));
        spent.push(("redis", servers.redis_cpu_s()));
    }
    spent
}
