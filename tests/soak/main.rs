//! Endurance: campaigns come and go for hours of their own time while faults are switched on and off. At the end everybody
//! must have been called as promised, and nothing that a process holds may have grown.
//!
//! `make soak` runs it; `docs/guarantees.md` says what is put in and what is judged.

mod campaign;
mod conductor;
mod crowd;
mod dashboard;
mod faults;
mod figures;
mod gaps;
mod judge;
mod plan;
mod report;
mod sample;
mod single;
mod stage;
#[path = "../support/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the tests of the whole stand on more of it"
)]
mod support;
mod verdict;

use std::process::ExitCode;

use clap::Parser;

use conductor::{await_the_end, conduct};
use crowd::Crowd;
use figures::{Figures, Measured};
use plan::Args;
use report::Told;
use stage::Stage;

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let told = runtime.block_on(run(&args));
    if told.wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Plays it, judges it, prints it.
async fn run(args: &Args) -> Told {
    let mut stage = Stage::set(args).await;
    let db = stage.dialer.database().await;
    let crowd = Crowd::gather(&stage, args.campaigns);
    let (mut samples, mut spans) = (Vec::new(), Vec::new());
    for phase in args.phases() {
        spans.push(conduct(phase, &mut stage, &db, &mut samples).await);
    }
    let (span, mut wrong) = await_the_end(&crowd, &stage, &db, &mut samples).await;
    spans.push(span);
    let seen = crowd.go().await;
    wrong.extend(seen.wrong);
    let lives = seen.lives;

    let calls = stage.dialer.simulator.recorder().calls();
    let measured = Measured {
        samples,
        gaps: lives
            .iter()
            .flat_map(|life| gaps::of(life, &life.calls_among(&calls)))
            .collect(),
        readings: seen.readings,
    };
    let figures: Vec<Figures> = spans
        .iter()
        .map(|span| Figures::of(span, &measured, &calls))
        .collect();
    let bounds = args.bounds();
    wrong.extend(verdict::not_flat(&figures, &bounds));
    let last = measured.samples.last();
    wrong.extend(verdict::left_in_redis(last, &bounds));
    let delay_ms = i64::try_from(args.minute().as_millis()).expect("a minute at most");
    wrong.extend(judge::broken(&stage.dialer, &db, &lives, delay_ms).await);
    let struck = faults::struck(&stage.dialer.simulator.faults());
    wrong.extend(verdict::tame(&struck, &bounds));
    let told = Told {
        minutes: args.minutes(),
        scale: args.scale(),
        campaigns: lives.len(),
        struck,
        keys_left: last.and_then(|sample| sample.redis).map(|redis| redis.keys),
        single_calls: serde_json::json!(seen.single_calls),
        messages: seen.heard.iter().map(|heard| heard.messages).sum(),
        reads: measured.readings.len(),
        wrong,
    };
    report::print(&figures, &told);
    told
}
