//! The result: two tables, and a line of JSON.

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

use crate::figures::Figures;

/// What else is told.
pub struct Told {
    pub minutes: u32,
    pub scale: u32,
    pub campaigns: usize,
    pub struck: Vec<(String, u64)>,
    /// How often the API answered how to a wish for a call by hand.
    pub single_calls: Value,
    /// Keys in Redis once everybody had come to an end.
    pub keys_left: Option<u64>,
    pub messages: usize,
    pub reads: usize,
    /// What is wrong, in words; nothing, if all is well.
    pub wrong: Vec<String>,
}

/// Prints it.
pub fn print(figures: &[Figures], told: &Told) {
    println!("{}\n\n{}", table(figures, &WORK), table(figures, &HELD));
    let struck: Vec<String> = told
        .struck
        .iter()
        .map(|(fault, count)| format!("{fault} {count}"))
        .collect();
    println!(
        "\n{} campaigns; {} reads, {} messages over WebSockets; {} keys left in Redis",
        told.campaigns,
        told.reads,
        told.messages,
        told.keys_left.unwrap_or_default()
    );
    println!(
        "calls by hand, by the status of the answer: {}",
        told.single_calls
    );
    println!("faults: {}", struck.join(", "));
    for wrong in &told.wrong {
        println!("WRONG: {wrong}");
    }
    println!("{}", line(figures, told));
}

/// A column: its title, and what it says of a phase.
type Column = (&'static str, fn(&Figures) -> String);

/// How it went.
const WORK: [Column; 9] = [
    ("s", |one| {
        (one.span.to - one.span.from).num_seconds().to_string()
    }),
    ("calls", |one| one.calls.to_string()),
    ("refused", |one| (one.asked - one.calls).to_string()),
    ("open", |one| format!("{:.0}", one.open_rows)),
    ("receipts/call", |one| {
        format!("{:.1}", one.receipts_per_call)
    }),
    ("read p50 ms", |one| format!("{:.1}", one.read_p50_ms)),
    ("p99", |one| format!("{:.1}", one.read_p99_ms)),
    ("next call p50 ms", |one| format!("{:.0}", one.gap_p50_ms)),
    ("p99", |one| format!("{:.0}", one.gap_p99_ms)),
];

/// What is held meanwhile.
const HELD: [Column; 10] = [
    ("API MiB", |one| mib(one.api_bytes)),
    ("worker MiB", |one| mib(one.worker_bytes)),
    ("workers MiB", |one| mib(one.workers_bytes)),
    ("Redis MiB", |one| mib(one.redis_bytes)),
    ("keys", |one| format!("{:.0}", one.redis_keys)),
    ("files API", |one| format!("{:.0}", one.api_files)),
    ("files worker", |one| format!("{:.0}", one.worker_files)),
    ("connections", |one| format!("{:.0}", one.connections)),
    ("rows", |one| format!("{:.0}", one.small_rows)),
    ("busy KiB", |one| format!("{:.0}", one.busy_bytes / 1_024.0)),
];

fn mib(bytes: f64) -> String {
    format!("{:.1}", bytes / 1_048_576.0)
}

fn table(figures: &[Figures], columns: &[Column]) -> Table {
    let mut table = Table::new();
    let titles = columns.iter().map(|(title, _)| *title);
    table
        .load_style(presets::ASCII_MARKDOWN)
        .set_header(["phase"].into_iter().chain(titles));
    for one in figures {
        let cells = columns.iter().map(|(_, says)| says(one));
        table.add_row([one.span.phase.name.clone()].into_iter().chain(cells));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn line(figures: &[Figures], told: &Told) -> Value {
    let phases: Vec<Value> = figures.iter().map(Figures::to_json).collect();
    let struck: serde_json::Map<_, _> = told
        .struck
        .iter()
        .map(|(fault, count)| (fault.clone(), json!(count)))
        .collect();
    json!({
        "minutes": told.minutes, "scale": told.scale, "campaigns": told.campaigns, "phases": phases,
        "faults": struck, "singleCalls": told.single_calls, "messages": told.messages, "reads": told.reads,
        "keysLeft": told.keys_left, "wrong": told.wrong,
    })
}
