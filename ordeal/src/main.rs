//! Plays seeds, and tells of the first that breaks a promise.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use chrono::TimeDelta;
use clap::Parser;
use ordeal::shrink::{shrink, size};
use ordeal::{Done, Plan, Template, World, affinity};
use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};

/// Plays the whole dialer through faults that a seed decides.
#[derive(Debug, Parser)]
#[command(name = "ordeal")]
struct Arguments {
    /// Play this one and print everything that happens.
    #[arg(long)]
    seed: Option<u64>,
    /// How many seeds to play.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them; by the clock where nobody says.
    #[arg(long)]
    from: Option<u64>,
    /// Stop after so many seconds, however many seeds were played.
    #[arg(long)]
    seconds: Option<u64>,
    /// Seeds at once; as many as there are cores where nobody says.
    #[arg(long)]
    threads: Option<usize>,
    /// Seconds for making a run that breaks a promise smaller.
    #[arg(long, default_value_t = 60)]
    shrink_seconds: u64,
    /// Only say whether something broke: for scripts that plant bugs.
    #[arg(long)]
    brief: bool,
}

/// What all seeds together came to.
#[derive(Default)]
struct Sums {
    seeds: u64,
    calls: u64,
    kills: u64,
    stops: u64,
    orders: u64,
    posts: u64,
    jobs: u64,
    statements: u64,
    lasted: TimeDelta,
    /// The lowest seed that broke a promise.
    broken: Option<(u64, Done)>,
}

/// What a thread needs to play.
struct Ground {
    runtime: Arc<Runtime>,
    template: Template,
}

impl Ground {
    fn make() -> anyhow::Result<Self> {
        let runtime = Arc::new(Builder::new_current_thread().enable_time().build()?);
        let template = runtime.block_on(Template::make())?;
        Ok(Self { runtime, template })
    }

    fn play(&self, plan: Plan, is_printed: bool) -> anyhow::Result<Done> {
        World::play(plan, &self.template, &self.runtime, is_printed)
    }
}

fn main() -> ExitCode {
    match play_as_told() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Last of all and without a backtrace: of a long output often only the end is kept.
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn play_as_told() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let Some(seed) = arguments.seed {
        return replay(seed);
    }
    let from = match arguments.from {
        Some(from) => from,
        // Fresh ones each time, short enough to be read out.
        None => SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() % 1_000_000 * 1_000,
    };
    let begun = Instant::now();
    let sums = play_all(&arguments, from, begun)?;
    tell(&sums, from, begun.elapsed());
    let Some((seed, done)) = sums.broken else {
        return Ok(());
    };
    if !arguments.brief {
        tell_broken(seed, &done, Duration::from_secs(arguments.shrink_seconds))?;
    }
    let violation = done.violation.context("a broken promise")?;
    anyhow::bail!("seed {seed} breaks {violation}");
}

/// Plays one seed, line by line.
fn replay(seed: u64) -> anyhow::Result<()> {
    let begun = Instant::now();
    let done = Ground::make()?.play(Plan::of(seed), true)?;
    println!(
        "trace {:016x}, {} by its own clock, {:?}",
        done.trace,
        days(done.lasted),
        done.counts
    );
    println!("played in {:.2?}", begun.elapsed());
    match done.violation {
        Some(violation) => anyhow::bail!("seed {seed} breaks {violation}"),
        None => Ok(()),
    }
}

fn play_all(arguments: &Arguments, from: u64, begun: Instant) -> anyhow::Result<Sums> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (next, is_broken) = (AtomicU64::new(from), AtomicBool::new(false));
    let sums = Mutex::new(Sums::default());
    let until = from + arguments.seeds;
    let is_late = || {
        arguments
            .seconds
            .is_some_and(|most| begun.elapsed() >= Duration::from_secs(most))
    };
    std::thread::scope(|scope| {
        let players: Vec<_> = (0..arguments.threads.unwrap_or(cores))
            .map(|player| {
                let (next, is_broken, is_late, sums) = (&next, &is_broken, &is_late, &sums);
                scope.spawn(move || -> anyhow::Result<()> {
                    affinity::stay_on(player);
                    let ground = Ground::make()?;
                    while !is_broken.load(Ordering::Relaxed) && !is_late() {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed >= until {
                            break;
                        }
                        let done = ground.play(Plan::of(seed), false)?;
                        is_broken.fetch_or(done.violation.is_some(), Ordering::Relaxed);
                        sums.lock().add(seed, done);
                    }
                    Ok(())
                })
            })
            .collect();
        for player in players {
            player
                .join()
                .map_err(|_| anyhow::anyhow!("a run panicked"))??;
        }
        Ok::<_, anyhow::Error>(())
    })?;
    Ok(sums.into_inner())
}

impl Sums {
    fn add(&mut self, seed: u64, done: Done) {
        self.seeds += 1;
        self.calls += done.counts.calls;
        self.kills += done.counts.kills;
        self.stops += done.counts.stops;
        self.orders += done.counts.orders;
        self.posts += done.counts.posts;
        self.jobs += done.counts.jobs;
        self.statements += done.counts.statements;
        self.lasted += done.lasted;
        let is_lower = self.broken.as_ref().is_none_or(|(known, _)| seed < *known);
        if done.violation.is_some() && is_lower {
            self.broken = Some((seed, done));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn tell(sums: &Sums, from: u64, took: Duration) {
    let seconds = took.as_secs_f64();
    println!(
        "{} seeds from {from} in {seconds:.1} s: {} calls, {} webhooks, {} jobs, {} things done by people, {} processes \
         killed, {} stopped in the middle, {} statements",
        sums.seeds,
        sums.calls,
        sums.posts,
        sums.jobs,
        sums.orders,
        sums.kills,
        sums.stops,
        sums.statements
    );
    let campaign_days = sums.lasted.num_minutes() as f64 / 1_440.0;
    println!(
        "{campaign_days:.0} days by the runs' own clocks, {:.1} days per second; {:.0} statements per second",
        campaign_days / seconds,
        sums.statements as f64 / seconds
    );
}

fn tell_broken(seed: u64, done: &Done, patience: Duration) -> anyhow::Result<()> {
    let Some(violation) = &done.violation else {
        return Ok(());
    };
    println!("\nseed {seed} breaks {violation}\nplay it again: make simulate SEED={seed}\n");
    let ground = Ground::make()?;
    let breaks = |plan: &Plan| {
        let played = ground.play(plan.clone(), false);
        played.is_ok_and(|done| {
            done.violation
                .is_some_and(|broken| broken.promise == violation.promise)
        })
    };
    let whole = Plan::of(seed);
    let least = shrink(whole.clone(), patience, breaks);
    let done = ground.play(least.clone(), false)?;
    println!(
        "made smaller: {} things of {} remain\n{least:#?}\n",
        size(&least),
        size(&whole)
    );
    println!("the last of what happened in it:");
    for line in &done.last {
        println!("  {line}");
    }
    if let Some(violation) = done.violation {
        println!("it breaks {violation}");
    }
    Ok(())
}

fn days(lasted: TimeDelta) -> String {
    format!(
        "{} days {} hours",
        lasted.num_days(),
        lasted.num_hours() % 24
    )
}
