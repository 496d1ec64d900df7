//! W2: are slots ever idle? Short talks at a limit; what the carrier saw counts.
//!
//! The k-th call that ends makes room for the call at the place `limit` + k. The gap between them, on the carrier's own
//! clock, holds everything: the callback's way to us, the commit, the queue, and the request's way back.

use chrono::{DateTime, Utc};

use crate::figures::Figures;
use crate::plan::Plan;
use crate::stage::network::{self, Seen};
use crate::stage::{Meter, People, Stage, Wanted};
use crate::target::Target;

const CONTACTS: usize = 4_000;
const LIMIT: usize = 400;
const PEOPLE: People = People {
    is_busy: false,
    ring_ms: 100,
    talk_ms: 2_000,
};

pub const TARGETS: &[Target] = &[
    Target::at_least("utilisation", 0.985),
    Target::at_most("calls_above_limit", 0.0),
    Target::at_most("gap_p50_ms", 10.0),
    Target::at_most("gap_p99_ms", 50.0),
];

/// Runs it once.
///
/// # Errors
/// Something does not start, or calls are missing in the end.
pub async fn run(plan: &Plan) -> anyhow::Result<Figures> {
    let wanted = Wanted {
        people: PEOPLE,
        ..Wanted::default()
    };
    Stage::play(plan, wanted, async |stage| keep_busy(plan, stage).await).await
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
async fn keep_busy(plan: &Plan, stage: &Stage) -> anyhow::Result<Figures> {
    let (contacts, limit) = (plan.size(CONTACTS, 100), plan.size(LIMIT, 50));
    let campaign = stage.api.campaign(limit, serde_json::json!({})).await?;
    stage.api.fill(&campaign, 0..contacts).await?;
    let meter = Meter::start(stage);
    let seconds = stage.api.call_all(&campaign, contacts).await?;
    let call_s = (PEOPLE.ring_ms + PEOPLE.talk_ms) as f64 / 1_000.0;
    let ideal_s = contacts as f64 / limit as f64 * call_s;
    let mut figures = Figures::default();
    figures.count("contacts", contacts);
    figures.add("seconds", seconds);
    figures.add("ideal_seconds", ideal_s);
    figures.add("utilisation", ideal_s / seconds);
    figures.extend(meter.figures(stage));
    if !stage.has_foreign_carrier {
        let most = network::max_concurrent(&stage.network).await?;
        figures.add("max_concurrent_calls", most);
        figures.add("calls_above_limit", (most - limit as f64).max(0.0));
        let calls = network::calls(&stage.network).await?;
        figures.spread("gap", gaps_ms(&calls, limit));
    }
    Ok(figures)
}

/// Milliseconds between each end and the request that it made room for.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of one run")]
fn gaps_ms(calls: &[Seen], limit: usize) -> Vec<f64> {
    let mut arrivals: Vec<DateTime<Utc>> = calls.iter().map(|call| call.arrived_at).collect();
    let mut ends: Vec<DateTime<Utc>> = calls.iter().filter_map(|call| call.ended_at).collect();
    arrivals.sort_unstable();
    ends.sort_unstable();
    let pairs = ends.iter().zip(arrivals.iter().skip(limit));
    let gaps = pairs.filter_map(|(end, next)| (*next - *end).num_microseconds());
    gaps.map(|micros| micros as f64 / 1_000.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_from_an_end_to_the_request_that_it_made_room_for() {
        let at = |ms: i64| DateTime::from_timestamp_millis(ms).unwrap();
        let call = |begin: i64, end: i64| Seen {
            arrived_at: at(begin),
            ended_at: Some(at(end)),
        };
        let calls = [call(0, 100), call(1, 90), call(95, 200), call(120, 300)];
        assert_eq!(gaps_ms(&calls, 2), [5.0, 20.0]);
    }
}
