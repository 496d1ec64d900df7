//! Recordings as their carriers keep them: fetched with our credentials, handed on piece by piece.

use std::fmt;
use std::time::Duration;

use anyhow::anyhow;
use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{RequestBuilder, Response, StatusCode};
use url::Url;

use crate::carrier::CarrierError;

/// Longest recording, in bytes: four hours of two voices in the most wasteful form there is have as many.
const BYTES_MAX: u64 = 512 << 20;
/// Longest time for a recording from the first question to the last byte.
const TIME_MAX: Duration = Duration::from_secs(300);
/// How often a carrier may send us on to where its recordings lie.
const HOPS_MAX: usize = 2;

/// A recording that a carrier keeps.
#[derive(Clone)]
pub struct KeptRecording {
    /// The carrier's name of its call.
    pub carrier_call_id: String,
    /// Where the carrier says it is.
    pub url: Url,
}

/// Without the address: who knows it may be able to listen.
impl fmt::Debug for KeptRecording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptRecording")
            .field("carrier_call_id", &self.carrier_call_id)
            .field("host", &self.url.host_str())
            .finish()
    }
}

/// A recording on its way.
pub struct Sound {
    /// What kind of sound, as the carrier says.
    pub content_type: Option<String>,
    /// How many bytes, where the carrier says.
    pub length: Option<u64>,
    /// The bytes, in order. Breaks off with an error where the carrier does, after half a gigabyte, and after five minutes.
    pub chunks: BoxStream<'static, Result<Bytes, anyhow::Error>>,
}

impl fmt::Debug for Sound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sound")
            .field("content_type", &self.content_type)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// Asks for a recording with `request`. `Ok(None)` where there is none. Where the carrier sends us on, `elsewhere` asks
/// there, without our credentials.
pub(crate) async fn open(
    request: RequestBuilder,
    elsewhere: impl Fn(Url) -> RequestBuilder,
) -> Result<Option<Sound>, CarrierError> {
    let mut request = request;
    for _ in 0..=HOPS_MAX {
        let answer = request.timeout(TIME_MAX).send().await;
        let answer = answer.map_err(|error| retryable(error.without_url().into()))?;
        let status = answer.status();
        if status.is_redirection() {
            request = elsewhere(next(&answer)?);
            continue;
        }
        if matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(None);
        }
        if !status.is_success() {
            let host = answer.url().host_str().unwrap_or_default();
            return Err(retryable(anyhow!(
                "{host} answers {status} for a recording"
            )));
        }
        return sound(answer).map(Some);
    }
    Err(retryable(anyhow!("sent on more than {HOPS_MAX} times")))
}

/// Where we are sent on to; never from a secure place to another.
fn next(answer: &Response) -> Result<Url, CarrierError> {
    let location = answer.headers().get(LOCATION);
    let location = location.and_then(|location| location.to_str().ok());
    let next = location.and_then(|location| answer.url().join(location).ok());
    next.filter(|next| next.scheme() == "https" || next.scheme() == answer.url().scheme())
        .ok_or_else(|| retryable(anyhow!("sent on to nowhere")))
}

fn sound(answer: Response) -> Result<Sound, CarrierError> {
    let length = answer.content_length();
    if length.is_some_and(|length| length > BYTES_MAX) {
        let problem = anyhow!("a recording of more than {BYTES_MAX} bytes");
        return Err(CarrierError::Unreadable(problem));
    }
    let kind = answer.headers().get(CONTENT_TYPE);
    let content_type = kind.and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let chunks = stream::try_unfold((answer, BYTES_MAX), async |(mut answer, room)| {
        let chunk = answer.chunk().await;
        let Some(chunk) = chunk.map_err(|error| anyhow::Error::from(error.without_url()))? else {
            return Ok(None);
        };
        let room = room.checked_sub(chunk.len() as u64);
        let room = room.ok_or_else(|| anyhow!("a recording of more than {BYTES_MAX} bytes"))?;
        Ok(Some((chunk, (answer, room))))
    });
    Ok(Sound {
        content_type,
        length,
        chunks: chunks.into_stream().boxed(),
    })
}

/// True where `url` is at the place whose credentials we have.
pub(crate) fn is_at(base: &Url, url: &Url) -> bool {
    base.origin() == url.origin()
}

fn retryable(source: anyhow::Error) -> CarrierError {
    CarrierError::Retryable {
        not_before: None,
        source,
    }
}
