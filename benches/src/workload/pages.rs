//! Deep pages of a million contacts, and searches for a part of a name or number among them.

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
    Stage::play(plan, Wanted::default(), async |stage| {
        read(plan, stage).await
    })
    .await
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
        figures.spread(name, stage.api.timed(&path, REQUESTS).await?);
    }
    figures.extend(meter.figures(stage));
    Ok(figures)
}
