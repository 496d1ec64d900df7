//! W10: a page of ten thousand contacts, and a million of them as CSV.

use std::time::Instant;

use anyhow::ensure;
use serde_json::json;

use crate::figures::Figures;
use crate::plan::Plan;
use crate::stage::{Meter, Stage, Wanted, rows, usage};
use crate::target::Target;

const CONTACTS: usize = 1_000_000;
const PAGE: usize = 10_000;
const PAGES: usize = 20;

pub const TARGETS: &[Target] = &[
    Target::at_least("rows_per_s", 150_000.0),
    Target::at_most("export_api_peak_mb", 50.0),
    Target::at_most("first_byte_ms", 50.0),
];

/// Runs it once.
///
/// # Errors
/// Something does not start, or rows are missing.
pub async fn run(plan: &Plan) -> anyhow::Result<Figures> {
    Stage::play(plan, Wanted::default(), async |stage| {
        read(plan, stage).await
    })
    .await
}

async fn read(plan: &Plan, stage: &Stage) -> anyhow::Result<Figures> {
    let count = plan.size(CONTACTS, 20_000);
    let campaign = stage.api.campaign(10, json!({})).await?;
    rows::new_contacts(stage, &campaign, count).await?;
    let meter = Meter::start(stage);
    let mut figures = Figures::default();
    figures.count("contacts", count);
    // The file first: what pages leave in the process's memory is not its.
    figures.extend(export(stage, &campaign, count).await?);
    let path = format!("/api/campaigns/{campaign}/contacts?limit={PAGE}");
    figures.spread("page", stage.api.timed(&path, PAGES).await?);
    figures.extend(meter.figures(stage));
    Ok(figures)
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
async fn export(stage: &Stage, campaign: &str, count: usize) -> anyhow::Result<Figures> {
    let path = format!("/api/campaigns/{campaign}/contacts");
    let request = stage.api.http().get(stage.api.at(&path));
    usage::forget_peak(stage.web.id());
    let begin = Instant::now();
    let mut answer = stage.api.ask(request.header("accept", "text/csv")).await?;
    ensure!(answer.status().is_success(), "{}", answer.status());
    let (mut first_byte_ms, mut lines, mut bytes) = (None, 0_usize, 0_usize);
    while let Some(chunk) = answer.chunk().await? {
        first_byte_ms.get_or_insert_with(|| begin.elapsed().as_secs_f64() * 1_000.0);
        lines += chunk.iter().filter(|byte| **byte == b'\n').count();
        bytes += chunk.len();
    }
    let seconds = begin.elapsed().as_secs_f64();
    ensure!(
        lines == count + 1,
        "{lines} lines for {count} contacts and a head"
    );
    let mut figures = Figures::default();
    figures.add("seconds", seconds);
    figures.add("rows_per_s", count as f64 / seconds);
    figures.add("file_mb", bytes as f64 / 1_048_576.0);
    figures.add("first_byte_ms", first_byte_ms.unwrap_or(f64::NAN));
    figures.add("export_api_peak_mb", usage::peak_mb(stage.web.id()));
    Ok(figures)
}
