//! What ElevenLabs tells about a conversation.

use serde_json::{Map, Value, json};

use super::conversation::{Conversation, Failure, Spoken, Status, Upshot};

/// The conversation object of the fetch and of the webhook.
pub(crate) fn conversation_object(conversation: &Conversation) -> Value {
    let spoken = conversation.spoken;
    json!({
        "agent_id": conversation.agent_id,
        "agent_name": conversation.agent_name,
        "conversation_id": conversation.id,
        "status": conversation.status.as_str(),
        "user_id": conversation.user_id,
        "branch_id": null, "version_id": null,
        "has_audio": false, "has_user_audio": false, "has_response_audio": false,
        "has_auxiliary_audio": false,
        "transcript": spoken.as_ref().map(transcript).unwrap_or_default(),
        "metadata": metadata(conversation),
        "analysis": spoken
            .filter(|_| conversation.status == Status::Done)
            .map(|spoken| analysis(&spoken)),
        "conversation_initiation_client_data": client_data(conversation),
    })
}

/// The entry of a list.
pub(crate) fn list_entry(conversation: &Conversation) -> Value {
    let turns = conversation
        .spoken
        .as_ref()
        .map(transcript)
        .unwrap_or_default();
    json!({
        "agent_id": conversation.agent_id,
        "agent_name": conversation.agent_name,
        "conversation_id": conversation.id,
        "user_id": conversation.user_id,
        "start_time_unix_secs": conversation.start_unix(),
        "call_duration_secs": conversation.duration_s(),
        "message_count": turns.len(),
        "status": conversation.status.as_str(),
        "call_successful": conversation.call_successful().unwrap_or("unknown"),
        "direction": conversation.direction.as_str(),
        "transcript_summary": null, "call_summary_title": null,
        "termination_reason": termination(conversation),
    })
}

/// `metadata` of the report on a call that did not become a conversation: what the line said. The
/// vendor names the types `sip` and `twilio`; `exotel`, with Twilio's field names, is a guess.
pub(crate) fn failure_metadata(conversation: &Conversation, failure: Failure) -> Value {
    let (code, words) = failure.sip_status();
    if conversation.line == "sip_trunking" {
        let body = json!({
            "sip_status_code": code, "sip_status": words, "call_id": conversation.call_sid,
        });
        return json!({"type": "sip", "body": body});
    }
    let body = json!({
        "CallSid": conversation.call_sid,
        "CallStatus": failure.end_status().as_str(),
        "SipResponseCode": code.to_string(),
        "From": conversation.agent_number,
        "To": conversation.external_number,
        "Direction": "outbound-api",
        "CallDuration": "0",
    });
    json!({"type": conversation.line, "body": body})
}

fn client_data(conversation: &Conversation) -> Value {
    conversation
        .client_data
        .as_ref()
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_else(|| json!({"dynamic_variables": {}}))
}

fn metadata(conversation: &Conversation) -> Value {
    let duration_s = conversation.duration_s();
    let voicemail = conversation
        .spoken
        .is_some_and(|s| s.upshot == Upshot::Voicemail);
    let feature = |used: bool| json!({"enabled": true, "used": used});
    let is_over = conversation.spoken.is_some();
    json!({
        "start_time_unix_secs": conversation.start_unix(),
        "accepted_time_unix_secs": conversation.started_at.map(|at| at.timestamp()),
        "call_duration_secs": duration_s,
        "cost": is_over.then_some(duration_s * 10),
        "cost_fiat": is_over.then_some(duration_s as f64 / 750.0),
        "phone_call": phone_call(conversation),
        "batch_call": null,
        "termination_reason":
            termination(conversation).unwrap_or_default(),
        "error": conversation.failure.map(|failure| json!({
            "code": failure.sip_status().0, "reason": failure.reason(),
        })),
        "main_language": "en",
        "authorization_method": "signed_url",
        "charging": {"dev_discount": false, "tier": "pro"},
        "warnings": [],
        "features_usage": {
            "voicemail_detection": feature(voicemail),
            "transfer_to_number": feature(false),
        },
        "deletion_settings": {},
        "feedback": {"overall_score": null, "likes": 0, "dislikes": 0},
    })
}

/// The call that the conversation is held over; none as long as it is only announced.
fn phone_call(conversation: &Conversation) -> Value {
    if conversation.call_sid.is_none() {
        return Value::Null;
    }
    let mut call = Map::new();
    call.insert("type".into(), conversation.line.into());
    call.insert("direction".into(), conversation.direction.as_str().into());
    // Never null in the vendor's model; a carrier's own call has no number that ElevenLabs was told of.
    let number_id = conversation.phone_number_id.as_deref();
    call.insert("phone_number_id".into(), number_id.unwrap_or("").into());
    if conversation.phone_number_id.is_some() {
        call.insert("call_result".into(), json!(conversation.call_result()));
    }
    call.insert("agent_number".into(), (*conversation.agent_number).into());
    call.insert(
        "external_number".into(),
        (*conversation.external_number).into(),
    );
    call.insert("call_sid".into(), json!(conversation.call_sid));
    if conversation.line != "sip_trunking" {
        call.insert("stream_sid".into(), json!(conversation.call_sid));
    }
    Value::Object(call)
}

fn termination(conversation: &Conversation) -> Option<&'static str> {
    if conversation.failure.is_some() {
        return Some("Call could not be initiated");
    }
    let reason = match conversation.spoken?.upshot {
        Upshot::CutShort => "Call ended by the carrier",
        Upshot::Voicemail => "Voicemail detected",
        _ => "Call ended by remote party",
    };
    Some(reason)
}

/// What was said, spread over the time it took.
fn transcript(spoken: &Spoken) -> Vec<Value> {
    let person: &[&str] = match spoken.upshot {
        Upshot::Agreed => &["Hello?", "Yes, that suits me.", "Thank you, goodbye."],
        Upshot::Declined => &["Hello?", "No, I am not interested."],
        Upshot::WantsCallback { .. } => &["Hello?", "Not now. Please call me again later."],
        Upshot::WantsNoCalls => &["Hello?", "Please never call me again."],
        Upshot::Voicemail => &["You have reached the voicemail. Please leave a message."],
        Upshot::CutShort => &["Hello?"],
    };
    const AGENT: [&str; 4] = [
        "Hello, this is the demo agent.",
        "I am calling about your appointment.",
        "I see. I have noted that.",
        "Goodbye.",
    ];
    let turns = (person.len() * 2 + 1) as u64;
    let last_s = spoken.talked_ms / 1_000;
    (0..turns)
        .map(|turn| {
            let nth = (turn / 2) as usize;
            let is_agent = turn % 2 == 0;
            let message = if is_agent {
                AGENT[nth.min(AGENT.len() - 1)]
            } else {
                person[nth]
            };
            let has_detected = spoken.upshot == Upshot::Voicemail && is_agent && turn + 1 == turns;
            json!({
                "role": if is_agent { "agent" } else { "user" },
                "message": if has_detected { Value::Null } else { message.into() },
                "time_in_call_secs": last_s * turn / turns,
                "tool_calls": if has_detected { voicemail_tool() } else { json!([]) },
                "tool_results": [],
                "interrupted": false,
                "feedback": null,
            })
        })
        .collect()
}

fn voicemail_tool() -> Value {
    json!([{
        "type": "system", "request_id": "voicemail_detection_1",
        "tool_name": "voicemail_detection", "params_as_json": "{}",
        "tool_has_been_called": true,
    }])
}

fn analysis(spoken: &Spoken) -> Value {
    let wants_callback = matches!(spoken.upshot, Upshot::WantsCallback { .. });
    let callback_at = spoken.callback_at().map(|at| at.to_rfc3339());
    let summary = match spoken.upshot {
        Upshot::Agreed => "The person agreed.",
        Upshot::Declined => "The person declined.",
        Upshot::WantsCallback { .. } => "The person asked to be called again.",
        Upshot::WantsNoCalls => "The person asked not to be called again.",
        Upshot::Voicemail => "A voicemail answered.",
        Upshot::CutShort => "The call was cut off.",
    };
    json!({
        "call_successful": spoken.call_successful(),
        "transcript_summary": summary,
        "call_summary_title": summary,
        "evaluation_criteria_results": {},
        "data_collection_results": {
            "goal_reached":
                collected("goal_reached", "boolean", json!(spoken.upshot == Upshot::Agreed)),
            "callback_requested":
                collected("callback_requested", "boolean", json!(wants_callback)),
            "callback_at": collected("callback_at", "string", json!(callback_at)),
            "do_not_call": collected(
                "do_not_call", "boolean", json!(spoken.upshot == Upshot::WantsNoCalls)),
        },
    })
}

fn collected(id: &str, kind: &str, value: Value) -> Value {
    json!({
        "data_collection_id": id,
        "value": value,
        "json_schema": {"type": kind, "description": id},
        "rationale": "As said in the conversation.",
    })
}
