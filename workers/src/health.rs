//! A worker's own little server: is it alive, and what does it count?

use std::net::SocketAddr;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::service::Service;

#[derive(Clone)]
struct Shown {
    service: Service,
    metrics: PrometheusHandle,
}

/// Serves `/healthz` and `/metrics` on `listener` until `stop`.
///
/// # Errors
/// What the socket says.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    metrics: PrometheusHandle,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let router = Router::new()
        .route("/healthz", get(healthz))
        .route(
            "/metrics",
            get(|State(shown): State<Shown>| async move { shown.metrics.render() }),
        )
        .with_state(Shown { service, metrics });
    axum::serve(listener, router)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
}

/// Binds the address, and says in the log which one it became.
///
/// # Errors
/// What the socket says.
pub async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address).await?;
    tracing::info!(address = %listener.local_addr()?, "health and metrics at http://{}", listener.local_addr()?);
    Ok(listener)
}

/// 200 while database and queue answer; 503 names the one that does not.
async fn healthz(State(shown): State<Shown>) -> (StatusCode, &'static str) {
    if shown.service.database.ping().await.is_err() {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer\n",
        );
    }
    if shown.service.queue.ping().await.is_err() {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "the queue does not answer\n",
        );
    }
    (StatusCode::OK, "ok\n")
}
