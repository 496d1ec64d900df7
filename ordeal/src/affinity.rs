//! A run on one core of the machine: of its threads one runs at a time, and hands over to the next faster there than to
//! another core. Two runs on two cores play a quarter more seeds than two runs that wander.

/// Keeps the calling thread, and those that it starts from now on, on the `index`th core that it may use, counted from 0 and
/// around. Where the system has no such thing, or does not allow it, a run is only slower.
#[cfg(target_os = "linux")]
pub fn stay_on(index: usize) {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    let Ok(allowed) = sched_getaffinity(None) else {
        return;
    };
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU)
        .filter(|core| allowed.is_set(*core))
        .collect();
    if let Some(core) = cores.get(index % cores.len().max(1)) {
        let mut one = CpuSet::new();
        one.set(*core);
        let _ = sched_setaffinity(None, &one);
    }
}

/// Does nothing: threads cannot be kept on a core here.
#[cfg(not(target_os = "linux"))]
pub fn stay_on(_index: usize) {}
