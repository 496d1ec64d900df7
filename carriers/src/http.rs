//! One request, one answer: the part of HTTP every provider's client shares.
//!
//! Holds the rules that keep a request from being sent twice, from waiting for ever and from filling the memory. Knows
//! nothing of any provider.

use std::time::{Duration, Instant};

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, StatusCode, redirect, retry};
use url::{Host, Url};

use crate::event::ConfigError;

/// The longest wait a `Retry-After` can ask of us.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// Idle connections are closed after this. Shorter than the five seconds after which the most impatient common servers
/// (Node, Apache) close theirs: writing a "place this call" into a connection that the other side is just closing leaves
/// us in doubt whether it was read, and doubt costs a look-up.
const IDLE_MAX: Duration = Duration::from_secs(4);

/// Builds the client of one provider. `connect_timeout` covers name resolution, TCP and TLS, and must be shorter than
/// any request's own timeout: only then does "could not connect" differ from "may have been sent".
///
/// No request is ever sent a second time behind our back:
///
/// * reqwest's own retries are off. By default it repeats a request after an HTTP/2 `REFUSED_STREAM`, but also after a
///   graceful `GOAWAY`, which a server may send for a stream it has begun to work on.
/// * HTTP/1.1 only, for the same reason, and because the few requests per second gain nothing from HTTP/2.
/// * Redirects are not followed: 307 and 308 repeat the body elsewhere, and our credentials with it.
/// * What remains is hyper-util's `retry_canceled_requests`, which reqwest does not let us turn off: it repeats a request
///   for which a *reused* connection proved to be closed. On HTTP/1 hyper hands a request back for this only where its
///   connection task never took it out of its queue (`proto/h1/dispatch.rs`, "the message was never even started"), so
///   not one byte of it was written; whatever was taken out fails with an error instead, which we call ambiguous.
pub(crate) fn client(
    base: &Url,
    connect_timeout: Duration,
) -> Result<reqwest::Client, ConfigError> {
    let mut builder = reqwest::Client::builder()
        .http1_only()
        .retry(retry::never())
        .redirect(redirect::Policy::none())
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(IDLE_MAX)
        .user_agent(concat!("dialer/", env!("CARGO_PKG_VERSION")));
    if is_loopback(base) {
        // A simulator on this machine is not behind the company's proxy.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| ConfigError {
        key: "base_url",
        problem: format!("no HTTP client can be built for it: {error}"),
    })
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Checks that `base` can carry paths and credentials of ours, and drops a slash at its end.
pub(crate) fn checked_base(mut base: Url) -> Result<Url, ConfigError> {
    let problem = if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
        "must be an http or https address"
    } else if !base.username().is_empty() || base.password().is_some() {
        "must not contain credentials"
    } else if base.query().is_some() || base.fragment().is_some() {
        "must not have a query or a fragment"
    } else {
        if let Ok(mut segments) = base.path_segments_mut() {
            segments.pop_if_empty();
        }
        return Ok(base);
    };
    Err(ConfigError {
        key: "base_url",
        problem: problem.to_owned(),
    })
}

/// `base` with further path segments, each escaped.
pub(crate) fn join<'a>(base: &Url, segments: impl IntoIterator<Item = &'a str>) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// What came back.
pub(crate) struct Answer {
    pub status: StatusCode,
    /// How long the other side asks us to wait.
    pub retry_after: Option<Duration>,
    /// The body, or why it did not arrive whole.
    pub body: Result<Vec<u8>, NoBody>,
}

/// Why the body is not there, though the status is.
pub(crate) enum NoBody {
    /// It stopped coming.
    CutOff(anyhow::Error),
    /// There is more of it than we read: the same request will bring the same again.
    TooLong(anyhow::Error),
}

impl NoBody {
    /// What happened, where it does not matter which.
    pub fn into_source(self) -> anyhow::Error {
        match self {
            Self::CutOff(source) | Self::TooLong(source) => source,
        }
    }
}

impl Answer {
    /// The body as far as it can be used to explain an error: a body that did not arrive explains nothing.
    pub fn explanation(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
    }
}

/// Why nothing came back.
pub(crate) enum NoAnswer {
    /// There never was a connection: the other side cannot know of the request.
    NeverSent(anyhow::Error),
    /// The request may have been read: timed out, reset, or cut off.
    Unknown(anyhow::Error),
}

impl NoAnswer {
    /// What happened, where it does not matter how far the request came.
    pub fn into_source(self) -> anyhow::Error {
        match self {
            Self::NeverSent(source) | Self::Unknown(source) => source,
        }
    }
}

/// Sends a request and reads at most `body_max` bytes of the answer, all within the request's own timeout.
pub(crate) async fn exchange(request: RequestBuilder, body_max: usize) -> Result<Answer, NoAnswer> {
    let begun = Instant::now();
    // The address is taken out of every error: a query may hold a whole phone number.
    let response = request.send().await.map_err(|error| {
        let never_sent = error.is_connect();
        let source = anyhow::Error::from(error.without_url());
        if never_sent {
            NoAnswer::NeverSent(source)
        } else {
            NoAnswer::Unknown(source)
        }
    })?;
    let status = response.status();
    let host = response.url().host_str().unwrap_or_default().to_owned();
    let retry_after = retry_after(response.headers(), Utc::now());
    let body = read(response, body_max).await;
    tracing::debug!(
        http.host = host,
        http.status = status.as_u16(),
        duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        "{host} answered {status}"
    );
    Ok(Answer {
        status,
        retry_after,
        body,
    })
}

async fn read(mut response: reqwest::Response, body_max: usize) -> Result<Vec<u8>, NoBody> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(body),
            Ok(Some(chunk)) if body.len() + chunk.len() > body_max => {
                return Err(NoBody::TooLong(anyhow!(
                    "the answer is longer than {body_max} bytes"
                )));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => return Err(NoBody::CutOff(error.without_url().into())),
        }
    }
}

/// Reads `Retry-After`, in seconds or as a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = DateTime::parse_from_rfc2822(text).ok()?;
            (at.with_timezone(&Utc) - now).to_std().unwrap_or_default()
        }
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn waits(text: &'static str) -> Option<u64> {
        let now = DateTime::parse_from_rfc3339("2026-01-05T10:00:00Z")
            .unwrap()
            .to_utc();
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
        retry_after(&headers, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date_and_has_a_bound() {
        assert_eq!(waits("7"), Some(7));
        assert_eq!(waits("Mon, 05 Jan 2026 10:00:30 GMT"), Some(30));
        assert_eq!(waits("Mon, 05 Jan 2026 09:00:00 GMT"), Some(0)); // already past
        assert_eq!(waits("99999999999"), Some(3600));
        assert_eq!(waits("soon"), None);
    }

    #[test]
    fn a_base_address_keeps_its_path_and_loses_its_last_slash() {
        let base = Url::parse("https://example.signalwire.com/api/laml/2010-04-01/").unwrap();
        let base = checked_base(base).unwrap();
        assert_eq!(
            join(&base, ["Accounts", "a b", "Calls"]).as_str(),
            "https://example.signalwire.com/api/laml/2010-04-01/Accounts/a%20b/Calls"
        );
    }

    #[test]
    fn a_base_address_that_cannot_work_is_refused() {
        for text in [
            "ftp://host/x",
            "https://u:p@host/",
            "https://host/?a=b",
            "mailto:a@b.c",
        ] {
            assert!(checked_base(Url::parse(text).unwrap()).is_err(), "{text}");
        }
    }
}
