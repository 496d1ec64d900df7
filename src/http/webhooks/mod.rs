//! What providers tell us. Nothing is believed that is not signed, where a key is configured; a webhook is answered after
//! what it says is in the books, or kept for them, and then at once.

pub mod deepgram;
pub mod elevenlabs;
pub mod exotel;
pub mod inbound;
pub mod signalwire;
pub mod transfer;

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::HeaderMap;
use axum::response::Response;
use carriers::SignatureError;
use domain::Region;
use secrecy::SecretString;
use tracing::warn;

use super::around::{After, Around};
use super::error::ApiError;

/// Whose webhooks are believed. `None` believes everybody: configuration allows that on loopback only. An empty list believes
/// nobody.
pub struct Trust {
    /// SignalWire's signing keys; none where SignalWire carries no calls.
    pub signalwire_keys: Option<Vec<SecretString>>,
    /// What the addresses that Exotel calls hold; without one nothing of Exotel is believed, anywhere.
    pub exotel_tokens: Vec<SecretString>,
    /// Where Exotel's numbers without a country code belong.
    pub exotel_region: Region,
    /// ElevenLabs' webhook secrets.
    pub elevenlabs_secrets: Option<Vec<SecretString>>,
    /// What the tools of our agents prove themselves with; without one they are off.
    pub agent_tools_token: Option<SecretString>,
}

/// Counts and times webhooks by who sends them, by route and answer.
#[derive(Clone, Copy, Debug)]
pub struct Measured;

impl Around for Measured {
    type Kept = (Instant, Option<MatchedPath>);

    fn before(&self, request: &mut Request) -> Self::Kept {
        (Instant::now(), request.extensions().get().cloned())
    }

    fn after((begun, path): Self::Kept, response: Response) -> After {
        let path = path.as_ref().map_or("", MatchedPath::as_str);
        let provider = path.split('/').nth(2).unwrap_or_default().to_owned();
        let route = path.rsplit('/').next().unwrap_or_default().to_owned();
        let status = response.status().as_str().to_owned();
        metrics::histogram!("dialer_webhook_seconds", "provider" => provider.clone(), "kind" => route.clone())
            .record(begun.elapsed().as_secs_f64());
        metrics::counter!("dialer_webhooks_total", "provider" => provider, "kind" => route, "status" => status)
            .increment(1);
        After::Now(response)
    }
}

/// 403 for a webhook that must not be believed.
fn refused(provider: &str, error: SignatureError) -> ApiError {
    warn!(provider, %error, "refused a webhook");
    ApiError::Forbidden("the signature does not prove who sent this")
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
