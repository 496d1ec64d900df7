//! Letting a refused request finish speaking, so that its sender hears the answer.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody as _};
use axum::extract::Request;
use axum::http::header::{CONNECTION, EXPECT};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use futures::StreamExt;
use futures::stream::poll_fn;
use parking_lot::Mutex;
use tokio::time::timeout;

use super::around::{After, Around};

/// Bytes that a refused request may still send.
const REST_BYTES_MAX: usize = 64 << 20;
/// How long it may take over them.
const REST_MAX: Duration = Duration::from_secs(5);

/// What a request has still to send, for whoever reads it.
type Rest = Arc<Mutex<BodyDataStream>>;

/// Reads what a request that was refused has not sent yet, within bounds, before it is answered.
///
/// To close a connection in which unread bytes wait is to tear it down: whoever sends a body that is too large, or sends
/// one without a token, would see a broken pipe and no answer.
#[derive(Clone, Copy, Debug)]
pub struct HearOut;

impl Around for HearOut {
    /// What the request has still to send; none where it sends nothing if it is refused.
    type Kept = Option<Rest>;

    fn before(&self, request: &mut Request) -> Option<Rest> {
        // Whoever asks first whether to send has sent nothing, and sends nothing if it is refused.
        let asks_first = request.headers().contains_key(EXPECT);
        if asks_first || request.body().is_end_stream() {
            return None;
        }
        let body = mem::take(request.body_mut());
        let rest: Rest = Arc::new(Mutex::new(body.into_data_stream()));
        let shared = Arc::clone(&rest);
        *request.body_mut() = Body::from_stream(poll_fn(move |context| {
            shared.lock().poll_next_unpin(context)
        }));
        Some(rest)
    }

    fn after(rest: Option<Rest>, mut response: Response) -> After {
        let status = response.status();
        let is_refused = status.is_client_error() || status.is_server_error();
        let Some(rest) = rest.filter(|_| is_refused) else {
            return After::Now(response);
        };
        After::Later(Box::pin(async move {
            // Who was too slow already is not waited for.
            let is_heard = status != StatusCode::REQUEST_TIMEOUT
                && timeout(REST_MAX, hear(&rest)).await.unwrap_or(false);
            if !is_heard {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            response
        }))
    }
}

/// Reads `rest` to its end; false where it is too long, or breaks off.
async fn hear(rest: &Rest) -> bool {
    let mut room = REST_BYTES_MAX;
    loop {
        match poll_fn(|context| rest.lock().poll_next_unpin(context))
            .next()
            .await
        {
            None => return true,
            Some(Ok(bytes)) if bytes.len() <= room => room -= bytes.len(),
            Some(_) => return false,
        }
    }
}
