//! `dialer-worker`: takes jobs from the queue and places the calls. Start as many as you like.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Parser;
use tikv_jemallocator::Jemalloc;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use url::Url;
use workers::config::{CarrierChoice, ConfigError};
use workers::{Service, ServiceConfig, health, telemetry};

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// Takes jobs from the queue and places the calls; start as many as you like
#[derive(Debug, Parser)]
#[command(name = "dialer-worker", version)]
struct Cli {
    #[command(flatten)]
    service: ServiceConfig,
    /// Health and metrics of this worker; port 0: a free one, told in the log
    #[arg(long, env, default_value = "127.0.0.1:0")]
    worker_bind_addr: SocketAddr,
}

#[tokio::main]
#[expect(
    clippy::print_stderr,
    reason = "a sentence for the person at the terminal"
)]
async fn main() -> ExitCode {
    dotenvy::dotenv().ok();
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dialer-worker: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    telemetry::log(cli.service.log_format);
    let metrics = telemetry::measure()?;
    let public_url = check(&cli.service)?;
    let stop = stop_on_signals()?;
    let service = Service::start(&cli.service, public_url).await?;
    let missing = service.database.pending_migrations().await?;
    ensure!(
        missing == 0,
        "DATABASE_URL: the schema misses {missing} steps; run `dialer migrate` first"
    );
    let listener = health::bind(cli.worker_bind_addr)
        .await
        .context("WORKER_BIND_ADDR")?;
    let shown = tokio::spawn(health::serve(
        listener,
        service.clone(),
        metrics,
        stop.clone(),
    ));
    tracing::info!(worker.id = service.dialing.process(), "taking jobs");
    let worked = service.work(stop).await;
    // Whoever still looks at health and metrics has seen enough.
    shown.abort();
    worked?;
    tracing::info!("stopped");
    Ok(())
}

/// What only a worker of its own needs: a queue that others can reach, and the address under which they are called back.
fn check(config: &ServiceConfig) -> Result<Url, ConfigError> {
    if config.redis_url.is_none() {
        let problem = "is missing; a worker takes its jobs from Redis (without Redis `dialer serve` runs the workers itself)";
        return Err(ConfigError::new("REDIS_URL", problem));
    }
    if config.carrier() == CarrierChoice::Simulator {
        let problem = "simulator lives inside `dialer serve`; point SIGNALWIRE_BASE_URL at a simulator of its own instead";
        return Err(ConfigError::new("CARRIER", problem));
    }
    config.public_url.clone().ok_or_else(|| {
        ConfigError::new(
            "PUBLIC_URL",
            "is missing; carriers report to the API, say where they reach it",
        )
    })
}

fn stop_on_signals() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let token = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        token.cancel();
    });
    Ok(stop)
}
