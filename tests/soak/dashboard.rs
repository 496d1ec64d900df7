//! A dashboard that is open all the time: it reads, and it watches.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures::StreamExt;
use reqwest::Method;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::support::api::Api;
use crate::support::watch::Watch;

/// From one question to the next.
const PAUSE: Duration = Duration::from_millis(100);
/// Before a connection that was lost is opened again.
const REOPEN: Duration = Duration::from_millis(500);

/// What a dashboard asks for in turn; `{id}` is the campaign that was made last.
const QUESTIONS: [&str; 12] = [
    "/api/campaigns?limit=20",
    "/api/campaigns/{id}",
    "/api/campaigns/{id}/statistics",
    "/api/campaigns/{id}/contacts?limit=50",
    "/api/campaigns/{id}/calls?limit=50",
    "/api/campaigns/{id}/events",
    "/api/v1/campaigns?limit=20",
    "/api/v1/stats",
    "/api/v1/calls/outbound/stats",
    "/api/v1/analytics/dashboard",
    "/api/v1/analytics/calls/logs?limit=20",
    "/api/v1/analytics/calls",
];

/// One question: which, when it was asked, how long the answer took, and its status, 0 where there was none.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    pub question: &'static str,
    pub at: DateTime<Utc>,
    pub took: Duration,
    pub status: u16,
}

/// Reads until it is over.
pub async fn read(api: Api, is_over: CancellationToken) -> Vec<Reading> {
    let mut readings = Vec::new();
    let mut newest = None;
    for question in QUESTIONS.iter().cycle() {
        if is_over.is_cancelled() {
            break;
        }
        if question.contains("{id}") && newest.is_none() {
            continue;
        }
        let path = question.replace("{id}", newest.as_deref().unwrap_or_default());
        let (reading, body) = ask(&api, question, &path).await;
        // Somebody has deleted it since it was listed.
        if reading.status == 404 && question.contains("{id}") {
            newest = None;
            continue;
        }
        readings.push(reading);
        if let Some(id) = body["campaigns"][0]["id"].as_str() {
            newest = Some(id.to_owned());
        }
        tokio::time::sleep(PAUSE).await;
    }
    readings
}

async fn ask(api: &Api, question: &'static str, path: &str) -> (Reading, Value) {
    let (at, began) = (Utc::now(), Instant::now());
    let (mut status, mut body) = (0, Value::Null);
    if let Ok(response) = api.request(Method::GET, path).send().await {
        status = response.status().as_u16();
        body = response.json().await.unwrap_or_default();
    }
    let took = began.elapsed();
    let reading = Reading {
        question,
        at,
        took,
        status,
    };
    (reading, body)
}

/// What somebody heard over a WebSocket.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heard {
    pub messages: usize,
    /// How often the connection was lost.
    pub losses: usize,
}

/// Watches until it is over.
pub async fn watch(base: String, token: &'static str, is_over: CancellationToken) -> Heard {
    let mut heard = Heard::default();
    while !is_over.is_cancelled() {
        let mut watch = Watch::open(&base, token).await;
        loop {
            tokio::select! {
                () = is_over.cancelled() => return heard,
                message = watch.socket.next() => match message {
                    Some(Ok(message)) if !message.is_close() => heard.messages += 1,
                    _ => break,
                },
            }
        }
        heard.losses += 1;
        tokio::time::sleep(REOPEN).await;
    }
    heard
}
