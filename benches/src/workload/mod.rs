//! The workloads, one file each.

mod dispatch;
mod due_retries;
mod export;
mod fairness;
mod import;
mod pages;
mod reads;
mod scale_out;
mod start;
mod utilisation;
mod webhooks;

use anyhow::Context;
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::figures::Figures;
use crate::plan::{Plan, Stack};
use crate::target::Target;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Workload {
    /// Dispatch: calls that end at once
    #[value(name = "W1")]
    Dispatch,
    /// Utilisation: slots that are never idle
    #[value(name = "W2")]
    Utilisation,
    /// Import of a million contacts through the API
    #[value(name = "W3")]
    Import,
    /// Start of a campaign with a million contacts
    #[value(name = "W4")]
    Start,
    /// Statistics, details, list and dashboard over millions of calls
    #[value(name = "W5")]
    Reads,
    /// A thousand campaigns at once, and at rest
    #[value(name = "W6")]
    Fairness,
    /// Retries that fall due in the same second
    #[value(name = "W7")]
    DueRetries,
    /// Ten thousand status callbacks per second
    #[value(name = "W8")]
    Webhooks,
    /// Dispatch with 1, 2 and 4 workers
    #[value(name = "W9")]
    ScaleOut,
    /// A large page and a CSV export of a million contacts
    #[value(name = "W10")]
    Export,
    /// Deep pages and searches in a million contacts
    #[value(name = "pages")]
    Pages,
}

impl Workload {
    /// Whether it can be run on that stack: the embedded one has one worker.
    pub fn is_for(self, stack: Stack) -> bool {
        stack == Stack::Production || self != Self::ScaleOut
    }

    /// Runs it as often as the plan says, and prints one line.
    ///
    /// # Errors
    /// What went wrong; nothing was printed.
    pub async fn measure(self, plan: &Plan) -> anyhow::Result<()> {
        let mut runs = Vec::new();
        for number in 1..=plan.runs {
            let run = self.run(plan).await.with_context(|| self.name())?;
            eprintln!(
                "{} {number}/{}: {}",
                self.name(),
                plan.runs,
                Value::Object(run.to_json())
            );
            runs.push(run);
        }
        let medians = Figures::medians(&runs);
        let targets = self.targets();
        let known: Vec<bool> = targets
            .iter()
            .filter_map(|target| target.is_met(&medians))
            .collect();
        let is_met = (!known.is_empty()).then(|| known.iter().all(|is_met| *is_met));
        let mut line = json!({
            "workload": self.name(), "stack": plan.stack.as_str(), "runs": plan.runs,
            "carrier": if plan.carrier.is_some() { "foreign" } else { "simulator" },
        });
        if plan.is_smoke {
            line["smoke"] = json!(true);
        }
        line["figures"] = Value::Object(medians.to_json());
        line["targets"] = targets
            .iter()
            .map(|target| target.to_json(&medians))
            .collect();
        line["met"] = json!(is_met);
        say(&line);
        Ok(())
    }

    /// As it is called on the command line.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn targets(self) -> &'static [Target] {
        match self {
            Self::Dispatch => dispatch::TARGETS,
            Self::Utilisation => utilisation::TARGETS,
            Self::Import => import::TARGETS,
            Self::Start => start::TARGETS,
            Self::Reads => reads::TARGETS,
            Self::Fairness => fairness::TARGETS,
            Self::DueRetries => due_retries::TARGETS,
            Self::Webhooks => webhooks::TARGETS,
            Self::ScaleOut => scale_out::TARGETS,
            Self::Export => export::TARGETS,
            Self::Pages => pages::TARGETS,
        }
    }

    async fn run(self, plan: &Plan) -> anyhow::Result<Figures> {
        match self {
            Self::Dispatch => dispatch::run(plan).await,
            Self::Utilisation => utilisation::run(plan).await,
            Self::Import => import::run(plan).await,
            Self::Start => start::run(plan).await,
            Self::Reads => reads::run(plan).await,
            Self::Fairness => fairness::run(plan).await,
            Self::DueRetries => due_retries::run(plan).await,
            Self::Webhooks => webhooks::run(plan).await,
            Self::ScaleOut => scale_out::run(plan).await,
            Self::Export => export::run(plan).await,
            Self::Pages => pages::run(plan).await,
        }
    }
}

#[expect(clippy::print_stdout, reason = "the line is the result")]
fn say(line: &Value) {
    println!("{line}");
}
