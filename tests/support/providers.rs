//! What SignalWire and ElevenLabs send, sent by hand: signed, forged, late, or about nobody.

use chrono::{DateTime, Utc};
use reqwest::{Method, Response};
use serde_json::json;
use simulator::{RecordedCall, SimulatorConfig};
use uuid::Uuid;

use super::Dialer;
use super::signing::{elevenlabs, signalwire_form};

/// A talk longer than any test, in simulated milliseconds.
pub const ENDLESS_MS: u64 = 4_000_000;
pub const PURPOSES: [&str; 7] = [
    "answer",
    "status",
    "amd",
    "dial-result",
    "transfer",
    "transfer-result",
    "recording",
];

pub fn address(call: Uuid, purpose: &str) -> String {
    format!("/webhooks/signalwire/calls/{call}/{purpose}")
}

/// What SignalWire would say of `call`.
pub fn told<'a>(sid: &'a str, status: &'a str, sequence: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("CallSid", sid),
        ("CallStatus", status),
        ("DialCallStatus", status),
        ("AnsweredBy", "machine_start"),
        ("SequenceNumber", sequence),
        ("RecordingSid", sid),
        ("RecordingStatus", status),
        ("RecordingUrl", "https://example.com/recording"),
    ];
    if status == "completed" {
        form.push(("CallDuration", "20"));
    }
    form
}

/// Sends `form` from wherever, with `signature` if there is one.
pub async fn send(
    dialer: &Dialer,
    path: &str,
    form: &[(&str, &str)],
    signature: Option<&str>,
) -> Response {
    let mut request = dialer.api_as(None).request(Method::POST, path).form(form);
    if let Some(signature) = signature {
        request = request.header("x-signalwire-signature", signature);
    }
    request.send().await.expect("an answer")
}

/// Sends `form` as SignalWire would.
pub async fn send_signed(dialer: &Dialer, path: &str, form: &[(&str, &str)]) -> Response {
    let url = format!("{}{path}", dialer.base());
    let signature = signalwire_form(&SimulatorConfig::default().signing_key, &url, form);
    send(dialer, path, form, Some(&signature)).await
}

/// Sends `body` to ElevenLabs' address, with `signature` if there is one.
pub async fn send_event(dialer: &Dialer, body: &str, signature: Option<&str>) -> Response {
    let request = dialer
        .api_as(None)
        .request(Method::POST, "/webhooks/elevenlabs");
    let mut request = request
        .header("content-type", "application/json")
        .body(body.to_owned());
    if let Some(signature) = signature {
        request = request.header("elevenlabs-signature", signature);
    }
    request.send().await.expect("an answer")
}

pub fn ids(call: &RecordedCall) -> (Uuid, String) {
    (
        call.call_id.expect("our id"),
        call.sid().expect("the carrier's id").to_string(),
    )
}

/// ElevenLabs says that no conversation began in `call`.
pub fn no_conversation(call: Uuid) -> String {
    let data = json!({
        "agent_id": "agent_demo", "conversation_id": "conv_of_a_test", "failure_reason": "busy",
        "conversation_initiation_client_data": { "dynamic_variables": { "call_id": call.to_string() } },
        "user_id": call.to_string(),
    });
    let event = json!({ "type": "call_initiation_failure", "event_timestamp": Utc::now().timestamp(), "data": data });
    event.to_string()
}

/// Sends `event` as ElevenLabs would, at `at`.
pub async fn send_signed_event(dialer: &Dialer, event: &str, at: DateTime<Utc>) -> Response {
    let secret = SimulatorConfig::default().elevenlabs_webhook_secret;
    send_event(dialer, event, Some(&elevenlabs(&secret, at, event))).await
}
