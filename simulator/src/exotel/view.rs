//! What Exotel tells about a call.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::call::{Call, Facts};
use crate::network::Network;

/// A date without a zone, by the account's clock.
pub(crate) fn date(network: &Network, at: DateTime<Utc>) -> String {
    let offset = TimeDelta::seconds(network.config.exotel.utc_offset_s.into());
    (at + offset).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// `{"Call": …}`.
pub(crate) fn envelope(call: Value) -> Value {
    json!({"Call": call})
}

/// Exotel's word for where it stands. It knows no "answered": whatever is not over is in progress.
fn status(facts: &Facts) -> &'static str {
    facts.end.map_or("in-progress", |end| end.as_str())
}

/// Exotel's word for who picked up, in the case of its callbacks.
fn answered_by(facts: &Facts) -> &'static str {
    match (facts.is_answered, facts.is_machine) {
        (false, _) => "NA",
        (true, false) => "HUMAN",
        (true, true) => "MACHINE",
    }
}

fn recording(network: &Network, call: &Call, facts: &Facts) -> Option<String> {
    let has_one = call.settings.is_recorded && facts.is_answered && facts.end.is_some();
    let name = call.sid.simple();
    has_one.then(|| {
        format!(
            "http://{}/_simulator/exotel/recordings/{name}.mp3",
            network.authority
        )
    })
}

/// The call object of create, details and list.
pub(crate) fn call(network: &Network, call: &Call, has_details: bool) -> Value {
    let facts = call.facts();
    let account = &network.config.exotel;
    let sid = call.sid.simple().to_string();
    let is_settled = call.is_settled(network);
    // One rupee and a half per begun minute.
    let price = facts.duration_s.div_ceil(60) as f64 * 1.5;
    let mut object = json!({
        "Sid": sid,
        "ParentCallSid": null,
        "DateCreated": date(network, call.created_at),
        "DateUpdated": date(network, facts.updated_at),
        "AccountSid": account.account_sid,
        "To": null,
        "From": account.national(&call.to),
        "PhoneNumberSid": account.national(&call.from),
        "Status": status(&facts),
        "StartTime": date(network, call.created_at),
        "EndTime": facts.ended_at.map(|at| date(network, at)),
        "Duration": is_settled.then(|| facts.duration_s.to_string()),
        "Price": is_settled.then(|| format!("{price:.3}")),
        "Direction": "outbound-api",
        "AnsweredBy": facts.is_answered.then(|| answered_by(&facts)),
        "ForwardedFrom": null,
        "CallerName": null,
        "Uri": format!("/v1/Accounts/{}/Calls.json/{sid}", account.account_sid),
        "RecordingUrl": recording(network, call, &facts),
    });
    if has_details {
        object["Details"] = json!({
            "ConversationDuration": facts.duration_s,
            "Leg1Status": status(&facts),
            "Leg2Status": null,
            "Legs": [{"Leg": {"Id": 1, "OnCallDuration": facts.duration_s}}],
        });
    }
    object
}

/// A status callback, in the short form that comes without being asked for events, or in the long one.
pub(crate) fn callback(network: &Network, call: &Call, event: &str, is_short: bool) -> Value {
    let facts = call.facts();
    let account = &network.config.exotel;
    let mut object = json!({
        "CallSid": call.sid.simple().to_string(),
        "DateUpdated": date(network, facts.updated_at),
        "Status": status(&facts),
        "RecordingUrl": recording(network, call, &facts),
    });
    if is_short {
        return object;
    }
    let long = json!({
        "EventType": event,
        "DateCreated": date(network, call.created_at),
        "To": null,
        "From": account.national(&call.to),
        "PhoneNumberSid": account.national(&call.from),
        "StartTime": date(network, call.created_at),
        "EndTime": facts.ended_at.map(|at| date(network, at)),
        "ConversationDuration": facts.duration_s,
        "Direction": "outbound-api",
        "CustomField": call.settings.custom_field,
        "Legs": [{
            "OnCallDuration": facts.duration_s,
            "Status": status(&facts),
            "AnsweredBy": answered_by(&facts),
        }],
    });
    if let (Value::Object(object), Value::Object(long)) = (&mut object, long) {
        object.extend(long);
    }
    object
}
