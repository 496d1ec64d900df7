//! Deep pages of a million contacts, and searches for a part of a name or number among them.

use std::time::Instant;

use anyhow::Context;
use serde_json::json;

use crate::figures::Figures;
use crate::plan::Plan;
use crate::stage::{Meter, Stage, Wanted, rows};
use crate::target::Target;

const CONTACTS: usize = 1_000_000;
const PAGE: usize = 100;
const REQUESTS: usize = 20;

/// None is asked for; they are to be seen.
pub const TARGETS: &[Target] = &[];

/// Runs it once.
///
/// # Errors
/// Something does not start.
pub async fn run(plan: &Plan) -> anyhow::Result<Figures> {
    let stage = Stage::set(plan, Wanted::default()).await?;
    let figures = read(plan, &stage).await;
    let figures = figures.with_context(|| stage.tails())?;
    stage.strike().await?;
    Ok(figures)
}

async fn read(plan: &Plan, stage: &Stage) -> anyhow::Result<Figures> {
    let count = plan.size(CONTACTS, 20_000);
    let campaign = stage.api.campaign(10, json!({})).await?;
    rows::new_contacts(stage, &campaign, count).await?;
    let base = format!("/api/campaigns/{campaign}/contacts?limit={PAGE}");
    let (last, middle) = (count / PAGE, count / PAGE / 2);
    let questions = [
        ("first_page", base.clone()),
        ("middle_page", format!("{base}&page={middle}")),
        ("last_page", format!("{base}&page={last}")),
        // One contact, a few of them, one in ten thousand, everybody, nobody.
        ("search_number", format!("{base}&search={}", "2015551234")),
        (
            "search_rare",
            format!("{base}&search=guest%20{}", count - 1),
        ),
        ("search_some", format!("{base}&search=1234")),
        ("search_all", format!("{base}&search=guest")),
        ("search_none", format!("{base}&search=nobody%20at%20all")),
    ];
    let meter = Meter::start(stage);
    let mut figures = Figures::default();
    figures.count("contacts", count);
    for (name, path) in questions {
        let mut took = Vec::with_capacity(REQUESTS);
        for _ in 0..REQUESTS {
            let begin = Instant::now();
            stage.api.get(&path).await?;
            took.push(begin.elapsed().as_secs_f64() * 1_000.0);
        }
        figures.spread(name, took);
    }
    figures.extend(meter.figures(stage));
    Ok(figures)
}
