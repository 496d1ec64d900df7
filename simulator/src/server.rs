//! The one HTTP server: accepts connections, and can hang up on them without an answer.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

use crate::network::Network;

/// How long an answer that is on its way may take when the server stops.
const STOP_GRACE: Duration = Duration::from_millis(500);

/// Marks a response that is never sent: the connection is closed instead.
#[derive(Clone, Copy)]
struct CloseConnection;

/// A response for which the client sees its connection die.
pub(crate) fn closed_connection() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(CloseConnection);
    response
}

/// Accepts connections until the network stops.
pub(crate) async fn serve(listener: TcpListener, router: Router, network: Arc<Network>) {
    loop {
        let accepted = tokio::select! {
            () = network.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = connection(stream, router.clone(), Arc::clone(&network));
                network.tasks.spawn(connection);
            }
            Err(error) => {
                // Usually too many open files: wait for some to close.
                tracing::warn!(?error, "could not accept a connection");
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, router: Router, network: Arc<Network>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move {
            let Ok(response) = router.oneshot(request).await;
            match response.extensions().get::<CloseConnection>() {
                None => Ok(response),
                Some(CloseConnection) => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
            }
        }
    });
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(?error, "could not set nodelay");
    }
    let served = http1::Builder::new()
        // Kept connections are never closed by the server: a client that reuses one just then
        // would see a fault nobody has asked for.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    let mut served = pin!(served);
    // Errors are the client's hang-up, or ours on purpose.
    tokio::select! {
        _ = served.as_mut() => {}
        () = network.stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            let _ = timeout(STOP_GRACE, served).await;
        }
    }
}
