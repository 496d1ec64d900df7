//! The measured workloads. Each prints one JSON line; `make bench` gives them Postgres and Redis of their own.
//!
//! A figure of one run on one machine says little: every figure is the median of several runs, and what the rest of the
//! machine was busy with stands beside it (`foreign_cpu_s`).

mod figures;
mod plan;
mod stage;
mod target;
mod workload;

use clap::Parser;

use crate::plan::{Arguments, Plan};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let plan = Plan::of(&arguments)?;
    for workload in arguments.workloads() {
        if workload.is_for(plan.stack) {
            workload.measure(&plan).await?;
        } else {
            eprintln!("{} is for the production stack", workload.name());
        }
    }
    Ok(())
}
