//! W5: what the dashboard reads, at ten thousand, a million and ten million calls.

use serde_json::json;

use crate::figures::Figures;
use crate::plan::Plan;
use crate::stage::{Meter, Stage, Wanted, rows};
use crate::target::Target;

const SIZES: [usize; 3] = [10_000, 1_000_000, 10_000_000];
const SMOKE_SIZES: [usize; 2] = [1_000, 20_000];
/// Campaigns in the list beside the one that called, each with somebody to call.
const OTHERS: usize = 40;
/// Requests of each kind, one after the other.
const REQUESTS: usize = 300;
/// Not counted: connections are made and statements prepared.
const WARM_UP: usize = 20;

pub const TARGETS: &[Target] = &[
    Target::at_most("slowest_p99_ms", 20.0),
    // Medians of the largest and the smallest size; what two runs of the same differ by is no growth.
    Target::at_most("largest_to_smallest_p50", 1.25),
];

/// Runs it once.
///
/// # Errors
/// Something does not start, or a request fails.
pub async fn run(plan: &Plan) -> anyhow::Result<Figures> {
    let sizes: &[usize] = if plan.is_smoke { &SMOKE_SIZES } else { &SIZES };
    let mut figures = Figures::default();
    let (mut slowest, mut growth) = (0.0_f64, 1.0_f64);
    let mut smallest: Option<Figures> = None;
    for calls in sizes.iter().filter(|calls| **calls <= plan.rows_max) {
        let run = Stage::play(plan, Wanted::default(), async |stage| {
            read(plan, stage, *calls).await
        })
        .await?;
        for (endpoint, _) in endpoints("") {
            let of = |run: &Figures, what| {
                run.get(&format!("{endpoint}_{what}_ms"))
                    .unwrap_or(f64::NAN)
            };
            let (p50, p99) = (of(&run, "p50"), of(&run, "p99"));
            figures.add(format!("{endpoint}_p50_ms_{calls}"), p50);
            figures.add(format!("{endpoint}_p99_ms_{calls}"), p99);
            slowest = slowest.max(p99);
            growth = growth.max(p50 / of(smallest.as_ref().unwrap_or(&run), "p50"));
        }
        let foreign = run.get("foreign_cpu_s").unwrap_or(0.0);
        figures.add(format!("foreign_cpu_s_{calls}"), foreign);
        smallest.get_or_insert(run);
    }
    figures.add("slowest_p99_ms", slowest);
    figures.add("largest_to_smallest_p50", growth);
    Ok(figures)
}

async fn read(plan: &Plan, stage: &Stage, calls: usize) -> anyhow::Result<Figures> {
    for _ in 0..OTHERS {
        let other = stage.api.campaign(10, json!({})).await?;
        stage.api.fill(&other, 0..10).await?;
    }
    let campaign = stage.api.campaign(10, json!({})).await?;
    rows::call_history(plan, stage, &campaign, calls).await?;
    let meter = Meter::start(stage);
    let mut figures = Figures::default();
    for (name, path) in endpoints(&campaign) {
        stage.api.timed(&path, WARM_UP).await?;
        figures.spread(name, stage.api.timed(&path, REQUESTS).await?);
    }
    figures.extend(meter.figures(stage));
    Ok(figures)
}

/// What is read, by the name of its figures.
fn endpoints(campaign: &str) -> [(&'static str, String); 4] {
    [
        (
            "statistics",
            format!("/api/campaigns/{campaign}/statistics"),
        ),
        ("details", format!("/api/campaigns/{campaign}")),
        ("list", "/api/campaigns?limit=20".to_owned()),
        ("dashboard", "/api/v1/analytics/dashboard".to_owned()),
    ]
}
