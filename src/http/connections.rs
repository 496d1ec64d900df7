//! Who may connect, and for how long they may keep us waiting.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;
use tracing::{debug, warn};

use super::counted::Counted;

/// After a failure to accept. The system is out of something, mostly of file descriptors: it needs a moment.
const BREATH: Duration = Duration::from_secs(1);

/// What connections may cost.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Connections at the same time, those that watch among them. Whoever comes after that waits in the system's queue.
    pub connections_max: usize,
    /// How long a connection may take over the head of a request, waiting for it to begin included.
    pub head: Duration,
    /// Bytes of a head: its first line and its headers.
    pub head_bytes: usize,
    /// How long a connection may take none of what there is to write. Slowly is allowed: each byte begins anew.
    pub stall: Duration,
}

/// Serves `router` on `listener` until `stop`, then waits until every request under way is answered.
///
/// Speaks HTTP/1.1. Requests that come one behind the other are answered in their order. Who has said all they had to say,
/// and closed their side, is still answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let open = TaskTracker::new();
    loop {
        let (stream, peer, place) = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let mut stream = TimeoutStream::new(Counted::new(stream, place));
        stream.set_write_timeout(Some(limits.stall));
        let io = TokioIo::new(Box::pin(stream));
        let router = router
            .clone()
            .map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(ConnectInfo(peer));
                request
            });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head)
            .max_header_size(limits.head_bytes)
            .half_close(true)
            .serve_connection(io, TowerToHyperService::new(router))
            .with_upgrades();
        let stop = stop.clone();
        open.spawn(async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                // Too slow, too large, or no HTTP: nothing that an operator could mend.
                debug!(%error, "a connection broke off");
            }
        });
    }
    drop(listener);
    open.close();
    open.wait().await;
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // Nobody closes the semaphore; were it closed, nobody would be counted.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            Err(error) if is_of_one(&error) => {}
            Err(error) => {
                warn!(%error, "cannot accept connections");
                sleep(BREATH).await;
            }
        }
    }
}

/// True where the one who wanted to connect has gone again.
fn is_of_one(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
