//! W1: calls that end at once, from `start` to the last settled call.
//!
//! Of the simulator each call gets all four status callbacks, the request for the document that connects the agent, and
//! the report of the conversation. A carrier that is named on the command line may send less.

use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::time::sleep;

use crate::figures::Figures;
use crate::plan::{Plan, Stack};
use crate::stage::{Meter, Stage, Wanted};
use crate::target::Target;

const CONTACTS: usize = 20_000;
const LIMIT: usize = 1_000;
const PAUSE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(300);

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
    let stage = Stage::set(plan, Wanted::default()).await?;
    let figures = dispatch(plan, &stage).await;
    let mut figures = figures.with_context(|| stage.tails())?;
    if let (Stack::Embedded, Some(rate)) = (plan.stack, figures.get("calls_per_s")) {
        figures.add("embedded_calls_per_s", rate);
    }
    stage.strike().await?;
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
    let begin = Instant::now();
    stage.api.command(&campaign, "start").await?;
    let all = contacts as u64;
    let is_over = |stands: crate::stage::api::Progress| stands.settled >= all && stands.live == 0;
    stage.api.until(&campaign, PAUSE, PATIENCE, is_over).await?;
    let seconds = begin.elapsed().as_secs_f64();
    let mut figures = Figures::default();
    figures.count("contacts", contacts);
    figures.add("seconds", seconds);
    figures.add("calls_per_s", contacts as f64 / seconds);
    figures.extend(meter.figures(stage));
    if let Some(servers) = &stage.servers {
        // A call's last callback may have overtaken the others.
        sleep(Duration::from_secs(1)).await;
        let taken_in = "SELECT count(*)::float8 FROM webhook_inbox WHERE provider = 'signalwire'";
        let taken_in: f64 = servers.figure(taken_in).await?;
        figures.add("callbacks_per_call", taken_in / contacts as f64);
    }
    Ok(figures)
}
