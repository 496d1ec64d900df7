//! `dialer restored`: what a restored backup does not know is asked of the carriers, before anybody is called again.

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use engine::dialing::CaughtUp;
use engine::store::workers::count_alive;
use url::Url;
use workers::Service;
use workers::config::CarrierChoice;
use workers::telemetry::{self, LogFormat};

use crate::config::Config;

/// A worker that gave a sign of life within this runs.
const ALIVE: TimeDelta = TimeDelta::seconds(10);

/// Since when, and where everything is.
#[derive(Debug, Args)]
pub struct RestoredArgs {
    /// Compare calls since then: 2026-11-21T10:00:00Z; two minutes before the last call that the backup knows where nobody
    /// says
    #[arg(long)]
    since: Option<DateTime<Utc>>,
    #[command(flatten)]
    config: Box<Config>,
}

/// Pauses all campaigns, takes in the calls that the backup does not know, and says what was found.
///
/// # Errors
/// Where something runs that may call, where database or carriers do not answer, and where calls are not decided yet.
#[expect(clippy::print_stdout, reason = "what was found is what was asked for")]
pub async fn run(args: RestoredArgs) -> anyhow::Result<()> {
    telemetry::log(LogFormat::default());
    let config = &args.config.service;
    ensure!(
        config.carrier() != CarrierChoice::Simulator,
        "CARRIER: the simulator lives in `dialer serve`, there is nobody to ask"
    );
    // Nobody is given this address: no call is placed.
    let nowhere = Url::parse("http://127.0.0.1").context("an address")?;
    let public_url = config.public_url.clone().unwrap_or(nowhere);
    let service = Service::start(config, public_url).await?;
    let missing = service.database.pending_migrations().await?;
    ensure!(
        missing == 0,
        "DATABASE_URL: the schema misses {missing} steps; run `dialer migrate` first"
    );
    let alive = count_alive(service.database.reader(), Utc::now() - ALIVE).await?;
    ensure!(
        alive == 0,
        "{alive} processes that place calls run on this database: stop them first, they would call people again"
    );
    let done = service.dialing.catch_up(args.since).await?;
    println!("{}", text(&done));
    if done.undecided > 0 || done.live > 0 {
        bail!(
            "{} calls are not over, and {} contacts wait for what came of theirs: run this again in a minute",
            done.live,
            done.undecided
        );
    }
    Ok(())
}

fn text(done: &CaughtUp) -> String {
    let CaughtUp {
        since,
        paused,
        not_asked,
        unknown,
        taken_in,
        done_anyway,
        strangers,
        ..
    } = done;
    let mut text = format!(
        "paused {paused} campaigns\n\
         since {since} the carriers list {unknown} calls that the backup does not know:\n\
         {taken_in} taken in as attempts, {done_anyway} to contacts that are done anyway, {strangers} to nobody's contact"
    );
    if *not_asked > 0 {
        text.push_str(&format!(
            "\n{not_asked} of the campaigns call through the agents' platform, whose calls no carrier lists: \
             compare them by hand before you resume them"
        ));
    }
    text
}
