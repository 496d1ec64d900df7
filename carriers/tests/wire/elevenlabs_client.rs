//! Announcing calls at ElevenLabs, fetching and finding conversations.

use std::time::{Duration, Instant};

use carriers::{AgentError, CampaignFault, ConversationQuery, ConversationStatus, VoiceAgents};
use serde_json::{Value, json};

use crate::samples::{
    API_KEY, CALL_ID, assert_discreet, call_id, elevenlabs, everything_said, fixture, instant,
    register_call,
};
use crate::stub::{self, Step, Stub};

const DOCUMENT: &str = fixture!("elevenlabs_register_call.xml");

fn xml(body: &str) -> Step {
    let headers = vec![("Content-Type", "application/xml".to_owned())];
    Step::Answer {
        status: 200,
        headers,
        body: body.to_owned(),
    }
}

async fn refused_with(status: u16, body: &str) -> AgentError {
    let stub = Stub::start([Step::json(status, body)]).await;
    let error = elevenlabs(&stub.base)
        .register_call(&register_call())
        .await
        .unwrap_err();
    assert_discreet(&format!("{error} {error:?}"));
    error
}

fn query() -> ConversationQuery {
    ConversationQuery {
        call_id: call_id(),
        agent_id: "agent_7x".to_owned(),
        since: instant("2024-04-04T18:30:39Z"),
    }
}

#[tokio::test]
async fn a_call_is_announced_with_our_name_for_it_and_the_document_comes_back_verbatim() {
    let stub = Stub::start([xml(DOCUMENT)]).await;
    let document = elevenlabs(&stub.base)
        .register_call(&register_call())
        .await
        .unwrap();
    assert_eq!(document, DOCUMENT);

    let [request] = &stub.seen()[..] else {
        panic!("one request")
    };
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("POST", "/v1/convai/twilio/register-call")
    );
    assert_eq!(request.header("xi-api-key"), API_KEY);
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(
        serde_json::from_str::<Value>(&request.body).unwrap(),
        json!({
            "agent_id": "agent_7x",
            "from_number": "+15551234567",
            "to_number": "+15559876543",
            "direction": "outbound",
            "conversation_initiation_client_data": {
                "user_id": CALL_ID,
                // Neither a reserved name, nor an object, nor somebody else's call id.
                "dynamic_variables": {"call_id": CALL_ID, "first_name": "Ann"},
                "conversation_config_override": {"agent": {"language": "en"}},
            },
        })
    );
}

#[tokio::test]
async fn what_no_carrier_could_play_is_not_passed_on() {
    let long = format!("<Response><!--{}--></Response>", "x".repeat(70_000));
    for body in [
        "",
        "hello",
        "\"<Response/>\"",
        "<html></html>",
        "<Response>",
        long.as_str(),
    ] {
        let stub = Stub::start([xml(body)]).await;
        let error = elevenlabs(&stub.base)
            .register_call(&register_call())
            .await
            .unwrap_err();
        let shown = &body[..body.len().min(40)];
        assert!(
            matches!(error, AgentError::Unreadable(_)),
            "{shown}: {error:?}"
        );
    }
}

#[tokio::test]
async fn the_listening_person_is_not_kept_waiting() {
    for step in [
        Step::Silence,
        Step::StallInBody { status: 200 },
        Step::CloseAfterReading,
    ] {
        let stub = Stub::start([step]).await;
        let begun = Instant::now();
        let error = elevenlabs(&stub.base)
            .register_call(&register_call())
            .await
            .unwrap_err();
        assert!(
            begun.elapsed() < Duration::from_secs(3),
            "it took {:?}",
            begun.elapsed()
        );
        assert!(matches!(error, AgentError::Retryable { .. }), "{error:?}");
        assert_discreet(&everything_said(error));
    }
    let nobody = stub::nobody().await;
    let error = elevenlabs(&nobody)
        .register_call(&register_call())
        .await
        .unwrap_err();
    assert!(matches!(error, AgentError::Retryable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_full_workspace_is_told_from_a_hurried_one_in_both_dialects() {
    for word in ["concurrent_limit_exceeded", "too_many_concurrent_requests"] {
        for body in [
            json!({"detail": {"type": "rate_limit_error", "code": word, "message": "Full.", "status": word}}),
            json!({"detail": {"status": word, "message": "Full."}}),
        ] {
            let error = refused_with(429, &body.to_string()).await;
            assert!(
                matches!(error, AgentError::NoCapacity { .. }),
                "{body}: {error:?}"
            );
        }
    }
    for body in [
        json!({"detail": {"status": "system_busy", "message": "Busy."}}),
        json!({"detail": {"code": "rate_limit_exceeded", "message": "Slow down."}}),
        json!({"detail": "Too many requests"}),
        json!([]),
    ] {
        let error = refused_with(429, &body.to_string()).await;
        assert!(
            matches!(error, AgentError::Retryable { .. }),
            "{body}: {error:?}"
        );
    }
}

#[tokio::test]
async fn what_would_refuse_every_call_alike_is_a_fault_of_the_campaign() {
    use CampaignFault::{Balance, Configuration, Credentials};
    for (status, word, expected) in [
        (401, "invalid_api_key", Credentials),
        (401, "quota_exceeded", Balance), // a 401, not a 429
        (402, "payment_required", Balance),
        (403, "missing_permissions", Credentials),
        (404, "agent_not_found", Configuration),
    ] {
        let body = json!({"detail": {"status": word, "message": "No."}}).to_string();
        match refused_with(status, &body).await {
            AgentError::Fault { fault, reason } => {
                assert_eq!(fault, expected);
                assert_eq!(reason, format!("No. (HTTP {status}, {word})"));
            }
            other => panic!("{word}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_request_that_is_not_accepted_says_where() {
    let body =
        r#"{"detail":[{"loc":["body","to_number"],"msg":"+15559876543 is no number","type":"v"}]}"#;
    match refused_with(422, body).await {
        AgentError::Rejected { reason } => {
            assert_eq!(
                reason,
                "body.to_number: +1********43 is no number (HTTP 422)"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_error_of_the_server_may_pass() {
    for status in [408, 409, 500, 502, 503] {
        let error = refused_with(status, "<html>oops</html>").await;
        assert!(
            matches!(error, AgentError::Retryable { .. }),
            "{status}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_conversation_is_fetched_by_its_name() {
    let stub = Stub::start([Step::json(
        200,
        fixture!("elevenlabs_conversation_done.json"),
    )])
    .await;
    let report = elevenlabs(&stub.base)
        .conversation("conv_01ab")
        .await
        .unwrap();
    assert_eq!(report.status, ConversationStatus::Done);
    assert_eq!(report.call_id, Some(call_id()));
    let [request] = &stub.seen()[..] else {
        panic!("one request")
    };
    assert_eq!(request.target, "/v1/convai/conversations/conv_01ab");
    assert_eq!(request.header("xi-api-key"), API_KEY);
}

#[tokio::test]
async fn a_name_that_is_a_path_leads_nowhere_else() {
    let stub = Stub::start([Step::json(404, "{}")]).await;
    let result = elevenlabs(&stub.base)
        .conversation("../../v1/user?x=")
        .await;
    assert!(matches!(result, Err(AgentError::NotFound)), "{result:?}");
    assert_eq!(
        stub.seen()[0].target,
        "/v1/convai/conversations/..%2F..%2Fv1%2Fuser%3Fx="
    );
}

#[tokio::test]
async fn an_unknown_conversation_is_told_from_an_unreadable_one() {
    let stub = Stub::start([
        Step::json(
            404,
            r#"{"detail":{"status":"document_not_found","message":"No."}}"#,
        ),
        Step::json(200, "{}"),
        Step::json(200, "oops"),
    ])
    .await;
    let agents = elevenlabs(&stub.base);
    assert!(matches!(
        agents.conversation("c").await,
        Err(AgentError::NotFound)
    ));
    assert!(matches!(
        agents.conversation("c").await,
        Err(AgentError::Unreadable(_))
    ));
    assert!(matches!(
        agents.conversation("c").await,
        Err(AgentError::Unreadable(_))
    ));
}

#[tokio::test]
async fn of_several_conversations_the_finished_one_of_our_call_is_found() {
    let stub = Stub::start([Step::json(200, fixture!("elevenlabs_conversations.json"))]).await;
    let found = elevenlabs(&stub.base)
        .find_conversation(&query())
        .await
        .unwrap();
    assert_eq!(found.as_deref(), Some("conv_01ab"));
    assert_eq!(
        stub.seen()[0].target,
        format!(
            "/v1/convai/conversations?agent_id=agent_7x&user_id={CALL_ID}\
             &call_start_after_unix=1712255379&page_size=30"
        )
    );
}

#[tokio::test]
async fn a_conversation_that_names_our_call_is_found_before_a_later_one_that_names_none() {
    let list = json!({"conversations": [
        {"conversation_id": "conv_nameless", "status": "done", "start_time_unix_secs": 1_712_255_999},
        {"conversation_id": "conv_ours", "user_id": CALL_ID, "status": "in-progress",
         "start_time_unix_secs": 1_712_255_441},
    ]});
    let stub = Stub::start([Step::json(200, &list.to_string())]).await;
    let found = elevenlabs(&stub.base).find_conversation(&query()).await;
    assert_eq!(found.unwrap().as_deref(), Some("conv_ours"));
}

#[tokio::test]
async fn no_conversation_is_an_answer() {
    let empty = r#"{"conversations":[],"next_cursor":null,"has_more":false}"#;
    let stub = Stub::start([Step::json(200, empty), Step::json(404, "{}")]).await;
    let agents = elevenlabs(&stub.base);
    assert_eq!(agents.find_conversation(&query()).await.unwrap(), None);
    assert_eq!(agents.find_conversation(&query()).await.unwrap(), None);
}
