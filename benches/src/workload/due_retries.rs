//! W7: a hundred thousand retries that fall due in the same second.

use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tokio::time::sleep;

use crate::figures::Figures;
use crate::plan::Plan;
use crate::stage::network::{self, Seen};
use crate::stage::{Meter, People, Stage, Wanted, rows};
use crate::target::Target;

const CONTACTS: usize = 100_000;
const LIMIT: usize = 500;
const PEOPLE: People = People {
    is_busy: false,
    ring_ms: 100,
    talk_ms: 2_000,
};
/// From the begin of making the rows to the second in which they are due.
const AHEAD: TimeDelta = TimeDelta::seconds(40);
const SMOKE_AHEAD: TimeDelta = TimeDelta::seconds(5);
/// For how long slots are watched from then on. Calling everybody would take seven minutes.
const WATCHED: TimeDelta = TimeDelta::seconds(20);

pub const TARGETS: &[Target] = &[
    Target::at_most("first_call_ms", 200.0),
    Target::at_most("early_calls", 0.0),
    Target::at_least("utilisation", 0.985),
];

/// Runs it once.
///
/// # Errors
/// Something does not start, or nobody is called.
pub async fn run(plan: &Plan) -> anyhow::Result<Figures> {
    let wanted = Wanted {
        people: PEOPLE,
        ..Wanted::default()
    };
    Stage::play(plan, wanted, async |stage| retry(plan, stage).await).await
}

async fn retry(plan: &Plan, stage: &Stage) -> anyhow::Result<Figures> {
    let contacts = plan.size(CONTACTS, 5_000);
    let limit = plan.size(LIMIT, 50);
    let fields = json!({"callAttemptsPerContact": 2});
    let campaign = stage.api.campaign(limit, fields).await?;
    let ahead = if plan.is_smoke { SMOKE_AHEAD } else { AHEAD };
    let due = Utc::now() + ahead;
    let due = due - TimeDelta::nanoseconds(i64::from(due.timestamp_subsec_nanos()));
    rows::due_contacts(stage, &campaign, contacts, due).await?;
    stage.api.command(&campaign, "start").await?;
    ensure!(Utc::now() < due, "making the rows took longer than {ahead}");
    sleep(
        (due - Utc::now() - TimeDelta::seconds(1))
            .to_std()
            .unwrap_or_default(),
    )
    .await;
    let meter = Meter::start(stage);
    let until = due + WATCHED;
    sleep((until - Utc::now()).to_std().unwrap_or(Duration::ZERO)).await;
    let spent = meter.figures(stage);
    stage.api.command(&campaign, "end").await?;
    let calls = network::calls(&stage.network).await?;
    let first = calls.iter().map(|call| call.arrived_at).min();
    let first = first.context("nobody was called")?;
    let early = calls.iter().filter(|call| call.arrived_at < due);
    let mut figures = Figures::default();
    figures.count("contacts", contacts);
    figures.add("first_call_ms", (first - due).as_seconds_f64() * 1_000.0);
    figures.count("early_calls", early.count());
    figures.count("calls_begun", calls.len());
    // The first second is the ramp up to the limit.
    let from = due + TimeDelta::seconds(1);
    figures.add("utilisation", busy_share(&calls, limit, from, until));
    figures.extend(spent);
    Ok(figures)
}

/// Which share of `limit` slots was in a call between two instants, on the average.
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn busy_share(calls: &[Seen], limit: usize, from: DateTime<Utc>, until: DateTime<Utc>) -> f64 {
    let within = |call: &Seen| {
        let begin = call.arrived_at.max(from);
        let end = call.ended_at.unwrap_or(until).min(until);
        (end - begin).as_seconds_f64().max(0.0)
    };
    let busy_s: f64 = calls.iter().map(within).sum();
    busy_s / (limit as f64 * (until - from).as_seconds_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_busy_while_its_call_goes_on() {
        let at = |s: i64| DateTime::from_timestamp(s, 0).unwrap();
        let call = |begin: i64, end: Option<i64>| Seen {
            arrived_at: at(begin),
            ended_at: end.map(at),
        };
        let calls = [
            call(0, Some(15)),
            call(10, Some(20)),
            call(19, None),
            call(25, None),
        ];
        // Five, ten and one of two times ten seconds.
        assert!((busy_share(&calls, 2, at(10), at(20)) - 0.8).abs() < 1e-9);
    }
}
