//! What "flat" means, in figures.

use std::cmp::Ordering;

use crate::figures::Figures;
use crate::plan::Kind;
use crate::sample::Sample;

/// How much more the last calm phase may come to than the first one after the warm-up.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Memory of a process: this share more, or so many bytes, whichever is more.
    pub memory_share: f64,
    pub memory_bytes: f64,
    /// Memory of Redis, likewise. It holds jobs, and a job is small.
    pub redis_bytes: f64,
    /// Files and connections of a process; connections of Postgres.
    pub files: f64,
    /// Keys in Redis: what waits and runs differs from moment to moment.
    pub keys: f64,
    /// Keys in Redis once everybody has come to an end: those of the queue itself and of its workers.
    pub keys_left: f64,
    /// Rows of the tables that say who is there and who does what.
    pub rows: f64,
    /// Bytes of the tables whose few rows are written all the time.
    pub busy_bytes: f64,
    /// Receipts of webhooks for a call, in the whole run: they are kept for days, so that their number grows with the calls.
    pub receipts_per_call: f64,
    /// Latency, grossly, as the machine does other things as well: so many times as much, or so many milliseconds. Whoever
    /// has to wait for the next tick of the reconciler, which comes once a second, is beyond that.
    pub latency_ratio: f64,
    pub latency_ms: f64,
    /// Kinds of faults that may never have struck: the rare ones come up a few times in a short run, or not at all.
    pub faults_missing: usize,
}

const MIB: f64 = 1_048_576.0;

impl Bounds {
    /// Of two hours.
    pub const WHOLE: Self = Self {
        memory_share: 0.2,
        memory_bytes: 8.0 * MIB,
        redis_bytes: MIB,
        files: 8.0,
        keys: 50.0,
        keys_left: 20.0,
        rows: 8.0,
        busy_bytes: MIB,
        receipts_per_call: 8.0,
        latency_ratio: 2.0,
        latency_ms: 250.0,
        faults_missing: 0,
    };
    /// Of the short form: the first calm phase is hardly warm, and programs are slow.
    pub const SHORT: Self = Self {
        memory_share: 0.2,
        memory_bytes: 8.0 * MIB,
        redis_bytes: MIB,
        files: 12.0,
        keys: 50.0,
        keys_left: 20.0,
        rows: 8.0,
        busy_bytes: 2.0 * MIB,
        receipts_per_call: 8.0,
        latency_ratio: 4.0,
        latency_ms: 1_000.0,
        faults_missing: 6,
    };
}

/// What a figure of the last calm phase may come to.
enum Allowed {
    /// So much more than the first.
    More(f64),
    /// As memory of a process may.
    Memory,
    /// As latency may.
    Latency,
    /// So much, whatever the first was.
    AtMost(f64),
}

/// What is judged, by what it is called.
type Judged = (&'static str, fn(&Figures) -> f64, Allowed);

fn judged(bounds: &Bounds) -> Vec<Judged> {
    use Allowed::{AtMost, Latency, Memory, More};
    vec![
        ("bytes of the API", |of| of.api_bytes, Memory),
        ("bytes of the first worker", |of| of.worker_bytes, Memory),
        (
            "bytes of Redis",
            |of| of.redis_bytes,
            More(bounds.redis_bytes),
        ),
        ("files of the API", |of| of.api_files, More(bounds.files)),
        (
            "files of the first worker",
            |of| of.worker_files,
            More(bounds.files),
        ),
        ("connections", |of| of.connections, More(bounds.files)),
        ("keys in Redis", |of| of.redis_keys, More(bounds.keys)),
        (
            "rows of small tables",
            |of| of.small_rows,
            More(bounds.rows),
        ),
        (
            "bytes of busy tables",
            |of| of.busy_bytes,
            More(bounds.busy_bytes),
        ),
        (
            "receipts for a call",
            |of| of.receipts_per_call,
            AtMost(bounds.receipts_per_call),
        ),
        ("half of the reads, in ms", |of| of.read_p50_ms, Latency),
        (
            "half of the gaps before the next call, in ms",
            |of| of.gap_p50_ms,
            Latency,
        ),
    ]
}

/// Everything that is not flat, in words.
pub fn not_flat(figures: &[Figures], bounds: &Bounds) -> Vec<String> {
    let mut calm = figures
        .iter()
        .filter(|one| one.span.phase.kind == Kind::Calm);
    let (Some(first), Some(last)) = (calm.next(), calm.next_back()) else {
        return vec!["there are no two calm phases to compare".to_owned()];
    };
    let grown = judged(bounds).into_iter().filter_map(|(what, figure, allowed)| {
        let (before, after) = (figure(first), figure(last));
        let allowed = match allowed {
            Allowed::More(more) => before + more,
            Allowed::Memory => before + (before * bounds.memory_share).max(bounds.memory_bytes),
            Allowed::Latency => (before * bounds.latency_ratio).max(bounds.latency_ms),
            Allowed::AtMost(most) => most,
        };
        // What was not measured is not flat.
        let is_flat = after.partial_cmp(&allowed).is_some_and(Ordering::is_le);
        (!is_flat).then(|| {
            format!("{what}: {before:.1} in the first calm phase, {after:.1} in the last, {allowed:.1} allowed")
        })
    });
    grown.collect()
}

/// What is left in Redis, in words, where that is too much; `last` is the last look at everything.
pub fn left_in_redis(last: Option<&Sample>, bounds: &Bounds) -> Option<String> {
    let keys = last.and_then(|sample| sample.redis).map(|redis| redis.keys);
    let is_tidy = keys.is_some_and(|keys| keys as f64 <= bounds.keys_left);
    (!is_tidy).then(|| {
        format!(
            "keys in Redis once everybody has come to an end: {keys:?}, {} allowed",
            bounds.keys_left
        )
    })
}

/// The faults that never struck, in words, where there are too many: then less was tried than is said.
pub fn tame(struck: &[(String, u64)], bounds: &Bounds) -> Option<String> {
    let never = struck.iter().filter(|(_, count)| *count == 0);
    let never: Vec<&str> = never.map(|(fault, _)| fault.as_str()).collect();
    (never.len() > bounds.faults_missing).then(|| format!("never struck: {}", never.join(", ")))
}
