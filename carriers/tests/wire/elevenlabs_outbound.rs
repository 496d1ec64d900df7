//! Calls that ElevenLabs makes itself: what is asked, and what every answer and every silence means.

use carriers::elevenlabs::DataCollectionIds;
use carriers::elevenlabs::conversation::report;
use carriers::elevenlabs::outbound::call_news;
use carriers::{
    AgentCall, AgentError, AgentLine, AgentOverrides, CallingAgents, CampaignFault, OutboundError,
    PlacedByAgent,
};
use domain::AnsweredBy;
use domain::progress::{End, News};
use serde_json::{Map, Value, json};

use crate::samples::{
    API_KEY, CALL_ID, TO, assert_discreet, call_id, elevenlabs, everything_said, fixture, number,
};
use crate::stub::{self, Step, Stub};

const PLACED: &str = r#"{"success":true,"message":"Outbound call initiated successfully.","conversation_id":"conv_01ab","sip_call_id":"SCL_9f2"}"#;

fn outbound_call(line: AgentLine) -> AgentCall {
    let mut dynamic_variables = Map::new();
    dynamic_variables.insert("first_name".to_owned(), json!("Ann"));
    dynamic_variables.insert("system__time".to_owned(), json!("ours"));
    let overrides = AgentOverrides {
        language: Some("en".to_owned()),
        max_duration_s: Some(600),
        ..AgentOverrides::default()
    };
    AgentCall {
        line,
        agent_id: "agent_7x".to_owned(),
        number_id: "phnum_3k".to_owned(),
        to: number(TO),
        call_id: call_id(),
        ring_timeout_s: 30,
        dynamic_variables,
        overrides: overrides.to_value(),
    }
}

async fn refused_with(step: Step) -> OutboundError {
    let stub = Stub::start([step]).await;
    let error = elevenlabs(&stub.base)
        .place_call(&outbound_call(AgentLine::SipTrunk))
        .await
        .unwrap_err();
    assert_eq!(stub.seen().len(), 1, "asked once");
    assert_discreet(&format!("{error} {error:?}"));
    error
}

#[tokio::test]
async fn a_call_is_asked_for_on_its_line_with_our_name_for_it() {
    for (line, target, answer) in [
        (
            AgentLine::SipTrunk,
            "/v1/convai/sip-trunk/outbound-call",
            PLACED.to_owned(),
        ),
        (
            AgentLine::Exotel,
            "/v1/convai/exotel/outbound-call",
            PLACED.replace("sip_call_id", "callSid"),
        ),
    ] {
        let stub = Stub::start([Step::json(200, &answer)]).await;
        let placed = elevenlabs(&stub.base)
            .place_call(&outbound_call(line))
            .await
            .unwrap();
        assert_eq!(
            placed,
            PlacedByAgent {
                conversation_id: "conv_01ab".to_owned(),
            }
        );
        let [request] = &stub.seen()[..] else {
            panic!("one request")
        };
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("POST", target)
        );
        assert_eq!(request.header("xi-api-key"), API_KEY);
        assert_eq!(
            serde_json::from_str::<Value>(&request.body).unwrap(),
            json!({
                "agent_id": "agent_7x",
                "agent_phone_number_id": "phnum_3k",
                "to_number": TO,
                "telephony_call_config": {"ringing_timeout_secs": 30},
                "conversation_initiation_client_data": {
                    "user_id": CALL_ID,
                    "dynamic_variables": {"call_id": CALL_ID, "first_name": "Ann"},
                    "conversation_config_override": {
                        "agent": {"language": "en"},
                        "conversation": {"max_duration_seconds": 600},
                    },
                },
            })
        );
    }
}

#[test]
fn overrides_are_written_where_elevenlabs_reads_them_and_nothing_else_is() {
    assert_eq!(AgentOverrides::default().to_value(), None);
    let all = AgentOverrides {
        language: Some("hi".to_owned()),
        first_message: Some("Namaste".to_owned()),
        prompt: Some("Be brief.".to_owned()),
        voice_id: Some("voice_1".to_owned()),
        max_duration_s: Some(300),
    };
    assert_eq!(
        all.to_value().unwrap(),
        json!({
            "agent": {
                "language": "hi", "first_message": "Namaste", "prompt": {"prompt": "Be brief."},
            },
            "tts": {"voice_id": "voice_1"},
            "conversation": {"max_duration_seconds": 300},
        })
    );
}

#[tokio::test]
async fn a_success_that_is_none_counts_as_a_failed_attempt() {
    for (body, reason) in [
        (
            r#"{"success":false,"message":"No route to +15559876543","conversation_id":null}"#,
            "No route to +1********43",
        ),
        ("{}", "ElevenLabs gave no reason"),
    ] {
        match refused_with(Step::json(200, body)).await {
            OutboundError::Failed { reason: found } => assert_eq!(found, reason),
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn whatever_may_have_reached_elevenlabs_is_in_doubt() {
    for step in [
        Step::json(500, "{}"),
        Step::json(502, "<html>"),
        Step::json(408, ""),
        Step::Silence,
        Step::StallInBody { status: 200 },
        Step::CloseAfterReading,
        Step::json(200, "<html>"),
        Step::json(200, r#"{"success":true,"conversation_id":null}"#),
        Step::json(200, r#"{"success":true,"conversation_id":""}"#),
        Step::json(200, r#"{"success":false,"conversation_id":"conv_1"}"#),
    ] {
        let error = refused_with(step).await;
        assert!(matches!(error, OutboundError::Ambiguous(_)), "{error:?}");
        assert_discreet(&everything_said(error));
    }
}

#[tokio::test]
async fn both_kinds_of_429_are_told_apart_in_both_dialects() {
    for (body, is_full) in [
        (
            json!({"detail": {"type": "rate_limit_error", "code": "concurrent_limit_exceeded", "message": "Full."}}),
            true,
        ),
        (
            json!({"detail": {"status": "too_many_concurrent_requests", "message": "Full."}}),
            true,
        ),
        (
            json!({"detail": {"code": "rate_limit_exceeded", "status": "system_busy", "message": "Slow down."}}),
            false,
        ),
        (json!({"detail": {"status": "system_busy"}}), false),
    ] {
        match refused_with(Step::json(429, &body.to_string())).await {
            OutboundError::NotPlaced(AgentError::NoCapacity { .. }) => assert!(is_full, "{body}"),
            OutboundError::NotPlaced(AgentError::Retryable { .. }) => assert!(!is_full, "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
    let unavailable = refused_with(Step::json(503, "")).await;
    let nobody = stub::nobody().await;
    let unreachable = elevenlabs(&nobody)
        .place_call(&outbound_call(AgentLine::SipTrunk))
        .await
        .unwrap_err();
    for error in [unavailable, unreachable] {
        assert!(
            matches!(
                error,
                OutboundError::NotPlaced(AgentError::Retryable { .. })
            ),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn what_concerns_every_call_is_a_fault_and_what_concerns_one_is_rejected() {
    use CampaignFault::{Balance, CallerNumber, Configuration, Credentials};
    let invalid = |place: &[&str]| json!({"detail": [{"loc": place, "msg": "Invalid phone number", "type": "value_error"}]});
    let param = |param: &str| json!({"detail": {"type": "validation_error", "code": "invalid_parameters", "message": "No.", "param": param}});
    let said = |message: &str| json!({"detail": {"status": "invalid_request", "message": message}});
    let overrides = [
        "body",
        "conversation_initiation_client_data",
        "conversation_config_override",
    ];
    for (status, body, expected) in [
        (
            401,
            json!({"detail": {"status": "invalid_api_key"}}),
            Some(Credentials),
        ),
        (
            401,
            json!({"detail": {"status": "quota_exceeded"}}),
            Some(Balance),
        ),
        (404, json!({"detail": "Not Found"}), Some(Configuration)),
        (400, param("agent_phone_number_id"), Some(CallerNumber)),
        (422, invalid(&["body", "agent_id"]), Some(Configuration)),
        (422, invalid(&overrides), Some(Configuration)),
        (422, invalid(&["body", "to_number"]), None),
        (400, param("to_number"), None),
        (400, said("Invalid to_number: +15559876543"), None),
        // Tools are a matter of the agent.
        (
            400,
            said("No such tool: transfer_to_number"),
            Some(Configuration),
        ),
        (
            400,
            said("The agent_phone_number_id cannot call this to_number"),
            Some(Configuration),
        ),
        // The old form names no field.
        (400, said("Override not allowed"), Some(Configuration)),
        (422, said("Missing dynamic variable"), Some(Configuration)),
        (400, said("The number is not outbound"), Some(Configuration)),
        (400, json!({"detail": "Bad Request"}), Some(Configuration)),
        (405, json!({}), Some(Configuration)),
    ] {
        match refused_with(Step::json(status, &body.to_string())).await {
            OutboundError::NotPlaced(AgentError::Fault { fault, .. }) => {
                assert_eq!(Some(fault), expected, "{body}");
            }
            OutboundError::NotPlaced(AgentError::Rejected { .. }) => {
                assert_eq!(None, expected, "{body}");
            }
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_number_is_found_by_its_digits_on_its_own_line_only() {
    // A workspace that does not narrow its list.
    let list = fixture!("elevenlabs_phone_numbers.json");
    let stub = Stub::start((0..4).map(|_| Step::json(200, list))).await;
    let agents = elevenlabs(&stub.base);
    let id = async |line, digits| agents.number_id(line, &number(digits)).await.unwrap();
    let found = id(AgentLine::SipTrunk, "+15551234567").await;
    assert_eq!(found.as_deref(), Some("phnum_3k"));
    assert_eq!(id(AgentLine::Exotel, "+15551234567").await, None);
    assert_eq!(id(AgentLine::SipTrunk, "+15550000000").await, None);
    assert_eq!(id(AgentLine::SipTrunk, "+15557654321").await, None); // not for calls out
    let targets: Vec<String> = stub.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets[0], "/v1/convai/phone-numbers?provider=sip_trunk");
    assert_eq!(targets[1], "/v1/convai/phone-numbers?provider=exotel");
}

#[test]
fn a_conversation_teaches_how_its_call_went() {
    let news = |status: &str, metadata: Value| {
        let raw = json!({"conversation_id": "c", "status": status, "metadata": metadata});
        call_news(&report(raw, &DataCollectionIds::default()).unwrap())
    };
    let result = |word: &str| json!({"phone_call": {"call_result": word}, "call_duration_secs": 9});
    let ended = |end, duration_s| News::Ended { end, duration_s };
    assert_eq!(news("initiated", json!({})), []);
    assert_eq!(news("processing", json!({})), []);
    assert_eq!(news("in-progress", json!({})), [News::Answered]);
    for (status, metadata, expected) in [
        ("done", result("answered"), ended(End::Completed, Some(9))),
        (
            "done",
            json!({"call_duration_secs": 9}),
            ended(End::Completed, Some(9)),
        ),
        ("failed", result("busy"), ended(End::Busy, None)),
        ("failed", result("no_answer"), ended(End::NoAnswer, None)),
        ("failed", result("failed"), ended(End::Failed, None)),
        ("failed", json!({}), ended(End::Failed, None)),
        (
            "failed",
            json!({"call_duration_secs": 4}), // broke off
            ended(End::Completed, Some(4)),
        ),
    ] {
        assert_eq!(news(status, metadata.clone()), [expected], "{metadata}");
    }
    assert_eq!(
        news("done", result("voicemail")),
        [
            News::Detected(AnsweredBy::Machine),
            ended(End::Completed, Some(9))
        ]
    );
}
