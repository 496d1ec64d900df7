//! W6: a thousand campaigns at once, and what they cost while none may call.

use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::figures::Figures;
use crate::plan::Plan;
use crate::stage::{Api, Meter, People, Stage, Wanted, rows};
use crate::target::Target;

const CAMPAIGNS: usize = 1_000;
const CONTACTS: usize = 100;
const LIMIT: usize = 5;
const PEOPLE: People = People {
    is_busy: false,
    ring_ms: 0,
    talk_ms: 200,
};
/// From the moment when all campaigns were started until the first call may begin.
const AHEAD_S: i64 = 5;
const REQUESTS_AT_ONCE: usize = 16;
/// For how long the idle cost is measured.
const IDLE: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(1_800);

pub const TARGETS: &[Target] = &[
    Target::at_most("slowest_to_fastest", 1.3),
    Target::at_most("idle_core_percent", 2.0),
];

/// Runs it once.
///
/// # Errors
/// Something does not start, or a campaign does not end.
pub async fn run(plan: &Plan) -> anyhow::Result<Figures> {
    let wanted = Wanted {
        people: PEOPLE,
        ..Wanted::default()
    };
    Stage::play(plan, wanted, async |stage| measure(plan, stage).await).await
}

async fn measure(plan: &Plan, stage: &Stage) -> anyhow::Result<Figures> {
    let count = plan.size(CAMPAIGNS, 20);
    let mut figures = idle(stage, count).await?;
    figures.extend(race(plan, stage, count).await?);
    Ok(figures)
}

/// The cost of campaigns that are active, have somebody to call, and may not: their day is still to come.
async fn idle(stage: &Stage, count: usize) -> anyhow::Result<Figures> {
    let day = (Utc::now() + TimeDelta::days(3)).weekday();
    let hours = json!({"scheduleConfig": {"daysOfWeek": [day.num_days_from_sunday()]}});
    let campaigns = campaigns(stage, count, &hours).await?;
    // What their contacts brought with them is not what it costs to wait: an index is filled, and the database sweeps up.
    rows::tidy(stage, "contacts, campaigns, campaign_counters").await?;
    stage.database.run(&stage.database.dialect.tidy("")).await?;
    sleep(Duration::from_secs(5)).await;
    let meter = Meter::start(stage);
    sleep(IDLE).await;
    let spent = meter.figures(stage);
    let own = [
        "api_cpu_s",
        "workers_cpu_s",
        "postgres_cpu_s",
        "redis_cpu_s",
    ];
    let own_s: f64 = own.iter().filter_map(|name| spent.get(name)).sum();
    let mut figures = Figures::default();
    figures.add("idle_core_percent", own_s / meter.seconds() * 100.0);
    for name in own.into_iter().chain(["foreign_cpu_s"]) {
        figures.add(format!("idle_{name}"), spent.get(name).unwrap_or(0.0));
    }
    each(&campaigns, |campaign| async move {
        stage.api.command(&campaign, "end").await
    })
    .await?;
    Ok(figures)
}

/// All may begin at the same moment: who is how far behind?
async fn race(plan: &Plan, stage: &Stage, count: usize) -> anyhow::Result<Figures> {
    // Far enough ahead for making and starting them all.
    let ahead = AHEAD_S + i64::try_from(plan.size(40, 3))?;
    let begin = Utc::now() + TimeDelta::seconds(ahead);
    let fields = json!({"startDate": begin.to_rfc3339(), "scheduleType": "scheduled"});
    let campaigns = campaigns(stage, count, &fields).await?;
    ensure!(
        Utc::now() < begin,
        "making the campaigns took longer than {ahead} s"
    );
    let meter = Meter::start(stage);
    let patience = Instant::now();
    let ends = loop {
        sleep(Duration::from_millis(500)).await;
        let ends = ends(&stage.api, &campaigns).await?;
        if ends.len() == campaigns.len() {
            break ends;
        }
        ensure!(
            patience.elapsed() < PATIENCE,
            "{} of {count} campaigns are over",
            ends.len()
        );
    };
    let seconds = |end: DateTime<Utc>| (end - begin).as_seconds_f64();
    let mut finishes: Vec<f64> = ends.into_iter().map(seconds).collect();
    finishes.sort_by(f64::total_cmp);
    let (fastest, slowest) = (finishes[0], finishes[finishes.len() - 1]);
    let mut figures = Figures::default();
    figures.count("campaigns", count);
    figures.add("fastest_s", fastest);
    figures.add("slowest_s", slowest);
    figures.add("slowest_to_fastest", slowest / fastest);
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    figures.add("calls_per_s", (count * CONTACTS) as f64 / slowest);
    figures.extend(meter.figures(stage));
    Ok(figures)
}

/// Makes campaigns of `fields`, fills and starts them; their ids.
async fn campaigns(stage: &Stage, count: usize, fields: &Value) -> anyhow::Result<Vec<String>> {
    let made = stream::iter(0..count).map(|place| async move {
        let campaign = stage.api.campaign(LIMIT, fields.clone()).await?;
        // Nobody is in two of them: two campaigns of one owner do not call the same person at once.
        let people = place * CONTACTS..(place + 1) * CONTACTS;
        stage.api.fill(&campaign, people).await?;
        stage.api.command(&campaign, "start").await?;
        anyhow::Ok(campaign)
    });
    made.buffer_unordered(REQUESTS_AT_ONCE).try_collect().await
}

/// When those campaigns ended that are over.
async fn ends(api: &Api, campaigns: &[String]) -> anyhow::Result<Vec<DateTime<Utc>>> {
    // One question in place of a thousand, while there is still something to do.
    let last = campaigns.last().context("no campaign")?;
    if api.progress(last).await?.done < CONTACTS as u64 {
        return Ok(Vec::new());
    }
    let ends = stream::iter(campaigns).map(|campaign| async move {
        let found = api.get(&format!("/api/campaigns/{campaign}")).await?;
        let end = &found["campaign"]["endedAt"];
        anyhow::Ok(end.as_str().and_then(|end| end.parse().ok()))
    });
    let ends: Vec<Option<DateTime<Utc>>> = ends.buffered(REQUESTS_AT_ONCE).try_collect().await?;
    Ok(ends.into_iter().flatten().collect())
}

async fn each<F: Future<Output = anyhow::Result<()>>>(
    campaigns: &[String],
    act: impl Fn(String) -> F,
) -> anyhow::Result<()> {
    let acts = stream::iter(campaigns.iter().cloned()).map(act);
    acts.buffer_unordered(REQUESTS_AT_ONCE).try_collect().await
}
