//! `dialer recount`: the sums of calls counted anew, for days in which they are wrong.

use std::sync::Arc;

use anyhow::ensure;
use chrono::{NaiveDate, Utc};
use clap::Args;
use engine::reports::Recounted;
use engine::{Reports, SystemClock};

use crate::config::DatabaseArgs;

/// Days in one run: ten years.
const DAYS_MAX: usize = 3_660;

/// Which days.
#[derive(Debug, Args)]
pub struct RecountArgs {
    /// The first day, UTC: 2026-11-21
    #[arg(long)]
    from: NaiveDate,
    /// The last day, UTC; today where nobody says
    #[arg(long)]
    to: Option<NaiveDate>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Counts day by day, and says what was wrong.
///
/// # Errors
/// What the database says, and days that are none. Days before the failing one are right.
#[expect(clippy::print_stdout, reason = "what was wrong is what was asked for")]
pub async fn run(args: RecountArgs) -> anyhow::Result<()> {
    let to = args.to.unwrap_or_else(|| Utc::now().date_naive());
    ensure!(args.from <= to, "--from: must not be after {to}");
    let days = args.from.iter_days().take_while(|day| *day <= to);
    ensure!(
        days.clone().nth(DAYS_MAX).is_none(),
        "--from: at most {DAYS_MAX} days are counted at once"
    );
    let database = args.database.connect().await?;
    ensure!(
        database.pending_migrations().await? == 0,
        "DATABASE_URL: the schema is not up to date; run `dialer migrate` first"
    );
    let reports = Reports::new(database, Arc::new(SystemClock));
    let mut wrong = 0;
    for day in days {
        let done = reports.recount(day).await?;
        if done != Recounted::default() {
            wrong += 1;
            let Recounted { quarters, days } = done;
            println!("{day}  corrected {quarters} sums of quarters and {days} of the day");
        }
    }
    println!("recounted {} to {to}: {wrong} days were wrong", args.from);
    Ok(())
}
