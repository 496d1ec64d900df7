//! What it costs to let many watch: opens WebSocket clients, reads what they are told for a while, and says how much the
//! server's process worked meanwhile.
//!
//! `cargo run --release --example watchers -- URL TOKEN CLIENTS SECONDS PID`, with the address and the process of a running
//! `dialer serve`. Reads `/proc`, so it runs beside the server, on Linux.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use futures::StreamExt;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// The clock by which Linux counts the time of processes.
const TICKS_PER_S: f64 = 100.0;
/// Clients that come at once.
const ARRIVALS: usize = 50;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the line is the result")]
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
async fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    let mut word = |what: &'static str| words.next().context(what);
    let url = word("URL")?.replace("http", "ws") + "/api/v1/ws";
    let token = word("TOKEN")?;
    let clients: usize = word("CLIENTS")?.parse()?;
    let seconds: u64 = word("SECONDS")?.parse()?;
    let pid: u32 = word("PID")?.parse()?;
    let told = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let mut watching = JoinSet::new();
    for arrival in 0..clients {
        if arrival % ARRIVALS == 0 {
            sleep(Duration::from_millis(20)).await;
        }
        watching.spawn(watch(url.clone(), token.clone(), Arc::clone(&told)));
    }
    while told.load(Ordering::Relaxed) < clients as u64 {
        sleep(Duration::from_millis(10)).await;
        if let Some(ended) = watching.try_join_next() {
            ended??;
        }
    }
    println!(
        "{clients} clients were told their first figures within {:.2?}",
        begun.elapsed()
    );
    sleep(Duration::from_secs(3)).await;
    let (busy, count, since) = (
        busy_ticks(pid)?,
        told.load(Ordering::Relaxed),
        Instant::now(),
    );
    sleep(Duration::from_secs(seconds)).await;
    let passed = since.elapsed().as_secs_f64();
    let busy = (busy_ticks(pid)? - busy) as f64 / TICKS_PER_S;
    let count = (told.load(Ordering::Relaxed) - count) as f64;
    println!(
        "at rest: {:.1} % of a core, {:.0} messages/s, {:.1} MB of the server resident",
        busy / passed * 100.0,
        count / passed,
        resident_bytes(pid)? as f64 / 1e6,
    );
    anyhow::ensure!(watching.len() == clients, "some clients were dropped");
    Ok(())
}

async fn watch(url: String, token: String, told: Arc<AtomicU64>) -> anyhow::Result<()> {
    let mut request = url.into_client_request()?;
    let bearer = format!("Bearer {token}").parse()?;
    request.headers_mut().insert("authorization", bearer);
    let (mut socket, _) = connect_async(request).await?;
    while let Some(message) = socket.next().await {
        if matches!(message?, Message::Text(_)) {
            told.fetch_add(1, Ordering::Relaxed);
        }
    }
    anyhow::bail!("the server ended the connection")
}

/// How long the process has worked, in user and kernel mode.
fn busy_ticks(pid: u32) -> anyhow::Result<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name before may hold spaces.
    let (_, fields) = stat.rsplit_once(')').context("no name")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    Ok(fields[11].parse::<u64>()? + fields[12].parse::<u64>()?)
}

fn resident_bytes(pid: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let line = line.context("no VmRSS")?.trim();
    Ok(line.trim_end_matches("kB").trim().parse::<u64>()? * 1024)
}
