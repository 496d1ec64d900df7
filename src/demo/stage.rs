//! What the demo runs on, and its own small client of the API.

use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Parser;
use reqwest::{Client, RequestBuilder};
use secrecy::SecretString;
use serde_json::{Value, json};
use simulator::{MsRange, PeopleConfig, Simulator, SimulatorConfig};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;
use workers::behaviour::BehaviourConfig;
use workers::config::CarrierChoice;
use workers::telemetry;

use super::Args;
use crate::assembly::{Assembly, assemble, point_at};
use crate::config::Config;
use crate::http::App;
use crate::serve;

/// How much faster than real the phone network lives.
const TIME_SCALE: f64 = 30.0;
/// How long a minute of `retryDelay` lasts, in milliseconds.
const MINUTE_MS: u32 = 500;
/// Calls per second that the pretend carrier takes.
const CALLS_PER_SECOND: f64 = 200.0;
/// How long one request of the demo may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Everything that runs during the demo.
pub(super) struct Stage {
    pub args: Args,
    pub base: String,
    pub token: String,
    pub simulator: Simulator,
    pub database: engine::Database,
    http: Client,
    serving: JoinHandle<anyhow::Result<()>>,
    stop: CancellationToken,
    _folder: TempDir,
}

/// The configuration of a server that was given no flags.
#[derive(Parser)]
struct Defaults {
    #[command(flatten)]
    config: Config,
}

impl Stage {
    pub(super) async fn set(args: Args) -> anyhow::Result<Self> {
        if std::env::var_os("RUST_LOG").is_some() {
            telemetry::log(telemetry::LogFormat::Text);
        }
        let folder = TempDir::new().context("no temporary folder")?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let base = format!("http://{address}");
        let network = network(args, &base);
        let simulator = Simulator::start(network.clone()).await?;
        let token = format!("demo-{}", Uuid::new_v4().simple());
        let mut config = Defaults::try_parse_from(["dialer"])?.config;
        let file = folder.path().join("demo.sqlite");
        let service = &mut config.service;
        service.database_url = format!("sqlite://{}?mode=rwc", file.display()).parse()?;
        service.redis_url = None;
        service.public_url = Some(Url::parse(&base)?);
        service.carrier = Some(CarrierChoice::Signalwire);
        service.behaviour = BehaviourConfig {
            retry_minute_ms: MINUTE_MS,
            carrier_calls_per_second: CALLS_PER_SECOND,
            ..BehaviourConfig::default()
        };
        point_at(service, &simulator, network)?;
        config.bind_addr = Some(address);
        config.admin_token = Some(SecretString::from(token.clone()));
        let assembly = assemble(&config, address).await?;
        let database = assembly.service.database.clone();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve_all(listener, assembly, stop.clone()));
        let http = Client::builder().timeout(REQUEST_TIMEOUT).build()?;
        Ok(Self {
            args,
            base,
            token,
            simulator,
            database,
            http,
            serving,
            stop,
            _folder: folder,
        })
    }

    pub(super) async fn create_campaign(&self) -> anyhow::Result<String> {
        let body = json!({
            "name": "Demo: spring offer",
            "phoneNumber": "+12025550100",
            "voiceAgentId": "agent_demo",
            "maxConcurrentCalls": self.args.max_concurrent_calls,
            "callAttemptsPerContact": 3,
            "retryDelay": 2,
            "callbackConfig": { "enabled": true, "maxAttempts": 1, "delayMinutes": 3 },
        });
        let made = self
            .send(self.http.post(self.at("/api/campaigns")).json(&body))
            .await?;
        let id = made["campaign"]["id"]
            .as_str()
            .context("the new campaign has no id")?;
        Ok(id.to_owned())
    }

    pub(super) async fn import(&self, campaign: &str, csv: String) -> anyhow::Result<Value> {
        let request = self
            .http
            .post(self.at(&format!("/api/v1/campaigns/{campaign}/contacts")));
        let mut done = self
            .send(request.header("content-type", "text/csv").body(csv))
            .await?;
        Ok(done["data"].take())
    }

    pub(super) async fn start_campaign(&self, campaign: &str) -> anyhow::Result<()> {
        self.send(
            self.http
                .post(self.at(&format!("/api/campaigns/{campaign}/start"))),
        )
        .await
        .map(drop)
    }

    pub(super) async fn campaign(&self, campaign: &str) -> anyhow::Result<Value> {
        let mut found = self
            .send(
                self.http
                    .get(self.at(&format!("/api/campaigns/{campaign}"))),
            )
            .await?;
        Ok(found["campaign"].take())
    }

    /// The live figures, as the dashboard asks for them.
    pub(super) async fn figures(&self, campaign: &str) -> anyhow::Result<Value> {
        let path = format!("/api/campaigns/{campaign}/debug");
        let mut found = self.send(self.http.get(self.at(&path))).await?;
        Ok(found["debugInfo"]["stats"].take())
    }

    /// Stops everything and takes it away.
    pub(super) async fn strike(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.serving.await??;
        self.simulator.stop().await;
        Ok(())
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn send(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        let response = request.bearer_auth(&self.token).send().await?;
        let status = response.status();
        let body: Value = response
            .json()
            .await
            .context("the API did not answer in JSON")?;
        ensure!(
            status.is_success(),
            "the API answered {status}: {}",
            body["message"]
        );
        Ok(body)
    }
}

async fn serve_all(
    listener: TcpListener,
    assembly: Assembly,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let app = App::new(&assembly, telemetry::measure()?);
    serve::serve(listener, app, &assembly, stop).await
}

/// People who answer, are busy, do not answer, have voicemail, or ask for a callback.
fn network(args: Args, base: &str) -> SimulatorConfig {
    let people = PeopleConfig {
        callback_after_ms: MsRange::new(500, 2_500),
        ..PeopleConfig::default()
    };
    SimulatorConfig {
        elevenlabs_webhook_url: Some(format!("{base}/webhooks/elevenlabs")),
        seed: args.seed,
        time_scale: TIME_SCALE,
        people,
        ..SimulatorConfig::default()
    }
}
