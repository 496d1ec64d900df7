//! Carries the simulator's own requests to the dialer, with the providers' time limits.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder, redirect};

use crate::recorder::Delivery;

/// One shared client with a pool of kept connections.
pub(crate) struct Courier {
    client: Client,
}

/// Where to send something, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub url: Box<str>,
    pub is_get: bool,
}

/// A dialer's answer, read to the end.
pub(crate) struct Reply {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

impl Courier {
    /// Connect 2 s, read 5 s, 15 s in all, as SignalWire documents; never through a proxy.
    pub fn new() -> anyhow::Result<Self> {
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(2))
            .read_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(15))
            .redirect(redirect::Policy::limited(3))
            .pool_max_idle_per_host(256)
            .pool_idle_timeout(Duration::from_secs(20))
            .tcp_nodelay(true)
            .no_proxy()
            .user_agent("dialer-simulator")
            .build()?;
        Ok(Self { client })
    }

    /// Sends `form` to `target`, signed by `sign`, which gets the URL and the fields to be signed.
    pub async fn send_form(
        &self,
        target: &Target,
        form: &[(&str, String)],
        sign: impl FnOnce(&str, &[(&str, String)]) -> String,
    ) -> Result<Reply, Delivery> {
        let encoded = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form.iter().map(|(name, value)| (*name, value.as_str())))
            .finish();
        let request = if target.is_get {
            let joint = if target.url.contains('?') { '&' } else { '?' };
            let url = format!("{}{joint}{encoded}", target.url);
            let signature = sign(&url, &[]);
            self.client
                .get(url)
                .header("X-SignalWire-Signature", signature)
        } else {
            self.client
                .post(&*target.url)
                .header("X-SignalWire-Signature", sign(&target.url, form))
                .header(
                    CONTENT_TYPE,
                    HeaderValue::from_static("application/x-www-form-urlencoded"),
                )
                .body(encoded)
        };
        settle(request).await
    }

    /// Fetches whatever is at `url`, as a stranger would.
    pub async fn fetch(&self, url: &str) -> Result<Reply, Delivery> {
        settle(self.client.get(url)).await
    }

    /// Posts `body`, whatever it is.
    pub async fn send_body(
        &self,
        url: &str,
        content_type: &str,
        body: String,
    ) -> Result<Reply, Delivery> {
        let request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, content_type)
            .body(body);
        settle(request).await
    }

    /// Posts `json` with one extra header.
    pub async fn send_json(
        &self,
        url: &str,
        header: (&'static str, String),
        json: String,
    ) -> Result<Reply, Delivery> {
        let request = self
            .client
            .post(url)
            .header(header.0, header.1)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(json);
        settle(request).await
    }
}

async fn settle(request: RequestBuilder) -> Result<Reply, Delivery> {
    let failed = |e: &reqwest::Error| {
        if e.is_timeout() {
            Delivery::TimedOut
        } else {
            Delivery::Unreachable
        }
    };
    let response = request.send().await.map_err(|e| failed(&e))?;
    let status = response.status().as_u16();
    let content_type = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    // Read to the end, or the connection cannot be used again.
    let body = response.text().await.map_err(|e| failed(&e))?;
    Ok(Reply {
        status,
        content_type,
        body,
    })
}
