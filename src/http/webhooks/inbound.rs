//! Calls to our numbers, as SignalWire tells of them: one address, entered there as the status callback of each number.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use carriers::CarrierKind;
use carriers::signalwire::signature::{HEADER, HEADER_ALIAS, SignedRequest, verify};
use carriers::signalwire::status::{StatusCallback, parse_status_callback};
use chrono::TimeDelta;
use engine::dialing::{CarrierSays, InboundNews};
use engine::store::inbox::Receipt;

use super::signalwire::{PROVIDER, unreadable};
use super::{header, refused};
use crate::http::App;
use crate::http::error::ApiError;
use crate::http::extract::Body;

/// A call to one of our numbers went on to another status. What is no such call, such as one of ours or a leg of it, is
/// taken and dropped: it reports elsewhere.
pub async fn status(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    Body(body): Body,
) -> Result<(), ApiError> {
    let content_type = header(&headers, CONTENT_TYPE.as_str());
    if let Some(keys) = &app.trust.signalwire_keys {
        let config = app.engine.dialing.config();
        let mut url = config.inbound_webhook(CarrierKind::SignalWire).to_string();
        if let Some(query) = query {
            url.push('?');
            url.push_str(&query);
        }
        let request = SignedRequest {
            url: &url,
            content_type,
            body: &body,
            signature: header(&headers, HEADER).or_else(|| header(&headers, HEADER_ALIAS)),
        };
        verify(keys, &request).map_err(|error| refused(PROVIDER, error))?;
    }
    let event = parse_status_callback(content_type, &body).map_err(unreadable)?;
    if !event.is_inbound() {
        return Ok(());
    }
    let Some(news) = understood(&app, event) else {
        return Ok(());
    };
    Ok(app.engine.dialing.hear_inbound(news).await?)
}

/// What there is to learn from `event`; `None` where it is about no number, such as a call over SIP.
fn understood(app: &App, event: StatusCallback) -> Option<InboundNews> {
    let key = format!("{PROVIDER}:inbound:{}", event.event_key());
    let talk = TimeDelta::seconds(i64::from(event.duration_s.unwrap_or(0)));
    let recording = event.recording;
    Some(InboundNews {
        carrier: CarrierKind::SignalWire,
        carrier_call_id: event.call_sid,
        from: event.from,
        to: event.to?,
        begun_at: event.occurred_at.and_then(|at| at.checked_sub_signed(talk)),
        says: CarrierSays {
            carrier: Some(CarrierKind::SignalWire),
            status: Some(event.status.to_string()),
            news: event.news,
            recording_s: recording.as_ref().and_then(|found| found.duration_s),
            recording_url: recording.map(|found| found.url),
            ..CarrierSays::default()
        },
        receipt: Receipt {
            key,
            provider: PROVIDER.into(),
            kind: "inbound".into(),
            received_at: app.engine.clock.now(),
        },
    })
}
