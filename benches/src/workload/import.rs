//! W3: a million contacts through the API, and the same rows by a bare `COPY` within Postgres.

use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::json;

use crate::figures::Figures;
use crate::plan::{Plan, Stack};
use crate::stage::api::Imported;
use crate::stage::{Meter, Stage, Wanted, contacts, rows, usage};
use crate::target::Target;

const CONTACTS: usize = 1_000_000;
/// Contacts of a request.
const REQUEST: usize = contacts::REQUEST_CONTACTS;
/// The first so many of a request were in the one before, and must be counted and kept out.
const REPEATED: usize = 1_000;

pub const TARGETS: &[Target] = &[
    Target::at_least("share_of_copy", 0.5),
    Target::at_most("api_peak_mb", 150.0),
];

/// Runs it once.
///
/// # Errors
/// Something does not start, or not every contact arrives.
pub async fn run(plan: &Plan) -> anyhow::Result<Figures> {
    Stage::play(plan, Wanted::default(), async |stage| {
        import(plan, stage).await
    })
    .await
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
async fn import(plan: &Plan, stage: &Stage) -> anyhow::Result<Figures> {
    let count = plan.size(CONTACTS, 120_000);
    let campaign = stage.api.campaign(1, json!({})).await?;
    // Made before the clock runs: a client that sends files does not make them either.
    let bodies: Vec<(Imported, String)> = (0..count)
        .step_by(REQUEST - REPEATED)
        .map(|begin| {
            let repeated = begin.saturating_sub(REPEATED);
            let end = count.min(begin + REQUEST - REPEATED);
            let wanted = Imported {
                added: end - begin,
                duplicates: begin - repeated,
            };
            (wanted, contacts::csv(repeated..end))
        })
        .collect();
    settle_disk(stage).await?;
    usage::forget_peak(stage.web.id());
    let meter = Meter::start(stage);
    let begin = Instant::now();
    for (wanted, body) in bodies {
        let done = stage.api.import(&campaign, body).await?;
        ensure!(done == wanted, "{done:?} in place of {wanted:?}");
    }
    let seconds = begin.elapsed().as_secs_f64();
    let mut figures = Figures::default();
    figures.count("contacts", count);
    figures.add("seconds", seconds);
    figures.add("rows_per_s", count as f64 / seconds);
    figures.extend(meter.figures(stage));
    if plan.stack == Stack::Production {
        let copied_s = copy(stage).await?;
        figures.add("copy_rows_per_s", count as f64 / copied_s);
        figures.add("share_of_copy", copied_s / seconds);
    }
    Ok(figures)
}

/// Seconds that Postgres takes to read the same rows from a file into a table like `contacts`, with the same indexes.
async fn copy(stage: &Stage) -> anyhow::Result<f64> {
    rows::tidy(stage, "contacts").await?;
    let database = &stage.database;
    let file = std::env::temp_dir().join(format!("contacts-{}.copy", uuid::Uuid::now_v7()));
    let file = file.to_str().context("a path that is no text")?;
    database.run(&format!("COPY contacts TO '{file}'")).await?;
    database
        .run("CREATE TABLE copied (LIKE contacts INCLUDING ALL)")
        .await?;
    settle_disk(stage).await?;
    let begin = Instant::now();
    database.run(&format!("COPY copied FROM '{file}'")).await?;
    let seconds = begin.elapsed().as_secs_f64();
    std::fs::remove_file(file)?;
    Ok(seconds)
}

/// What was written before is on disk, so that nobody pays for it later.
async fn settle_disk(stage: &Stage) -> anyhow::Result<()> {
    match &stage.servers {
        Some(_) => stage.database.run("CHECKPOINT").await,
        None => Ok(()),
    }
}
