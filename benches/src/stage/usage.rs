//! What processes use of the machine, as `/proc` has it.

use std::fs;

/// Ticks per second of the CPU times in `/proc`; the same on every Linux that we run on.
const TICKS_PER_S: f64 = 100.0;

/// Seconds of CPU time of a process so far, its children that are gone not included; 0 where it is gone.
pub fn cpu_s(process: u32) -> f64 {
    ticks(process, 11..13)
}

/// As [`cpu_s`], with all children, those that are gone and those that are not.
pub fn cpu_with_children_s(process: u32) -> f64 {
    let path = format!("/proc/{process}/task/{process}/children");
    let children = fs::read_to_string(path).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|id| id.parse().ok());
    ticks(process, 11..15) + children.map(cpu_s).sum::<f64>()
}

/// Seconds of CPU time that the whole machine has spent so far, idling and waiting for the disk not included.
pub fn busy_s() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let first = stat.lines().next().unwrap_or_default();
    let fields: Vec<f64> = first
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    // user, nice, system, (idle, iowait,) irq, softirq, steal
    let spent = [0, 1, 2, 5, 6, 7];
    spent.iter().filter_map(|at| fields.get(*at)).sum::<f64>() / TICKS_PER_S
}

/// The most megabytes that a process ever held, or since [`forget_peak`].
pub fn peak_mb(process: u32) -> f64 {
    kilobytes(process, "VmHWM:") / 1_024.0
}

/// From now on [`peak_mb`] is counted anew.
pub fn forget_peak(process: u32) {
    let _ = fs::write(format!("/proc/{process}/clear_refs"), "5");
}

/// The process that started `process`.
pub fn parent(process: u32) -> Option<u32> {
    fields(process).get(1)?.parse().ok()
}

fn ticks(process: u32, range: std::ops::Range<usize>) -> f64 {
    let fields = fields(process);
    let range = fields.get(range).unwrap_or_default();
    let ticks = range.iter().filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS_PER_S
}

/// What stands in `/proc/…/stat` behind the name, which may hold anything: state, parent, group, …
fn fields(process: u32) -> Vec<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let behind = stat.rsplit_once(") ").map_or("", |(_, behind)| behind);
    behind.split_whitespace().map(str::to_owned).collect()
}

fn kilobytes(process: u32, what: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let figure = line.and_then(|line| line.split_whitespace().next());
    figure.and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_uses_memory_and_time_and_has_a_parent() {
        let own = std::process::id();
        let held = vec![1_u8; 32 << 20];
        let begin = cpu_s(own);
        while cpu_s(own) < begin + 0.05 {}
        assert!(held.iter().all(|byte| *byte == 1));
        assert!(peak_mb(own) >= 32.0);
        assert!(busy_s() > 0.05);
        assert!(parent(own).is_some_and(|parent| parent > 0));
    }
}
