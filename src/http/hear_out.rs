//! Letting a refused request finish speaking, so that its sender hears the answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::Request;
use axum::http::header::{CONNECTION, EXPECT};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use futures::StreamExt;
use futures::stream::poll_fn;
use parking_lot::Mutex;
use tokio::time::timeout;

/// Bytes that a refused request may still send.
const REST_BYTES_MAX: usize = 64 << 20;
/// How long it may take over them.
const REST_MAX: Duration = Duration::from_secs(5);

type Shared = Arc<Mutex<BodyDataStream>>;

/// Reads what a request that was refused has not sent yet, within bounds, before it is answered.
///
/// To close a connection in which unread bytes wait is to tear it down: whoever sends a body that is too large, or sends
/// one without a token, would see a broken pipe and no answer.
pub async fn hear_out(request: Request, next: Next) -> Response {
    // Whoever asks first whether to send has sent nothing, and sends nothing if it is refused.
    let asks_first = request.headers().contains_key(EXPECT);
    let (parts, body) = request.into_parts();
    let stream: Shared = Arc::new(Mutex::new(body.into_data_stream()));
    let shared = Arc::clone(&stream);
    let body = Body::from_stream(poll_fn(move |context| {
        shared.lock().poll_next_unpin(context)
    }));
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let is_refused = response.status().is_client_error() || response.status().is_server_error();
    if is_refused && !asks_first {
        // Who was too slow already is not waited for.
        let is_heard = response.status() != StatusCode::REQUEST_TIMEOUT
            && timeout(REST_MAX, hear(&stream)).await.unwrap_or(false);
        if !is_heard {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
    }
    response
}

/// Reads `stream` to its end; false where it is too long, or breaks off.
async fn hear(stream: &Shared) -> bool {
    let mut room = REST_BYTES_MAX;
    loop {
        match poll_fn(|context| stream.lock().poll_next_unpin(context))
            .next()
            .await
        {
            None => return true,
            Some(Ok(bytes)) if bytes.len() <= room => room -= bytes.len(),
            Some(_) => return false,
        }
    }
}
