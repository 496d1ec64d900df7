//! Watching live, over a WebSocket.

pub mod admitted;
pub mod origin;
mod request;
mod socket;
mod view;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::http::App;
use crate::http::error::{ApiError, ErrorBody};
use admitted::{Admitted, TOKEN_PROTOCOL, TokenQuery};
use socket::Session;

/// Bytes that are read at once; clients say little. The library's own default would take 128 KiB of each.
const READ_BUFFER_BYTES: usize = 4 << 10;
/// Bytes of a message that is read at all. What is longer than [`request::MESSAGE_BYTES_MAX`] is refused with a sentence,
/// what is longer than this with the end of the connection.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Watches live, over a WebSocket: figures every two seconds, campaigns and calls when they change.
///
/// The token comes as `Authorization: Bearer TOKEN`, as `Sec-WebSocket-Protocol: bearer, TOKEN` (answered with `bearer`), or as
/// `?token=TOKEN`. The messages are described in the API's design document, under "Live".
#[utoipa::path(get, path = "/api/v1/ws", tag = "live", params(TokenQuery),
    responses((status = 101, description = "The connection is a WebSocket from here on"),
              (status = 403, body = ErrorBody, description = "The page's origin is none of `CORS_ORIGINS`"),
              (status = "4XX", body = ErrorBody), (status = 503, body = ErrorBody, description = "As many watch as may")))]
pub async fn watch(
    State(app): State<App>,
    Admitted { actor, pass }: Admitted,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    app.watching.origins.check(&headers)?;
    let upgrade = upgrade.map_err(|_| {
        ApiError::unreadable("this address speaks WebSocket: connect to it with ws:// or wss://")
    })?;
    let live = app.engine.live.clone();
    let watcher = live.watch(&actor, pass).await?;
    let session = Session {
        live,
        actor,
        watcher,
        silence: app.watching.silence,
    };
    Ok(upgrade
        .protocols([TOKEN_PROTOCOL])
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .max_message_size(MESSAGE_BYTES_MAX)
        .on_upgrade(|socket| session.serve(socket)))
}
