//! How long a body may take.

use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use futures::StreamExt as _;
use futures::stream::poll_fn;
use tokio::time::sleep;

/// The body took longer than it may.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the body did not come in time")]
pub struct TooSlow;

/// How long bodies may take.
#[derive(Clone, Copy, Debug)]
pub struct BodyTimes {
    /// Of most requests.
    pub most: Duration,
    /// Of an import, which has more to say.
    pub import: Duration,
}

impl BodyTimes {
    /// `most` for most requests, and ten times as long for an import.
    #[must_use]
    pub const fn new(most: Duration) -> Self {
        Self {
            most,
            import: most.saturating_mul(10),
        }
    }
}

impl Default for BodyTimes {
    /// 20 seconds.
    fn default() -> Self {
        Self::new(Duration::from_secs(20))
    }
}

/// Breaks a body off that is not there within `limit`. Who reads it hears of [`TooSlow`].
///
/// Whoever sends a byte now and then would else hold what a request holds for as long as a request may take.
pub fn body_within(limit: Duration, request: Request) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    let (parts, body) = request.into_parts();
    let mut stream = body.into_data_stream();
    let mut late: Pin<Box<_>> = Box::pin(sleep(limit));
    let body = Body::from_stream(poll_fn(move |context| {
        match stream.poll_next_unpin(context) {
            Poll::Ready(part) => Poll::Ready(part),
            Poll::Pending => late
                .as_mut()
                .poll(context)
                .map(|()| Some(Err(axum::Error::new(TooSlow)))),
        }
    }));
    Request::from_parts(parts, body)
}
