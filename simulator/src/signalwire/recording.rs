//! Recordings of calls: told to the dialer once the call is over, and served as sound or described.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use super::auth::Authorized;
use super::call::{Call, Facts};
use super::error::ApiError;
use super::fields::Fields;
use super::request::target;
use super::wire::{Form, PREFIX, rfc2822};
use crate::courier::Target;
use crate::network::Network;

/// Turns the id of a call into that of its recording, and back.
const RECORDING: u128 = 0xffff_ffff;
/// Samples per second, of one byte each.
const SAMPLES_PER_S: u32 = 8_000;
/// The longest sound that is served, in seconds: nobody listens.
const SOUND_S_MAX: u64 = 2;

/// A recording that was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// Where the dialer is told of it.
    pub callback: Option<Target>,
    /// Whether it is told as well that there is none.
    pub tells_absence: bool,
}

impl Wanted {
    /// What a create request says of it; `None`: no recording.
    ///
    /// # Errors
    /// 21456 for an address that is none.
    pub fn read(fields: &Fields) -> Result<Option<Self>, ApiError> {
        if !fields.is_true("Record") {
            return Ok(None);
        }
        let (url, method) = ("RecordingStatusCallback", "RecordingStatusCallbackMethod");
        let mut events = fields
            .all("RecordingStatusCallbackEvent")
            .flat_map(str::split_whitespace);
        Ok(Some(Self {
            callback: target(fields, url, method, 21456)?,
            tells_absence: events.any(|event| event == "absent"),
        }))
    }
}

/// What the dialer is told; `None`: nothing. A call that nobody picked up has no recording.
pub(crate) fn callback(
    network: &Network,
    call: &Call,
    facts: &Facts,
    wanted: &Wanted,
) -> Option<Form> {
    let project = &network.config.project_id;
    let sid = partner(call.sid);
    let mut form = vec![
        ("AccountSid", project.clone()),
        ("CallSid", call.sid.to_string()),
        ("RecordingSid", sid.to_string()),
        ("RecordingSource", "OutboundAPI".to_owned()),
        ("RecordingChannels", "1".to_owned()),
    ];
    let Some(seconds) = facts.recorded_s else {
        form.push(("RecordingStatus", "absent".to_owned()));
        return wanted.tells_absence.then_some(form);
    };
    let authority = &network.authority;
    form.push(("RecordingStatus", "completed".to_owned()));
    form.push(("RecordingDuration", seconds.to_string()));
    form.push((
        "RecordingUrl",
        format!("http://{authority}{PREFIX}/Accounts/{project}/Recordings/{sid}"),
    ));
    Some(form)
}

/// The recording of a call, or the call of a recording.
fn partner(sid: Uuid) -> Uuid {
    Uuid::from_u128(sid.as_u128() ^ RECORDING)
}

/// `GET …/Recordings/{sid}`, also with `.wav`: the sound, which is silence. With `.json`: what is known of it.
pub(crate) async fn fetch(
    State(network): State<Arc<Network>>,
    _: Authorized,
    Path((_, sid)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let (sid, suffix) = sid.split_once('.').unwrap_or((&sid, "wav"));
    let recording = Uuid::try_parse(sid).map_err(|_| ApiError::not_found())?;
    let call = network
        .carrier
        .find(partner(recording))
        .ok_or_else(ApiError::not_found)?;
    let seconds = call.facts().recorded_s.ok_or_else(ApiError::not_found)?;
    match suffix {
        "wav" => {
            let sound = silence(seconds.min(SOUND_S_MAX));
            Ok(([(CONTENT_TYPE, "audio/wav")], sound).into_response())
        }
        "json" => object(&network, &call)
            .map(|object| Json(object).into_response())
            .ok_or_else(ApiError::not_found),
        _ => Err(ApiError::not_found()),
    }
}

/// What is known of the recording of `call`; `None`: there is none.
pub(crate) fn object(network: &Network, call: &Call) -> Option<Value> {
    let facts = call.facts();
    let seconds = facts.recorded_s?;
    let project = &network.config.project_id;
    let sid = partner(call.sid);
    let ended_at = facts.ended_at.unwrap_or(facts.updated_at);
    Some(json!({
        "sid": sid,
        "account_sid": project,
        "api_version": "2010-04-01",
        "call_sid": call.sid,
        "conference_sid": null,
        "channels": 1,
        "source": "OutboundAPI",
        "status": "completed",
        "duration": seconds,
        "start_time": facts.started_at.map(rfc2822),
        "date_created": rfc2822(ended_at), "date_updated": rfc2822(ended_at),
        "price": null, "price_unit": "USD",
        "encryption_details": null, "error_code": null,
        "uri": format!("{PREFIX}/Accounts/{project}/Recordings/{sid}"),
    }))
}

/// A WAV file: one channel, 8 bits.
fn silence(seconds: u64) -> Vec<u8> {
    let bytes = SAMPLES_PER_S * u32::try_from(seconds).unwrap_or_default();
    let mut wav = Vec::with_capacity(44 + bytes as usize);
    wav.extend(b"RIFF");
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    // PCM, one channel.
    wav.extend([1, 0, 1, 0]);
    wav.extend(SAMPLES_PER_S.to_le_bytes());
    wav.extend(SAMPLES_PER_S.to_le_bytes());
    // One byte per sample, 8 bits.
    wav.extend([1, 0, 8, 0]);
    wav.extend(b"data");
    wav.extend(bytes.to_le_bytes());
    wav.resize(44 + bytes as usize, 0x80);
    wav
}
