//! How many calls per second the simulator carries: creates calls that end at once, with a receiver
//! that does nothing but answer.
//!
//! `cargo run --release -p simulator --example load -- CALLS CONCURRENCY [URL]`; with the URL of a
//! `dialer-simulator` that runs on its own, the two sides do not share a process.

#![expect(
    clippy::unwrap_used,
    reason = "a measurement that fails has nothing else to do"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::post;
use serde_json::{Value, json};
use simulator::{PeopleConfig, Shares, Simulator, SimulatorConfig};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Half busy, half answered by a document that hangs up.
fn people() -> PeopleConfig {
    PeopleConfig::instant(Shares {
        busy: 0.5,
        answered: 0.5,
        ..Shares::NONE
    })
}

async fn receiver() -> (String, Arc<AtomicUsize>) {
    let received = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&received);
    let answer = async || {
        (
            [("content-type", "application/xml")],
            "<Response><Hangup/></Response>",
        )
    };
    let status = move || {
        let counter = Arc::clone(&counter);
        async move {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    };
    let router = Router::new()
        .route("/answer", post(answer))
        .route("/status", post(status));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, received)
}

async fn create(http: &reqwest::Client, simulator: &str, dialer: &str, n: usize) {
    let config = SimulatorConfig::default();
    let project = &config.project_id;
    let url = format!("{simulator}/api/laml/2010-04-01/Accounts/{project}/Calls");
    let form = [
        ("To", format!("+1303{n:07}")),
        ("From", config.numbers[0].phone_number.clone()),
        ("Url", format!("{dialer}/answer")),
        ("StatusCallback", format!("{dialer}/status")),
        (
            "StatusCallbackEvent",
            "initiated ringing answered completed".to_owned(),
        ),
    ];
    let request = http
        .post(url)
        .basic_auth(project, Some(&config.api_token))
        .form(&form);
    let response = request.send().await.unwrap();
    assert!(response.status().is_success(), "{}", response.status());
    response.bytes().await.unwrap();
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let calls: usize = arguments.next().map_or(5_000, |n| n.parse().unwrap());
    let concurrency: usize = arguments.next().map_or(64, |n| n.parse().unwrap());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let own = match arguments.next() {
        Some(url) => Err(url),
        None => Ok(Simulator::start(SimulatorConfig::default()).await.unwrap()),
    };
    let simulator = own.as_ref().map_or_else(Clone::clone, Simulator::base_url);
    let control = format!("{simulator}/_simulator");
    let change = json!({"config": people()});
    http.put(format!("{control}/people"))
        .json(&change)
        .send()
        .await
        .unwrap();

    let (dialer, received) = receiver().await;
    let began = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let mut lines = JoinSet::new();
    for _ in 0..concurrency {
        let (http, simulator, dialer) = (http.clone(), simulator.clone(), dialer.clone());
        let next = Arc::clone(&next);
        lines.spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= calls {
                    return;
                }
                create(&http, &simulator, &dialer, n).await;
            }
        });
    }
    lines.join_all().await;
    let created = began.elapsed();
    let record = loop {
        let url = format!("{control}/record?limit=0");
        let record: Value = http.get(url).send().await.unwrap().json().await.unwrap();
        if record["live"] == 0 {
            break record;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    let took = began.elapsed();
    println!(
        "{calls} calls: created in {created:.2?}, over in {took:.2?} ({:.0} calls/s), {} status \
         callbacks received, {} live at most",
        calls as f64 / took.as_secs_f64(),
        received.load(Ordering::Relaxed),
        record["max_concurrent"],
    );
}
