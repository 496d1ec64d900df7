//! Is the process alive, and can it do its work?

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;

/// A sign of life.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub struct Alive {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// What the process stands on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "ready", "database": "up", "queue": "up", "carrier": "signalwire"}))]
pub struct Readiness {
    /// `ready`, or `unavailable`.
    #[schema(example = "ready")]
    status: &'static str,
    /// `up`, or `down`.
    #[schema(example = "up")]
    database: &'static str,
    /// `up`, or `down`.
    #[schema(example = "up")]
    queue: &'static str,
    /// `simulator` where nobody is really called, else the carrier's name.
    #[schema(example = "signalwire")]
    carrier: &'static str,
}

/// The process runs; asks nobody else.
#[utoipa::path(get, path = "/healthz", tag = "operations", security(()), responses((status = 200, body = Alive)))]
pub async fn healthz() -> Json<Alive> {
    Json(Alive { status: "ok" })
}

/// The process can do its work: database and queue answer. 503 names the one that does not.
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()),
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub async fn readyz(State(app): State<App>) -> (StatusCode, Json<Readiness>) {
    let (database, queue) = tokio::join!(app.engine.database.ping(), app.engine.queue.ping());
    let is_ready = database.is_ok() && queue.is_ok();
    let word = |is_up| if is_up { "up" } else { "down" };
    let readiness = Readiness {
        status: if is_ready { "ready" } else { "unavailable" },
        database: word(database.is_ok()),
        queue: word(queue.is_ok()),
        carrier: if app.is_simulated {
            "simulator"
        } else {
            app.engine.dialing.carriers().default_kind().as_str()
        },
    };
    let status = if is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness))
}
