//! The run in figures, phase by phase.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use simulator::RecordedCall;

use crate::dashboard::Reading;
use crate::gaps::Gap;
use crate::plan::{Kind, Phase};
use crate::sample::Sample;

/// The part of a calm phase in which what faults left behind is still being cleared up: it is shown, and not counted.
const AFTERMATH: f64 = 0.4;

/// A phase, and when it was.
#[derive(Clone, Debug)]
pub struct Span {
    pub phase: Phase,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

impl Span {
    fn holds(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.to
    }

    /// Since when its figures count.
    fn counts_from(&self) -> DateTime<Utc> {
        let lasted = (self.to - self.from).as_seconds_f64();
        let aftermath_ms = match self.phase.kind {
            Kind::Calm => lasted * AFTERMATH * 1_000.0,
            Kind::WarmUp | Kind::Faults | Kind::End => 0.0,
        };
        self.from + TimeDelta::milliseconds(aftermath_ms as i64)
    }
}

/// Everything that was measured.
pub struct Measured {
    pub samples: Vec<Sample>,
    pub readings: Vec<Reading>,
    pub gaps: Vec<Gap>,
}

/// One phase: medians, unless said otherwise.
#[derive(Clone, Debug)]
pub struct Figures {
    pub span: Span,
    /// Calls that the carrier was asked for, and those it took on.
    pub asked: usize,
    pub calls: usize,
    pub api_bytes: f64,
    pub worker_bytes: f64,
    pub workers_bytes: f64,
    pub api_files: f64,
    pub worker_files: f64,
    pub redis_bytes: f64,
    pub redis_keys: f64,
    pub connections: f64,
    pub small_rows: f64,
    pub busy_bytes: f64,
    pub open_rows: f64,
    /// Receipts of webhooks for each call in the books, at the end of the phase.
    pub receipts_per_call: f64,
    /// The API's answers, in milliseconds.
    pub read_p50_ms: f64,
    pub read_p99_ms: f64,
    /// From a slot's release to the next call, in milliseconds.
    pub gap_p50_ms: f64,
    pub gap_p99_ms: f64,
}

impl Figures {
    /// What was measured in `span`.
    pub fn of(span: &Span, measured: &Measured, calls: &[RecordedCall]) -> Self {
        let since = span.counts_from();
        let counts = |at: DateTime<Utc>| at >= since && span.holds(at);
        let samples: Vec<&Sample> = measured
            .samples
            .iter()
            .filter(|one| counts(one.at))
            .collect();
        let median = |figure: &dyn Fn(&Sample) -> Option<f64>| {
            quantile(samples.iter().filter_map(|one| figure(one)).collect(), 0.5)
        };
        let read: Vec<f64> = measured
            .readings
            .iter()
            .filter(|one| counts(one.at))
            .map(|one| one.took.as_secs_f64() * 1_000.0)
            .collect();
        let gaps = measured.gaps.iter().filter(|one| counts(one.at));
        let gaps: Vec<f64> = gaps.map(|one| one.took.as_secs_f64() * 1_000.0).collect();
        let asked = calls.iter().filter(|call| span.holds(call.arrived_at));
        let last = samples.last().map(|one| one.postgres);
        Self {
            span: span.clone(),
            asked: asked.clone().count(),
            calls: asked.filter(|call| call.sid().is_some()).count(),
            api_bytes: median(&|one| Some(one.api.bytes as f64)),
            worker_bytes: median(&|one| Some(one.worker.bytes as f64)),
            workers_bytes: median(&|one| Some(one.workers.bytes as f64)),
            api_files: median(&|one| Some(one.api.files as f64)),
            worker_files: median(&|one| Some(one.worker.files as f64)),
            redis_bytes: median(&|one| one.redis.map(|redis| redis.bytes as f64)),
            redis_keys: median(&|one| one.redis.map(|redis| redis.keys as f64)),
            connections: median(&|one| Some(one.postgres.connections as f64)),
            small_rows: median(&|one| Some(one.postgres.small_rows as f64)),
            busy_bytes: median(&|one| Some(one.postgres.busy_bytes as f64)),
            open_rows: median(&|one| Some(one.postgres.open_rows as f64)),
            receipts_per_call: last.map_or(f64::NAN, |books| {
                books.receipts as f64 / books.calls.max(1) as f64
            }),
            read_p50_ms: quantile(read.clone(), 0.5),
            read_p99_ms: quantile(read, 0.99),
            gap_p50_ms: quantile(gaps.clone(), 0.5),
            gap_p99_ms: quantile(gaps, 0.99),
        }
    }

    /// As one object of the JSON line.
    pub fn to_json(&self) -> Value {
        json!({
            "phase": self.span.phase.name, "from": self.span.from, "to": self.span.to,
            "asked": self.asked, "calls": self.calls,
            "apiBytes": self.api_bytes, "workerBytes": self.worker_bytes, "workersBytes": self.workers_bytes,
            "apiFiles": self.api_files, "workerFiles": self.worker_files,
            "redisBytes": self.redis_bytes, "redisKeys": self.redis_keys,
            "connections": self.connections, "smallRows": self.small_rows, "busyBytes": self.busy_bytes,
            "openRows": self.open_rows, "receiptsPerCall": self.receipts_per_call,
            "readP50Ms": self.read_p50_ms, "readP99Ms": self.read_p99_ms,
            "gapP50Ms": self.gap_p50_ms, "gapP99Ms": self.gap_p99_ms,
        })
    }
}

/// The value that a share `at` of all lie below; not a number where there is none.
fn quantile(mut values: Vec<f64>, at: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    values
        .get((last * at).round() as usize)
        .copied()
        .unwrap_or(f64::NAN)
}
