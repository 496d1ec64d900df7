//! What the process counts, for Prometheus.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_TYPE, FORWARDED};
use axum::response::IntoResponse;
use engine::store;
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::App;
use super::auth::bearer;
use super::error::ApiError;

/// Who may read the metrics.
pub struct MetricsAccess {
    /// Shows them.
    pub handle: PrometheusHandle,
    /// The token to ask for; none: whoever is on this machine.
    pub token: Option<SecretString>,
}

/// The content type of Prometheus' text format.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The metrics of this process.
///
/// Asks for `METRICS_TOKEN` as a bearer token; without one configured it answers to loopback only.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(("bearer" = []), ()),
    responses((status = 200, description = "Prometheus' text format", body = String, content_type = "text/plain",
               example = "# TYPE dialer_live_calls gauge\ndialer_live_calls 10\n"),
              (status = 401, body = super::error::ErrorBody), (status = 403, body = super::error::ErrorBody)))]
pub async fn metrics(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<impl IntoResponse, ApiError> {
    let (parts, _) = request.into_parts();
    match &app.metrics.token {
        Some(token) => {
            let given = bearer(&parts).unwrap_or_default().as_bytes();
            if !bool::from(given.ct_eq(token.expose_secret().as_bytes())) {
                return Err(ApiError::Unauthenticated(
                    "send METRICS_TOKEN as bearer token",
                ));
            }
        }
        // What came through a proxy on this machine only looks as if it came from it.
        None => {
            let is_forwarded = parts.headers.contains_key(FORWARDED)
                || parts.headers.contains_key("x-forwarded-for");
            if !peer.ip().is_loopback() || is_forwarded {
                return Err(ApiError::Forbidden(
                    "set METRICS_TOKEN to read the metrics from elsewhere",
                ));
            }
        }
    }
    measure(&app).await;
    Ok(([(CONTENT_TYPE, TEXT_FORMAT)], app.metrics.handle.render()))
}

/// What is not counted but looked up. A dependency that does not answer leaves the last figure.
async fn measure(app: &App) {
    if let Ok(live) = store::calls::count_live(app.engine.database.reader()).await {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        metrics::gauge!("dialer_live_calls").set(live as f64);
    }
    if let Ok(depth) = app.engine.queue.depth().await {
        metrics::gauge!("dialer_queue_depth").set(f64::from(depth));
    }
}
