//! A connection on which anything at all can be said.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{interval, timeout};

use super::Dialer;
use super::dialer::ADMIN_TOKEN;

/// A connection to the API.
pub struct Raw {
    stream: TcpStream,
    begun: Instant,
    heard: Vec<u8>,
}

impl Raw {
    pub async fn connect(dialer: &Dialer) -> Self {
        let authority = dialer.base().trim_start_matches("http://");
        Self {
            stream: TcpStream::connect(authority).await.expect("a connection"),
            begun: Instant::now(),
            heard: Vec::new(),
        }
    }

    /// Says `text`; false where nobody listens any more.
    pub async fn say(&mut self, text: &str) -> bool {
        self.stream.write_all(text.as_bytes()).await.is_ok()
    }

    /// Says that there is no more to come, and still listens.
    pub async fn close_own_side(&mut self) {
        self.stream.shutdown().await.expect("our side closes");
    }

    /// Listens to `bytes` at most, every `pause`, for `duration`.
    pub async fn sip(&mut self, bytes: usize, pause: Duration, duration: Duration) {
        let begun = Instant::now();
        let mut pauses = interval(pause);
        while begun.elapsed() < duration {
            pauses.tick().await;
            let mut room = vec![0; bytes];
            let read = self.stream.read(&mut room).await.expect("it is open");
            self.heard.extend_from_slice(&room[..read]);
        }
    }

    /// What was said until the other side closes, and how long after the beginning that was. Fails after `patience`.
    pub async fn rest(mut self, patience: Duration) -> (String, Duration) {
        // A connection that is torn down is closed as well.
        let closed = timeout(patience, self.stream.read_to_end(&mut self.heard)).await;
        let heard = String::from_utf8_lossy(&self.heard).into_owned();
        assert!(closed.is_ok(), "still open after {patience:?}: {heard}");
        (heard, self.begun.elapsed())
    }

    /// Says `drops`, one every `pause`, until nobody listens or `patience` is over.
    pub async fn drip(&mut self, drops: &str, pause: Duration, patience: Duration) {
        for drop in drops.chars().cycle() {
            if self.begun.elapsed() > patience || !self.say(&drop.to_string()).await {
                return;
            }
            if timeout(pause, self.stream.readable()).await.is_ok() {
                return;
            }
        }
    }
}

/// The head of a request as the first administrator, without the empty line at its end.
pub fn head(dialer: &Dialer, request: &str) -> String {
    let authority = dialer.base().trim_start_matches("http://");
    format!(
        "{request} HTTP/1.1\r\nhost: {authority}\r\nauthorization: Bearer {ADMIN_TOKEN}\r\n\
         content-type: application/json\r\n"
    )
}
