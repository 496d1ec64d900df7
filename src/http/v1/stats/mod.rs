//! What goes on now, for whoever asks instead of watching.

pub mod view;

use axum::Json;
use axum::extract::State;

use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use view::StatsEnvelope;

/// The live figures of what one may see: administrators everything, users what they own. The WebSocket sends the same every
/// two seconds.
#[utoipa::path(get, path = "/api/v1/stats", tag = "live",
    responses((status = 200, body = StatsEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
) -> Result<Json<StatsEnvelope>, ApiError> {
    let stats = app.engine.live.stats(&actor).await?;
    Ok(Json(stats.into()))
}
