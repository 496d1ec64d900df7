//! How much memory this process takes.

/// Bytes that are resident, by what Linux tells of the process; `None` elsewhere.
#[must_use]
pub fn bytes() -> Option<u64> {
    resident(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// The line `VmRSS:   12345 kB`: the one place that needs no knowledge of the page size.
fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::resident;

    #[test]
    fn the_resident_size_is_read_from_its_line() {
        let status = "Name:\tdialer\nVmHWM:\t  20 kB\nVmRSS:\t   12345 kB\nThreads:\t3\n";
        assert_eq!(resident(status), Some(12_345 * 1024));
        assert_eq!(resident("Name:\tdialer\n"), None);
    }
}
