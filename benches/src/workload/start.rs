//! W4: `start` of a campaign with a million contacts.

use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::Utc;
use serde_json::json;
use tokio::time::sleep;

use crate::figures::Figures;
use crate::plan::Plan;
use crate::stage::{Meter, People, Stage, Wanted, network, rows};
use crate::target::Target;

const CONTACTS: usize = 1_000_000;
const LIMIT: usize = 1_000;
/// For how long Redis is watched after `start`.
const WATCHED: Duration = Duration::from_secs(10);
/// Nobody hangs up meanwhile.
const PEOPLE: People = People {
    is_busy: false,
    ring_ms: 100,
    talk_ms: 30_000,
};

pub const TARGETS: &[Target] = &[
    Target::at_most("answer_ms", 50.0),
    Target::at_most("redis_peak_mb", 5.0),
    Target::at_most("first_call_ms", 200.0),
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
    Stage::play(plan, wanted, async |stage| start(plan, stage).await).await
}

async fn start(plan: &Plan, stage: &Stage) -> anyhow::Result<Figures> {
    let count = plan.size(CONTACTS, 20_000);
    let campaign = stage.api.campaign(LIMIT, json!({})).await?;
    rows::new_contacts(stage, &campaign, count).await?;
    let before_mb = redis_mb(stage).await?;
    let meter = Meter::start(stage);
    let begin = Instant::now();
    stage.api.command(&campaign, "start").await?;
    let (answer, answered_at) = (begin.elapsed(), Utc::now());
    let mut peak_mb = before_mb;
    while begin.elapsed() < WATCHED {
        peak_mb = redis_mb(stage).await?.max(peak_mb);
        sleep(Duration::from_millis(20)).await;
    }
    let calls = network::calls(&stage.network).await?;
    let first = calls.iter().map(|call| call.arrived_at).min();
    ensure!(first.is_some(), "nobody was called");
    let first = first.map_or(0, |first| (first - answered_at).num_milliseconds());
    let mut figures = Figures::default();
    figures.count("contacts", count);
    figures.add("answer_ms", answer.as_secs_f64() * 1_000.0);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of one run")]
    figures.add("first_call_ms", first as f64);
    figures.count("calls_begun", calls.len());
    if stage.servers.is_some() {
        figures.add("redis_before_mb", before_mb);
        figures.add("redis_peak_mb", peak_mb);
    }
    figures.extend(meter.figures(stage));
    stage.api.command(&campaign, "end").await?;
    Ok(figures)
}

/// Megabytes in Redis; 0 where there is none.
async fn redis_mb(stage: &Stage) -> anyhow::Result<f64> {
    match &stage.servers {
        Some(servers) => servers.redis_mb().await,
        None => Ok(0.0),
    }
}
