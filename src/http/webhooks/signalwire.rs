//! SignalWire's webhooks: one address per call and purpose.

use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use bytes::Bytes;
use carriers::signalwire::recording::parse_recording;
use carriers::signalwire::signature::{HEADER, HEADER_ALIAS, SignedRequest, verify};
use carriers::signalwire::status::{
    DialResult, parse_amd, parse_answer_request, parse_dial_result, parse_status_callback,
};
use carriers::signalwire::{Callback, cxml};
use carriers::{CarrierKind, EventError};
use domain::CallId;
use domain::progress::End;
use engine::dialing::{CallReport, CarrierSays, Learned};
use engine::store::inbox::Receipt;

use super::{header, refused};
use crate::http::App;
use crate::http::error::ApiError;
use crate::http::extract::{Body, Id};

pub(super) const PROVIDER: &str = "signalwire";

/// A request about one call, not believed yet.
pub struct Incoming {
    call: CallId,
    content_type: Option<String>,
    signature: Option<String>,
    query: Option<String>,
    body: Bytes,
}

impl FromRequest<App> for Incoming {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let Id(call) = Id::from_request_parts(&mut parts, app).await?;
        let text = |name: &str| header(&parts.headers, name).map(str::to_owned);
        let content_type = text(CONTENT_TYPE.as_str());
        let signature = text(HEADER).or_else(|| text(HEADER_ALIAS));
        let query = parts.uri.query().map(str::to_owned);
        let Body(body) = Body::from_request(Request::from_parts(parts, body), app).await?;
        Ok(Self {
            call,
            content_type,
            signature,
            query,
            body,
        })
    }
}

impl Incoming {
    /// Checks the signature over the very address that was handed out, whatever proxies made of it on the way here.
    pub(super) fn check(&self, app: &App, callback: Callback) -> Result<(), ApiError> {
        let Some(keys) = &app.trust.signalwire_keys else {
            return Ok(());
        };
        let config = app.engine.dialing.config();
        let base = config.webhook_base(CarrierKind::SignalWire, self.call);
        let mut url = callback.url(&base).to_string();
        if let Some(query) = &self.query {
            url.push('?');
            url.push_str(query);
        }
        let request = SignedRequest {
            url: &url,
            content_type: self.content_type.as_deref(),
            body: &self.body,
            signature: self.signature.as_deref(),
        };
        verify(keys, &request).map_err(|error| refused(PROVIDER, error))
    }

    /// Which call it is about.
    pub(super) const fn call(&self) -> CallId {
        self.call
    }

    /// Its content type and body.
    pub(super) fn content(&self) -> (Option<&str>, &[u8]) {
        (self.content_type.as_deref(), &self.body)
    }

    /// What there is to learn from it, under the key that makes a repetition one.
    fn report(&self, app: &App, kind: &'static str, key: &str, says: CarrierSays) -> CallReport {
        CallReport {
            call: self.call,
            receipt: Some(Receipt {
                key: format!("{PROVIDER}:{key}"),
                provider: PROVIDER.into(),
                kind: kind.into(),
                received_at: app.engine.clock.now(),
            }),
            learned: Learned::Carrier(CarrierSays {
                carrier: Some(CarrierKind::SignalWire),
                ..says
            }),
        }
    }
}

/// The call went on to another status.
pub async fn status(State(app): State<App>, incoming: Incoming) -> Result<(), ApiError> {
    incoming.check(&app, Callback::Status)?;
    let event = parse_status_callback(incoming.content_type.as_deref(), &incoming.body)
        .map_err(unreadable)?;
    // A leg that one of our documents dialled reports here, too; it is no news of the call.
    if event.news.is_empty() {
        return Ok(());
    }
    let says = CarrierSays {
        status: Some(event.status.to_string()),
        news: event.news.clone(),
        ..CarrierSays::default()
    };
    let report = incoming.report(&app, "status", &event.event_key(), says);
    Ok(app.engine.dialing.learn_soon(report).await?)
}

/// The call was answered: what shall be done with it?
pub async fn answer(
    State(app): State<App>,
    incoming: Incoming,
) -> Result<impl IntoResponse, ApiError> {
    incoming.check(&app, Callback::Answer)?;
    let event = parse_answer_request(incoming.content_type.as_deref(), &incoming.body)
        .map_err(unreadable)?;
    let says = CarrierSays {
        news: event.news.clone(),
        ..CarrierSays::default()
    };
    let report = incoming.report(&app, "answer", &event.event_key(), says);
    // Somebody is listening: the document does not wait for the books. That the call was answered is told once more by
    // its status, and by its end.
    let dialing = app.engine.dialing.clone();
    tokio::spawn(async move { dialing.learn(report).await });
    let document = app.engine.dialing.answer(incoming.call).await?;
    Ok(([(CONTENT_TYPE, cxml::CONTENT_TYPE)], document))
}

/// Machine detection came to a result.
pub async fn amd(State(app): State<App>, incoming: Incoming) -> Result<(), ApiError> {
    incoming.check(&app, Callback::MachineDetection)?;
    let event = parse_amd(incoming.content_type.as_deref(), &incoming.body).map_err(unreadable)?;
    let says = CarrierSays {
        news: event.news.clone(),
        ..CarrierSays::default()
    };
    let report = incoming.report(&app, "amd", &event.event_key(), says);
    Ok(app.engine.dialing.learn_soon(report).await?)
}

/// There is a recording. It may be told long after the end, or before; the first one counts.
pub async fn recording(State(app): State<App>, incoming: Incoming) -> Result<(), ApiError> {
    incoming.check(&app, Callback::Recording)?;
    let event =
        parse_recording(incoming.content_type.as_deref(), &incoming.body).map_err(unreadable)?;
    let key = event.event_key();
    let Some(recording) = event.recording else {
        return Ok(());
    };
    let says = CarrierSays {
        recording_url: Some(recording.url),
        recording_s: recording.duration_s,
        ..CarrierSays::default()
    };
    let report = incoming.report(&app, "recording", &key, says);
    Ok(app.engine.dialing.learn_soon(report).await?)
}

/// The leg that a document dialled is over: the call ends with it.
pub async fn dial_result(
    State(app): State<App>,
    incoming: Incoming,
) -> Result<impl IntoResponse, ApiError> {
    incoming.check(&app, Callback::DialResult)?;
    let event =
        parse_dial_result(incoming.content_type.as_deref(), &incoming.body).map_err(unreadable)?;
    let says = CarrierSays {
        news: event.news.clone(),
        ..CarrierSays::default()
    };
    let report = incoming.report(&app, "dial_result", &event.event_key(), says);
    let dialing = &app.engine.dialing;
    dialing.learn_of_leg(report, failure_of(&event)).await?;
    Ok(([(CONTENT_TYPE, cxml::CONTENT_TYPE)], cxml::hangup()))
}

/// Why the leg came to nothing, where it did.
fn failure_of(event: &DialResult) -> Option<String> {
    let has_failed = event.status.end().is_some_and(|end| end != End::Completed);
    has_failed.then(|| format!("the leg to the agent ended as {}", event.status))
}

pub(super) fn unreadable(error: EventError) -> ApiError {
    ApiError::unreadable(error.to_string())
}
