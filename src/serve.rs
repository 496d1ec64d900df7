//! Runs the API until somebody asks it to stop.

use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use workers::telemetry;

use crate::assembly::{Assembly, assemble};
use crate::config::Config;
use crate::descriptors::make_room;
use crate::http::{self, App, connections};

/// How long requests under way, and the calls they asked for, may take once the process is to stop.
const DRAIN_MAX: Duration = Duration::from_secs(25);

/// Serves the API as `config` says, until SIGTERM or ctrl-c.
///
/// # Errors
/// What is wrong with the configuration, or does not answer at the start.
pub async fn run(config: Config) -> anyhow::Result<()> {
    telemetry::log(config.service.log_format);
    config.check()?;
    let metrics = telemetry::measure()?;
    let stop = stop_on_signals()?;
    let listener = TcpListener::bind(config.bind())
        .await
        .with_context(|| format!("BIND_ADDR: cannot listen on {}", config.bind()))?;
    let assembly = assemble(&config, listener.local_addr()?).await?;
    let app = App::new(&assembly, metrics);
    serve(listener, app, &assembly, stop).await?;
    if let Some(simulator) = assembly.simulator {
        simulator.stop().await;
    }
    info!("stopped");
    Ok(())
}

/// Serves `app` on `listener`, and without Redis dials as well, until `stop`; then both finish what is under way.
///
/// # Errors
/// What the socket says.
pub async fn serve(
    listener: TcpListener,
    app: App,
    assembly: &Assembly,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let config = &assembly.config;
    let router = http::router::router(app, &config.cors_origins, config.body_times())?;
    let limits = config.connection_limits(make_room(config.http_connections_max));
    info!("serving at http://{}", listener.local_addr()?);
    let server = connections::serve(listener, router, limits, stop.clone());
    let serving = async {
        let mut server = std::pin::pin!(server);
        tokio::select! {
            // First: a server without open requests ends at the same instant, and nobody would see off those who watch.
            biased;
            () = stop.cancelled() => {}
            () = &mut server => return,
        }
        let finished = async {
            server.await;
            // Whoever asked for a call may have hung up; the call is placed all the same.
            assembly.engine.dialing.finish().await;
        };
        // Those who watch are no requests: the server would not wait for them.
        let (drained, ()) = tokio::join!(timeout(DRAIN_MAX, finished), assembly.engine.live.stop());
        if drained.is_err() {
            warn!("some requests, or calls that were asked for, did not finish in time");
        }
    };
    let dialing = async {
        if assembly.config.service.redis_url.is_some() {
            return Ok(());
        }
        let worked = assembly.service.work(stop.clone()).await;
        // Without its worker this process is of no use: whoever watches it starts it again.
        stop.cancel();
        worked
    };
    let ((), worked) = tokio::join!(serving, dialing);
    worked
}

/// A token that is canceled by SIGTERM or ctrl-c.
fn stop_on_signals() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        info!("asked to stop");
        token.cancel();
    });
    Ok(stop)
}
