//! Runs the API until somebody asks it to stop.

use std::future::IntoFuture;
use std::net::SocketAddr;
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
use crate::http::{self, App};

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
    let router = http::router::router(app, &assembly.config.cors_origins)?;
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    info!("serving at http://{}", listener.local_addr()?);
    let server = axum::serve(listener, service)
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
    let serving = async {
        let mut server = std::pin::pin!(server);
        tokio::select! {
            // First: a server without open requests ends at the same instant, and nobody would see off those who watch.
            biased;
            () = stop.cancelled() => {}
            ended = &mut server => return ended,
        }
        let finished = async {
            let served = server.await;
            // Whoever asked for a call may have hung up; the call is placed all the same.
            assembly.engine.dialing.finish().await;
            served
        };
        // Those who watch are no requests: the server would not wait for them.
        let (drained, ()) = tokio::join!(timeout(DRAIN_MAX, finished), assembly.engine.live.stop());
        drained.unwrap_or_else(|_| {
            warn!("some requests, or calls that were asked for, did not finish in time");
            Ok(())
        })
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
    let (served, worked) = tokio::join!(serving, dialing);
    worked?;
    served.context("the server failed")
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
