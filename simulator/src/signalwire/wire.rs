//! SignalWire's shapes: the call object, and the forms of its requests to the dialer.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::call::{AnsweredBy, Call, Facts, Phase};
use crate::faults::Fault;
use crate::network::Network;
use crate::recorder::EndStatus;

/// The path every documented URI begins with, whatever path the client used.
pub(crate) const PREFIX: &str = "/api/laml/2010-04-01";

/// The fields of a request to the dialer, decoded.
pub(crate) type Form = Vec<(&'static str, String)>;

/// RFC 2822 with `+0000`.
pub(crate) fn rfc2822(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// The call object of create, fetch, update and list.
pub(crate) fn call_object(network: &Network, call: &Call) -> Value {
    let project = &network.config.project_id;
    let facts = call.facts();
    let uri = format!("{PREFIX}/Accounts/{project}/Calls/{}", call.sid);
    let (to, from) = (formatted(&call.to), formatted(&call.from));
    let direction = if call.parent_sid.is_some() {
        "outbound-dial"
    } else {
        "outbound-api"
    };
    json!({
        "sid": call.sid,
        "account_sid": project,
        "date_created": rfc2822(call.created_at),
        "date_updated": rfc2822(facts.updated_at),
        "parent_call_sid": call.parent_sid,
        "to": call.to, "formatted_to": to, "to_formatted": to,
        "from": call.from, "formatted_from": from, "from_formatted": from,
        "phone_number_sid": null,
        "status": facts.phase.as_str(),
        "start_time": facts.started_at.map(rfc2822),
        "end_time": facts.ended_at.map(rfc2822),
        "duration": facts.duration_s,
        "price": price(network, &facts),
        "price_unit": "USD",
        "direction": direction,
        "answered_by": facts.answered_by.map(|by| match by {
            AnsweredBy::Human => "human",
            AnsweredBy::Machine => "machine",
        }),
        "api_version": "2010-04-01",
        "forwarded_from": null, "caller_name": null,
        "uri": uri,
        "subresource_uris": {"notifications": null, "recordings": format!("{uri}/Recordings")},
        "annotation": null, "group_sid": null,
        "audio_in_mos": null,
        "sip_result_code": sip_result(facts.phase).map(|(code, _)| code),
        "audio_rtt_avg": null, "audio_rtt_min": null, "audio_rtt_max": null,
        "audio_out_jitter_min": null, "audio_out_jitter_max": null,
        "audio_out_jitter_avg": null, "audio_out_lost": null,
    })
}

/// 0.8 cents per begun minute, known a while after the call is over.
fn price(network: &Network, facts: &Facts) -> Option<f64> {
    let passed = (Utc::now() - facts.ended_at?).to_std().unwrap_or_default();
    let is_known = network.pace.simulated_ms(passed) >= network.config.price_after_ms
        && !network.faults.strikes(Fault::PriceUnknown);
    is_known.then(|| facts.duration_s.div_ceil(60) as f64 * 8.0 / 1_000.0)
}

/// `(555) 123-4567` for a North American number, others as they are.
fn formatted(number: &str) -> String {
    match number.strip_prefix("+1") {
        Some(local) if local.len() == 10 && local.is_ascii() => {
            format!("({}) {}-{}", &local[..3], &local[3..6], &local[6..])
        }
        _ => number.to_owned(),
    }
}

fn sip_result(phase: Phase) -> Option<(&'static str, &'static str)> {
    match phase {
        Phase::Ended(EndStatus::Completed) => Some(("200", "OK")),
        Phase::Ended(EndStatus::Busy) => Some(("486", "Busy Here")),
        Phase::Ended(EndStatus::NoAnswer) => Some(("480", "Temporarily Unavailable")),
        Phase::Ended(EndStatus::Failed) => Some(("503", "Service Unavailable")),
        Phase::Ended(EndStatus::Canceled) => Some(("487", "Request Terminated")),
        Phase::Queued | Phase::Initiated | Phase::Ringing | Phase::InProgress => None,
    }
}

/// The fields every request about a call carries.
pub(crate) fn request_form(project: &str, call: &Call, facts: &Facts) -> Form {
    let direction = if call.parent_sid.is_some() {
        "outbound-dial"
    } else {
        "outbound-api"
    };
    let status = match facts.phase {
        Phase::Initiated => "initiated",
        phase => phase.as_str(),
    };
    let mut form = vec![
        ("AccountSid", project.to_owned()),
        ("ApiVersion", "2010-04-01".to_owned()),
        ("CallSid", call.sid.to_string()),
        ("CallStatus", status.to_owned()),
        ("Direction", direction.to_owned()),
        ("From", call.from.to_string()),
        ("To", call.to.to_string()),
    ];
    if let Some(parent) = call.parent_sid {
        form.push(("ParentCallSid", parent.to_string()));
    }
    form
}

/// A status callback.
pub(crate) fn status_callback(project: &str, call: &Call, facts: &Facts, sequence: u32) -> Form {
    let mut form = request_form(project, call, facts);
    form.push(("CallbackSource", "call-progress-events".to_owned()));
    form.push(("SequenceNumber", sequence.to_string()));
    form.push(("Timestamp", rfc2822(facts.updated_at)));
    if let Some((code, phrase)) = sip_result(facts.phase) {
        form.push(("CallDuration", facts.duration_s.to_string()));
        form.push(("SipInviteResultPhrase", phrase.to_owned()));
        form.push(("SipResultCode", code.to_owned()));
    }
    form
}

/// The verdict of asynchronous machine detection, in Twilio's words.
pub(crate) fn detection_callback(
    project: &str,
    call: &Call,
    answered_by: AnsweredBy,
    took_ms: u64,
) -> Form {
    vec![
        ("AccountSid", project.to_owned()),
        ("AnsweredBy", detection_word(answered_by).to_owned()),
        ("CallSid", call.sid.to_string()),
        ("MachineDetectionDuration", took_ms.to_string()),
    ]
}

/// `human` or `machine_start`.
pub(crate) fn detection_word(answered_by: AnsweredBy) -> &'static str {
    match answered_by {
        AnsweredBy::Human => "human",
        AnsweredBy::Machine => "machine_start",
    }
}
