//! The measured workloads. Each prints one JSON line; `make bench` gives them Postgres and Redis of their own.
//!
//! A figure of one run on one machine says little: compare medians of several, taken in turn.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Parser;
use dialer::assembly::{Assembly, assemble, point_at};
use dialer::config::Config;
use dialer::http::App;
use dialer::serve::serve;
use reqwest::{Client, RequestBuilder};
use sea_orm::{ConnectionTrait, Database};
use secrecy::SecretString;
use serde_json::{Value, json};
use simulator::{PeopleConfig, Shares, Simulator, SimulatorConfig};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;
use workers::config::CarrierChoice;
use workers::telemetry;

/// Contacts of the dispatch workload.
const DISPATCH_CONTACTS: usize = 5_000;
/// Contacts of the import workload.
const IMPORT_CONTACTS: usize = 100_000;
const TOKEN: &str = "the-benchmark-s-own-admin";
const PATIENCE: Duration = Duration::from_secs(300);

#[derive(Parser)]
struct Defaults {
    #[command(flatten)]
    config: Config,
}

/// What the dialer stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stack {
    Embedded,
    Production,
}

/// A dialer in this process, its carrier, and a client of its API.
struct Bench {
    base: String,
    http: Client,
    simulator: Simulator,
    stop: CancellationToken,
    serving: tokio::task::JoinHandle<anyhow::Result<()>>,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn start(stack: Stack) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let base = format!("http://{address}");
        let network = SimulatorConfig {
            elevenlabs_webhook_url: Some(format!("{base}/webhooks/elevenlabs")),
            people: PeopleConfig::instant(Shares {
                busy: 1.0,
                ..Shares::NONE
            }),
            ..SimulatorConfig::default()
        };
        let simulator = Simulator::start(network.clone()).await?;
        let mut config = Defaults::try_parse_from(["bench"])?.config;
        let service = &mut config.service;
        service.redis_url = None;
        service.database_url = match stack {
            Stack::Embedded => format!(
                "sqlite://{}?mode=rwc",
                folder.path().join("bench.sqlite").display()
            )
            .parse()?,
            Stack::Production => {
                service.redis_url = Some(
                    std::env::var("TEST_REDIS_URL")
                        .context("run it with `make bench`")?
                        .parse()?,
                );
                service.queue_name = format!("bench-{}", Uuid::now_v7().simple());
                own_database().await?.parse()?
            }
        };
        service.public_url = Some(Url::parse(&base)?);
        service.carrier = Some(CarrierChoice::Signalwire);
        service.behaviour.carrier_calls_per_second = 100_000.0;
        service.behaviour.campaign_starts_per_slot = 1_000.0;
        point_at(service, &simulator, network)?;
        config.admin_token = Some(SecretString::from(TOKEN));
        if stack == Stack::Production {
            engine::Database::connect(config.service.database_url.expose(), 2)
                .await?
                .migrate()
                .await?;
        }
        let assembly = assemble(&config, address).await?;
        let stop = CancellationToken::new();
        let serving = tokio::spawn(run(stack, listener, assembly, stop.clone()));
        Ok(Self {
            base,
            http: Client::new(),
            simulator,
            stop,
            serving,
            _folder: folder,
        })
    }

    async fn send(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        let response = request.bearer_auth(TOKEN).send().await?;
        let status = response.status();
        let body: Value = response.json().await?;
        ensure!(status.is_success(), "{status}: {body}");
        Ok(body)
    }

    async fn campaign(&self, limit: u32) -> anyhow::Result<String> {
        let body = json!({
            "name": "Bench", "phoneNumber": "+12025550100", "voiceAgentId": "agent_demo",
            "maxConcurrentCalls": limit, "callAttemptsPerContact": 1, "retryDelay": 0,
        });
        let made = self
            .send(
                self.http
                    .post(format!("{}/api/campaigns", self.base))
                    .json(&body),
            )
            .await?;
        Ok(made["campaign"]["id"].as_str().context("no id")?.to_owned())
    }

    async fn import(&self, campaign: &str, count: usize) -> anyhow::Result<Duration> {
        let mut csv = String::from("phoneNumber,name\n");
        for index in 0..count {
            csv.push_str(&format!(
                "+1{:03}555{:04},Guest {index}\n",
                200 + index / 10_000,
                index % 10_000
            ));
        }
        let request = self.http.post(format!(
            "{}/api/v1/campaigns/{campaign}/contacts",
            self.base
        ));
        let start = Instant::now();
        let done = self
            .send(request.header("content-type", "text/csv").body(csv))
            .await?;
        ensure!(done["data"]["added"] == count, "{}", done["data"]);
        Ok(start.elapsed())
    }

    async fn strike(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.serving.await??;
        self.simulator.stop().await;
        Ok(())
    }
}

/// Serves and works until `stop`. With Redis the API leaves the work to workers of their own: here it is its own.
async fn run(
    stack: Stack,
    listener: TcpListener,
    assembly: Assembly,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let app = App::new(&assembly, telemetry::measure()?);
    let working = async {
        if stack == Stack::Production {
            assembly.service.work(stop.clone()).await
        } else {
            Ok(())
        }
    };
    let (served, worked) = tokio::join!(serve(listener, app, &assembly, stop.clone()), working);
    worked.and(served)
}

/// Calls that end at once: from start to the last settled call.
async fn dispatch(stack: Stack) -> anyhow::Result<()> {
    let bench = Bench::start(stack).await?;
    let campaign = bench.campaign(1_000).await?;
    bench.import(&campaign, DISPATCH_CONTACTS).await?;
    let start = Instant::now();
    bench
        .send(
            bench
                .http
                .post(format!("{}/api/campaigns/{campaign}/start", bench.base)),
        )
        .await?;
    loop {
        let found = bench
            .send(
                bench
                    .http
                    .get(format!("{}/api/campaigns/{campaign}", bench.base)),
            )
            .await?;
        if found["campaign"]["status"] == "completed" {
            break;
        }
        ensure!(
            start.elapsed() < PATIENCE,
            "the campaign does not end: {found}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    report("dispatch", stack, DISPATCH_CONTACTS, start.elapsed());
    bench.strike().await
}

/// One request with many rows of CSV.
async fn import(stack: Stack) -> anyhow::Result<()> {
    let bench = Bench::start(stack).await?;
    let campaign = bench.campaign(1).await?;
    let took = bench.import(&campaign, IMPORT_CONTACTS).await?;
    report("import", stack, IMPORT_CONTACTS, took);
    bench.strike().await
}

#[expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "the line is the result; counts are small"
)]
fn report(workload: &str, stack: Stack, count: usize, took: Duration) {
    let per_second = (count as f64 / took.as_secs_f64()).round();
    println!(
        "{}",
        json!({
            "workload": workload, "stack": format!("{stack:?}").to_lowercase(), "count": count,
            "seconds": took.as_secs_f64(), "per_second": per_second,
        })
    );
}

async fn own_database() -> anyhow::Result<String> {
    let url = std::env::var("TEST_POSTGRES_URL").context("run it with `make bench`")?;
    let name = format!("bench_{}", Uuid::now_v7().simple());
    Database::connect(&url)
        .await?
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await?;
    let (server, _) = url
        .rsplit_once('/')
        .context("TEST_POSTGRES_URL names no database")?;
    Ok(format!("{server}/{name}"))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    for stack in [Stack::Embedded, Stack::Production] {
        dispatch(stack).await?;
        import(stack).await?;
    }
    Ok(())
}
