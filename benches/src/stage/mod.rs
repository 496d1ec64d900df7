//! What a workload runs on: the released programs as processes of their own, in a folder and a database of their own.

pub mod api;
pub mod contacts;
mod database;
mod dialect;
mod meter;
pub mod network;
mod port;
mod process;
pub mod rows;
mod servers;
pub mod usage;

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tempfile::TempDir;
use uuid::Uuid;

pub use self::api::Api;
pub use self::database::Database;
pub use self::meter::Meter;
pub use self::network::People;
pub use self::process::Process;
pub use self::servers::Servers;
use crate::figures::Figures;
use crate::plan::{Plan, Stack};

/// What the administrator's requests carry.
pub const TOKEN: &str = "the-benchmark-s-own-admin";
/// SignalWire's account.
const PROJECT_ID: &str = "11111111-2222-4333-8444-555555555555";
/// What the pretend providers ask for, and sign with.
const PROVIDER_SECRET: &str = "a-secret-of-the-benchmark";

/// What a workload wants of its stage.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// How many workers; none: as many as the command line says.
    pub workers: Option<u32>,
    /// How people behave.
    pub people: People,
    /// Further environment of the dialer's processes.
    pub env: Vec<(&'static str, String)>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            workers: None,
            people: People::INSTANT,
            env: Vec::new(),
        }
    }
}

/// A running dialer and what is around it.
pub struct Stage {
    /// A client of the API.
    pub api: Api,
    /// The API's process; on the embedded stack its worker is in it.
    pub web: Process,
    /// The workers' processes.
    pub workers: Vec<Process>,
    /// The simulator's process: the agents' platform, and the carrier where no other was named.
    pub simulator: Process,
    /// Where the simulator is.
    pub network: String,
    /// The database.
    pub database: Database,
    /// Postgres and Redis; none on the embedded stack.
    pub servers: Option<Servers>,
    /// Whether the carrier is not the simulator.
    pub has_foreign_carrier: bool,
    /// The process of that carrier, where it is known.
    pub carrier_process: Option<u32>,
    env: Vec<(String, String)>,
    folder: TempDir,
}

impl Stage {
    /// Starts everything and waits until it is ready.
    ///
    /// # Errors
    /// What does not start.
    pub async fn set(plan: &Plan, wanted: Wanted) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("dialer-bench-").context("no temporary folder")?;
        let address = format!("127.0.0.1:{}", port::free()?);
        let base = format!("http://{address}");
        let (network, simulator) = network::start(plan, &base, folder.path()).await?;
        network::rehearse(&network, wanted.people).await?;
        let mut env = environment(plan, &network);
        env.extend([
            ("BIND_ADDR".into(), address),
            ("PUBLIC_URL".into(), base.clone()),
        ]);
        let servers = match plan.stack {
            Stack::Embedded => None,
            Stack::Production => Some(Servers::find().await?),
        };
        let file = folder.path().join("bench.sqlite");
        let file = format!("sqlite://{}?mode=rwc", file.display());
        let database_url = servers
            .as_ref()
            .map_or(file, |servers| servers.database_url.clone());
        env.push(("DATABASE_URL".into(), database_url.clone()));
        if let Some(servers) = &servers {
            let queue = format!("bench-{}", Uuid::now_v7().simple());
            env.extend([
                ("REDIS_URL".into(), servers.redis_url.clone()),
                ("QUEUE_NAME".into(), queue),
            ]);
        }
        env.extend(
            wanted
                .env
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value)),
        );
        env.extend(plan.settings.iter().cloned());
        run(plan, &env, &["migrate"])?;
        let mut command = Command::new(plan.programs.join("dialer"));
        command.arg("serve").env_clear().envs(env.iter().cloned());
        let web = Process::spawn("api", command.current_dir(folder.path()), folder.path())?;
        let mut stage = Self {
            api: Api::new(&base)?,
            web,
            workers: Vec::new(),
            simulator,
            network,
            database: Database::open(&database_url).await?,
            servers,
            has_foreign_carrier: plan.carrier.is_some(),
            carrier_process: plan.carrier.as_ref().and_then(|carrier| carrier.process),
            env,
            folder,
        };
        stage
            .api
            .is_ready("/readyz")
            .await
            .with_context(|| stage.web.tail())?;
        if plan.stack == Stack::Production {
            for _ in 0..wanted.workers.unwrap_or(plan.workers) {
                stage.start_worker(plan).await?;
            }
        }
        Ok(stage)
    }

    /// Starts one more worker; how long it took until it was ready.
    ///
    /// # Errors
    /// It does not get ready.
    pub async fn start_worker(&mut self, plan: &Plan) -> anyhow::Result<Duration> {
        let address = format!("127.0.0.1:{}", port::free()?);
        let name = format!("worker-{}", self.workers.len());
        let mut command = Command::new(plan.programs.join("dialer-worker"));
        command
            .env_clear()
            .envs(self.env.iter().cloned())
            .env("WORKER_BIND_ADDR", &address)
            .current_dir(self.folder.path());
        let begin = Instant::now();
        let worker = Process::spawn(&name, &mut command, self.folder.path())?;
        let health = Api::new(&format!("http://{address}"))?;
        health
            .is_ready("/healthz")
            .await
            .with_context(|| worker.tail())?;
        self.workers.push(worker);
        Ok(begin.elapsed())
    }

    /// Runs the program `dialer` with `arguments`, over the same database.
    ///
    /// # Errors
    /// What it says where it fails.
    pub fn dialer(&self, plan: &Plan, arguments: &[&str]) -> anyhow::Result<()> {
        run(plan, &self.env, arguments)
    }

    /// Starts everything, lets `measure` look at it, and ends everything.
    ///
    /// # Errors
    /// What does not start or go away, and what `measure` says, with what the processes have said last.
    pub async fn play(
        plan: &Plan,
        wanted: Wanted,
        measure: impl AsyncFnOnce(&Self) -> anyhow::Result<Figures>,
    ) -> anyhow::Result<Figures> {
        let stage = Self::set(plan, wanted).await?;
        let figures = measure(&stage).await;
        let figures = figures.with_context(|| stage.tails())?;
        stage.strike().await?;
        Ok(figures)
    }

    /// Ends everything.
    ///
    /// # Errors
    /// What does not go away.
    pub async fn strike(mut self) -> anyhow::Result<()> {
        for worker in &mut self.workers {
            worker.stop().await;
        }
        self.web.stop().await;
        self.simulator.stop().await;
        self.database.close().await?;
        if let Some(servers) = self.servers.take() {
            servers.strike().await?;
        }
        Ok(())
    }

    /// What the processes have said last, for an error.
    pub fn tails(&self) -> String {
        let all = [&self.web].into_iter().chain(&self.workers);
        all.map(Process::tail).collect::<Vec<_>>().join("\n")
    }
}

/// What all processes of the dialer are told, beside where things are.
fn environment(plan: &Plan, network: &str) -> Vec<(String, String)> {
    let (carrier, key) = match &plan.carrier {
        None => (network, Some(network::SIGNING_KEY)),
        Some(foreign) => (
            foreign.url.as_str().trim_end_matches('/'),
            foreign.key.as_deref(),
        ),
    };
    let mut env = vec![
        ("ADMIN_TOKEN", TOKEN.to_owned()),
        ("CARRIER", "signalwire".to_owned()),
        (
            "SIGNALWIRE_BASE_URL",
            format!("{carrier}/api/laml/2010-04-01"),
        ),
        ("SIGNALWIRE_PROJECT_ID", PROJECT_ID.to_owned()),
        ("SIGNALWIRE_API_TOKEN", PROVIDER_SECRET.to_owned()),
        ("ELEVENLABS_BASE_URL", network.to_owned()),
        ("ELEVENLABS_API_KEY", PROVIDER_SECRET.to_owned()),
        ("ELEVENLABS_WEBHOOK_SECRET", PROVIDER_SECRET.to_owned()),
        ("MAX_CONCURRENT_CALLS_LIMIT", "1000000".to_owned()),
        // Neither limiter is to be what is measured.
        ("CARRIER_CALLS_PER_SECOND", "100000".to_owned()),
        ("CAMPAIGN_STARTS_PER_SLOT", "1000".to_owned()),
    ];
    env.extend(key.map(|key| ("SIGNALWIRE_SIGNING_KEY", key.to_owned())));
    env.into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn run(plan: &Plan, env: &[(String, String)], arguments: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new(plan.programs.join("dialer"));
    command
        .args(arguments)
        .env_clear()
        .envs(env.iter().cloned());
    let done = command.output()?;
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(
        done.status.success(),
        "dialer {}: {said}",
        arguments.join(" ")
    );
    Ok(())
}
