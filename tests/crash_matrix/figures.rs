//! How long it took until all was as it should be.

use std::time::Duration;

use super::rows::{Case, Then, Who};

/// What was measured of one case, from the moment in which the process was seen to be dead.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    pub case: Case,
    /// Until the carrier was asked for the next call; `None`: nobody was left to call.
    pub next_call: Option<Duration>,
    /// Until everything that was under way had moved on: calls settled or undone, queued contacts called or given back.
    pub all_right: Duration,
}

/// Prints the figures, and keeps them beside what was built.
pub fn show(figures: &[Figure]) {
    let mut text = String::from(
        "| killed at | process | who goes on | next call after | all as it should be after |\n|---|---|---|---|---|\n",
    );
    for figure in figures {
        let row = figure.case.row;
        let who = match row.who {
            Who::Api => "API",
            Who::Worker => "worker",
        };
        let then = match figure.case.then {
            Then::Again => "the same, started anew",
            Then::Other => "another worker",
        };
        let next = figure.next_call.map_or("–".to_owned(), seconds);
        let right = seconds(figure.all_right);
        text += &format!("| `{}` | {who} | {then} | {next} | {right} |\n", row.point);
    }
    println!("\n{text}");
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("crash-matrix.md");
    std::fs::write(&file, text).expect("the figures can be kept");
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
