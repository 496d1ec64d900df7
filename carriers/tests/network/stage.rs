//! Where the clients meet the network: people, and a place where webhooks arrive.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use domain::{CallId, PhoneNumber};
use parking_lot::Mutex;
use simulator::{PeopleConfig, Shares, SimulatorConfig};
use url::Url;

pub const CALL_ID: &str = "0190c7a0-0000-7000-8000-000000000042";

pub fn call_id() -> CallId {
    CALL_ID.parse().unwrap()
}

pub fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text, None).unwrap()
}

/// People as they are, a thousand times as fast.
pub fn fast() -> SimulatorConfig {
    SimulatorConfig {
        time_scale: 1_000.0,
        ..SimulatorConfig::default()
    }
}

/// People who lose no time.
pub fn instant() -> SimulatorConfig {
    SimulatorConfig {
        people: PeopleConfig::instant(Shares::default()),
        ..SimulatorConfig::default()
    }
}

/// A webhook as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Arrived {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Takes in whatever is sent to it.
pub struct Inbox {
    pub url: Url,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Inbox {
    pub async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
        let arrived: Arc<Mutex<Vec<Arrived>>> = Arc::default();
        let router = Router::new()
            .fallback(take)
            .with_state(Arc::clone(&arrived));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url: url.parse().unwrap(),
            arrived,
        }
    }

    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().clone()
    }

    /// Waits until `count` webhooks have arrived.
    pub async fn wait_for(&self, count: usize) -> Vec<Arrived> {
        eventually("the webhooks", || async {
            Some(self.arrived()).filter(|arrived| arrived.len() >= count)
        })
        .await
    }
}

async fn take(
    State(arrived): State<Arc<Mutex<Vec<Arrived>>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) {
    arrived.lock().push(Arrived {
        path: uri.path().to_owned(),
        headers,
        body: body.to_vec(),
    });
}

/// Polls until there is something; gives up after ten seconds.
pub async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut poll: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(found) = poll().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
