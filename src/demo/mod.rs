//! A whole campaign in under a minute: API, worker and a pretend phone network in one process, over real HTTP.

mod guests;
mod show;
mod stage;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use show::Show;
use stage::Stage;

/// What can be asked of the demo.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Args {
    /// Leave the server running afterwards, until ctrl-c
    #[arg(long)]
    pub keep: bool,
    /// How many people to call; more than the 200 of the file are made up
    #[arg(long, default_value = "200", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub contacts: u32,
    /// How many calls at once at most
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub max_concurrent_calls: u32,
    /// Another seed, other people: who answers, who is busy, who has voicemail
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
}

/// Runs the campaign, shows it live, and sums it up.
///
/// Uses a throw-away SQLite database and free ports on loopback; whatever the environment says about databases, queues
/// and carriers is left aside, so that it can never call anybody.
///
/// # Errors
/// What did not start, or did not answer.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let stage = Stage::set(args).await.context("the demo could not start")?;
    let played = tokio::select! {
        played = play(&stage) => played,
        () = interrupted() => Ok(()),
    };
    // In any case: the server stops, and the throw-away database goes with it.
    stage.strike().await.and(played)
}

async fn play(stage: &Stage) -> anyhow::Result<()> {
    let campaign = stage.create_campaign().await?;
    let guests = guests::csv(stage.args.contacts);
    let imported = stage.import(&campaign, guests).await?;
    let mut show = Show::open(stage, &campaign);
    show.tell_import(&imported);
    stage.start_campaign(&campaign).await?;
    show.watch().await?;
    show.sum_up().await?;
    if stage.args.keep {
        show.tell_keep();
        std::future::pending().await
    } else {
        show.tell_more();
        Ok(())
    }
}

/// Ctrl-c, or a polite request to stop.
async fn interrupted() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
