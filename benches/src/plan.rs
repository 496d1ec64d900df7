//! What is to be measured, and on what.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::{Parser, ValueEnum};
use url::Url;

use crate::workload::Workload;

/// Measures the released programs: starts them as processes of their own, drives them from outside, prints figures.
#[derive(Parser)]
pub struct Arguments {
    /// Which workloads [default: all]
    #[arg(value_enum, ignore_case = true)]
    workloads: Vec<Workload>,
    /// What the dialer stands on
    #[arg(long, value_enum, default_value = "production")]
    stack: Stack,
    /// How often each is run; figures are medians
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=99))]
    runs: u32,
    /// Sizes so small that everything is tried within minutes; such figures say nothing
    #[arg(long)]
    smoke: bool,
    /// How many worker processes, where the workload does not say (production)
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    workers: u32,
    /// A carrier that runs already and speaks SignalWire's wire format, instead of the simulator
    #[arg(long)]
    carrier: Option<Url>,
    /// The key that this carrier signs its callbacks with [default: it signs none]
    #[arg(long, requires = "carrier")]
    carrier_key: Option<String>,
    /// The process of this carrier, whose CPU time is measured as well
    #[arg(long, requires = "carrier")]
    carrier_process: Option<u32>,
    /// Environment of the dialer's processes, beside what the workload needs
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
    /// The most calls that W5 makes rows for; larger sizes are left out
    #[arg(long, default_value_t = 10_000_000)]
    rows_max: usize,
    /// The folder with `dialer`, `dialer-worker` and `dialer-simulator` [default: that of this program]
    #[arg(long)]
    programs: Option<PathBuf>,
}

impl Arguments {
    /// The workloads that were asked for, or all of them.
    pub fn workloads(&self) -> Vec<Workload> {
        if self.workloads.is_empty() {
            Workload::value_variants().to_vec()
        } else {
            self.workloads.clone()
        }
    }
}

/// What the dialer stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stack {
    /// SQLite, the queue in memory, the worker inside the API.
    Embedded,
    /// Postgres, Redis, workers as processes of their own.
    Production,
}

impl Stack {
    /// As it stands in the results.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Production => "production",
        }
    }
}

/// What all runs have in common.
pub struct Plan {
    /// What the dialer stands on.
    pub stack: Stack,
    /// How often each workload is run.
    pub runs: u32,
    /// Whether this is only to see that everything works.
    pub is_smoke: bool,
    /// How many worker processes.
    pub workers: u32,
    /// A carrier that runs already.
    pub carrier: Option<ForeignCarrier>,
    /// The most calls that rows are made for.
    pub rows_max: usize,
    /// Further environment of the dialer's processes.
    pub settings: Vec<(String, String)>,
    /// Where the programs are.
    pub programs: PathBuf,
}

/// A carrier that somebody else started.
pub struct ForeignCarrier {
    /// Its base, without a path.
    pub url: Url,
    /// What it signs with, if it does.
    pub key: Option<String>,
    /// Its process, where that is known.
    pub process: Option<u32>,
}

impl Plan {
    /// # Errors
    /// Which argument cannot be understood, or which program is not built.
    pub fn of(arguments: &Arguments) -> anyhow::Result<Self> {
        let programs = match &arguments.programs {
            Some(folder) => folder.clone(),
            None => {
                let own = std::env::current_exe().context("where is this program?")?;
                own.with_file_name("")
            }
        };
        for program in ["dialer", "dialer-worker", "dialer-simulator"] {
            let path = programs.join(program);
            ensure!(
                path.exists(),
                "{} is not built; run `make bench`",
                path.display()
            );
        }
        let setting = |text: &String| {
            let (key, value) = text.split_once('=').context("--set wants KEY=VALUE")?;
            anyhow::Ok((key.to_owned(), value.to_owned()))
        };
        let carrier = arguments.carrier.as_ref().map(|url| ForeignCarrier {
            url: url.clone(),
            key: arguments.carrier_key.clone(),
            process: arguments.carrier_process,
        });
        Ok(Self {
            stack: arguments.stack,
            runs: arguments.runs,
            is_smoke: arguments.smoke,
            workers: arguments.workers,
            carrier,
            rows_max: arguments.rows_max,
            settings: arguments
                .settings
                .iter()
                .map(setting)
                .collect::<Result<_, _>>()?,
            programs,
        })
    }

    /// The workload's own size, or a tiny one.
    pub fn size(&self, whole: usize, smoke: usize) -> usize {
        if self.is_smoke { smoke } else { whole }
    }
}
