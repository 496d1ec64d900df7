//! W1: calls that end at once, from `start` to the last settled call.
//!
//! Of the simulator each call gets all four status callbacks, the request for the document that connects the agent, and
//! the report of the conversation. A carrier that is named on the command line may send less.

use std::time::Duration;

use tokio::time::sleep;

use crate::figures::Figures;
use crate::plan::{Plan, Stack};
use crate::stage::{Meter, Stage, Wanted};
use crate::target::Target;

const CONTACTS: usize = 20_000;
const LIMIT: usize = 1_000;

/// Calls per second are asked for on the embedded stack only; on the other it is a ratio.
pub const TARGETS: &[Target] = &[
    Target::at_least("embedded_calls_per_s", 1_000.0),
    Target::at_least("callbacks_per_call", 4.0),
];

/// Runs it once.
///
/// # Errors
/// Something does not start, or calls are missing in the end.
pub async fn run(plan: &Plan) -> anyhow::Result<Figures> {
    let mut figures = Stage::play(plan, Wanted::default(), async |stage| {
        dispatch(plan, stage).await
    })
    .await?;
    if let (Stack::Embedded, Some(rate)) = (plan.stack, figures.get("calls_per_s")) {
        figures.add("embedded_calls_per_s", rate);
    }
    Ok(figures)
}

/// Calls everybody on a stage that was set for it.
///
/// # Errors
/// Calls are missing after five minutes.
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
pub async fn dispatch(plan: &Plan, stage: &Stage) -> anyhow::Result<Figures> {
    let contacts = plan.size(CONTACTS, 500);
    let campaign = stage.api.campaign(LIMIT, serde_json::json!({})).await?;
    stage.api.fill(&campaign, 0..contacts).await?;
    let meter = Meter::start(stage);
    let seconds = stage.api.call_all(&campaign, contacts).await?;
    let mut figures = Figures::default();
    figures.count("contacts", contacts);
    figures.add("seconds", seconds);
    figures.add("calls_per_s", contacts as f64 / seconds);
    figures.extend(meter.figures(stage));
    // A call's last callback may have overtaken the others.
    sleep(Duration::from_secs(1)).await;
    let taken_in = "SELECT count(*) FROM webhook_inbox WHERE provider = 'signalwire'";
    let taken_in: i64 = stage.database.figure(taken_in).await?;
    figures.add("callbacks_per_call", taken_in as f64 / contacts as f64);
    Ok(figures)
}
