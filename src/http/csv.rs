//! Answers that are a CSV file, sent while it is written.

use axum::body::Body;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use axum::response::{IntoResponse, Response};
use engine::EngineError;
use futures::{Stream, TryStreamExt};
use tracing::error;

/// Stands on every answer whose kind depends on the header `Accept`.
pub(super) const BY_ACCEPT: [(HeaderName, &str); 1] = [(VARY, "accept")];

/// The file `name`, of the pieces of `rows`. An error among them breaks the connection off, so that nobody takes what came
/// until then for all of it.
pub(super) fn attachment(
    name: &str,
    rows: impl Stream<Item = Result<Vec<u8>, EngineError>> + Send + 'static,
) -> Response {
    let rows = rows.inspect_err(|error| error!(?error, "a file broke off in the middle"));
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (BY_ACCEPT, headers, Body::from_stream(rows)).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::routing::get;
    use engine::EngineError;
    use futures::{StreamExt, stream};
    use tokio::sync::Notify;
    use tower_http::compression::CompressionLayer;

    use super::attachment;

    #[tokio::test]
    async fn a_file_begins_at_once_and_one_that_breaks_off_does_not_look_complete() {
        let is_begun = Arc::new(Notify::new());
        let seen = Arc::clone(&is_begun);
        let broken = move || {
            let seen = Arc::clone(&seen);
            let first = stream::iter([Ok(b"a,b\r\n".to_vec())]);
            first.chain(stream::once(async move {
                seen.notified().await;
                let gone = std::io::Error::other("the database is gone");
                Err(EngineError::internal(gone))
            }))
        };
        let router = Router::new()
            .route("/", get(async move || attachment("x.csv", broken())))
            .layer(CompressionLayer::new());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = reqwest::Client::new();
        for encoding in ["identity", "gzip"] {
            let request = client.get(&base).header("accept-encoding", encoding);
            let mut answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 200);
            if encoding == "identity" {
                assert_eq!(answer.chunk().await.unwrap().unwrap(), "a,b\r\n");
            }
            is_begun.notify_one();
            assert!(answer.bytes().await.is_err(), "{encoding}");
        }
    }
}
