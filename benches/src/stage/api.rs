//! A client of the API that is measured.

use std::ops::Range;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{TOKEN, contacts};

/// How long a process may take until it is ready.
const READY_MAX: Duration = Duration::from_secs(60);
/// How long all calls of a campaign may take.
const CALLS_MAX: Duration = Duration::from_secs(300);
/// The pause between two looks at whether they are over.
const LOOK_PAUSE: Duration = Duration::from_millis(20);
/// How long a request may take.
const REQUEST_MAX: Duration = Duration::from_secs(300);

/// A client of the API, on behalf of its administrator.
#[derive(Clone)]
pub struct Api {
    base: String,
    http: Client,
}

/// How a campaign stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Calls that are over.
    pub settled: u64,
    /// Calls that hold a slot.
    pub live: u64,
    /// Contacts that are done.
    pub done: u64,
}

/// What came of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Contacts that are new.
    pub added: usize,
    /// Contacts that were there.
    pub duplicates: usize,
}

impl Api {
    /// A client of the API at `base`.
    ///
    /// # Errors
    /// There is no TLS to be had.
    pub fn new(base: &str) -> anyhow::Result<Self> {
        let http = Client::builder()
            .timeout(REQUEST_MAX)
            .tcp_nodelay(true)
            .no_proxy()
            .build()?;
        Ok(Self {
            base: base.to_owned(),
            http,
        })
    }

    /// The client below it, for requests of a workload's own.
    pub fn http(&self) -> &Client {
        &self.http
    }

    /// The whole address of a path.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Sends a request as the administrator; the answer, whatever its status is.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn ask(&self, request: RequestBuilder) -> anyhow::Result<Response> {
        Ok(request.bearer_auth(TOKEN).send().await?)
    }

    /// Sends a request; the body of the answer.
    ///
    /// # Errors
    /// The answer is no success.
    pub async fn send(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        let response = self.ask(request).await?;
        let status = response.status();
        let body: Value = response.json().await?;
        ensure!(status.is_success(), "{status}: {body}");
        Ok(body)
    }

    /// What is at `path`.
    ///
    /// # Errors
    /// The answer is no success.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(self.http.get(self.at(path))).await
    }

    /// Makes a campaign of `fields`, which go before the usual ones; its id.
    ///
    /// # Errors
    /// The API refuses it.
    pub async fn campaign(&self, limit: usize, fields: Value) -> anyhow::Result<String> {
        let mut body = json!({
            "name": "Bench", "phoneNumber": "+12025550100", "voiceAgentId": "agent_demo",
            "maxConcurrentCalls": limit, "callAttemptsPerContact": 1, "retryDelay": 0,
        });
        if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
            body.extend(fields);
        }
        let request = self.http.post(self.at("/api/campaigns")).json(&body);
        let made = self.send(request).await?;
        Ok(made["campaign"]["id"].as_str().context("no id")?.to_owned())
    }

    /// Adds a CSV of contacts.
    ///
    /// # Errors
    /// The API refuses it.
    pub async fn import(&self, campaign: &str, csv: String) -> anyhow::Result<Imported> {
        let path = format!("/api/v1/campaigns/{campaign}/contacts");
        let request = self.http.post(self.at(&path));
        let request = request.header("content-type", "text/csv").body(csv);
        let done = self.send(request).await?;
        let figure = |name: &str| {
            let figure = done["data"][name].as_u64();
            anyhow::Ok(usize::try_from(figure.with_context(|| done.to_string())?)?)
        };
        Ok(Imported {
            added: figure("added")?,
            duplicates: figure("duplicates")?,
        })
    }

    /// Adds the contacts at some places.
    ///
    /// # Errors
    /// The API refuses some.
    pub async fn fill(&self, campaign: &str, places: Range<usize>) -> anyhow::Result<()> {
        for numbers in contacts::batches(places) {
            let wanted = numbers.len();
            let done = self.import(campaign, contacts::csv(numbers)).await?;
            let added = done.added;
            ensure!(added == wanted, "{added} of {wanted} contacts were added");
        }
        Ok(())
    }

    /// `start`, `pause`, …
    ///
    /// # Errors
    /// The API refuses it.
    pub async fn command(&self, campaign: &str, command: &str) -> anyhow::Result<()> {
        let path = format!("/api/campaigns/{campaign}/{command}");
        self.send(self.http.post(self.at(&path))).await.map(drop)
    }

    /// How the campaign stands.
    ///
    /// # Errors
    /// The API does not tell.
    pub async fn progress(&self, campaign: &str) -> anyhow::Result<Progress> {
        let found = self
            .get(&format!("/api/campaigns/{campaign}/debug"))
            .await?;
        let figure = |name: &str| found["debugInfo"]["stats"][name].as_u64().unwrap_or(0);
        Ok(Progress {
            settled: figure("completedCalls") + figure("failedCalls"),
            live: figure("activeCallsCount"),
            done: figure("processedNumbers"),
        })
    }

    /// Starts the campaign, and waits until its `contacts` are settled; seconds it took.
    ///
    /// # Errors
    /// Calls are missing after five minutes.
    pub async fn call_all(&self, campaign: &str, contacts: usize) -> anyhow::Result<f64> {
        let begin = Instant::now();
        self.command(campaign, "start").await?;
        let all = contacts as u64;
        let is_over = |stands: Progress| stands.settled >= all && stands.live == 0;
        self.until(campaign, LOOK_PAUSE, CALLS_MAX, is_over).await?;
        Ok(begin.elapsed().as_secs_f64())
    }

    /// Reads `path` so many `times`, one after the other; milliseconds each took.
    ///
    /// # Errors
    /// A request fails.
    pub async fn timed(&self, path: &str, times: usize) -> anyhow::Result<Vec<f64>> {
        let mut took_ms = Vec::with_capacity(times);
        for _ in 0..times {
            let begin = Instant::now();
            self.get(path).await?;
            took_ms.push(begin.elapsed().as_secs_f64() * 1_000.0);
        }
        Ok(took_ms)
    }

    /// Asks every `pause` until `is_reached` says yes; how the campaign stands then.
    ///
    /// # Errors
    /// It does not come to that within `patience`.
    pub async fn until(
        &self,
        campaign: &str,
        pause: Duration,
        patience: Duration,
        is_reached: impl Fn(Progress) -> bool,
    ) -> anyhow::Result<Progress> {
        let begin = Instant::now();
        loop {
            let progress = self.progress(campaign).await?;
            if is_reached(progress) {
                return Ok(progress);
            }
            ensure!(
                begin.elapsed() < patience,
                "it takes too long: {progress:?}"
            );
            sleep(pause).await;
        }
    }

    /// Waits until `path` answers 200, asking without a pause worth mentioning.
    ///
    /// # Errors
    /// It does not within a minute.
    pub async fn is_ready(&self, path: &str) -> anyhow::Result<()> {
        let begin = Instant::now();
        loop {
            let answer = self.http.get(self.at(path)).send().await;
            if answer.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                return Ok(());
            }
            ensure!(
                begin.elapsed() < READY_MAX,
                "{} is not ready",
                self.at(path)
            );
            sleep(Duration::from_millis(5)).await;
        }
    }
}
