//! Listing ElevenLabs' agents and numbers.

use carriers::{AgentError, CampaignFault, VoiceAgents};
use serde_json::json;

use crate::samples::{API_KEY, assert_discreet, elevenlabs, everything_said, fixture, number};
use crate::stub::{self, Step, Stub};

#[tokio::test]
async fn the_workspaces_agents_are_listed_page_by_page_without_those_that_cannot_be_named() {
    let stub = Stub::start([
        Step::json(200, fixture!("elevenlabs_agents_page_1.json")),
        Step::json(200, fixture!("elevenlabs_agents_page_2.json")),
    ])
    .await;
    let agents = elevenlabs(&stub.base).list_agents().await.unwrap();
    let shown: Vec<_> = agents
        .iter()
        .map(|agent| (agent.agent_id.as_str(), agent.name.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("agent_7x", "Sales, English"),
            ("agent_8y", "agent_8y"), // without a name of its own
            ("agent_9z", "Support"),
        ]
    );
    let seen = stub.seen();
    let targets: Vec<&str> = seen.iter().map(|seen| seen.target.as_str()).collect();
    assert_eq!(
        targets,
        [
            "/v1/convai/agents?page_size=100",
            "/v1/convai/agents?page_size=100&cursor=agent_8y%7C1712255440",
        ]
    );
    assert!(
        seen.iter()
            .all(|seen| seen.method == "GET" && seen.header("xi-api-key") == API_KEY)
    );
}

#[tokio::test]
async fn a_list_of_agents_without_end_is_left_after_twenty_pages() {
    let page = |n: usize| {
        let agents = json!([{ "agent_id": format!("agent_{n}"), "name": "One of many" }]);
        json!({ "agents": agents, "next_cursor": format!("c{n}"), "has_more": true }).to_string()
    };
    let stub = Stub::start((0..30).map(|n| Step::json(200, &page(n)))).await;
    let agents = elevenlabs(&stub.base).list_agents().await.unwrap();
    assert_eq!((agents.len(), stub.seen().len()), (20, 20));
}

#[tokio::test]
async fn the_workspaces_numbers_are_listed_without_those_nobody_could_call_from() {
    let stub = Stub::start([Step::json(200, fixture!("elevenlabs_phone_numbers.json"))]).await;
    let numbers = elevenlabs(&stub.base).list_numbers().await.unwrap();
    let shown: Vec<_> = numbers
        .iter()
        .map(|n| {
            (
                n.number_id.as_str(),
                &n.number,
                n.label.as_deref(),
                n.is_outbound,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("phnum_3k", &number("+15551234567"), Some("Main line"), true),
            ("phnum_4l", &number("+15557654321"), None, false),
        ]
    );
    assert_eq!(stub.seen()[0].target, "/v1/convai/phone-numbers");
}

#[tokio::test]
async fn lists_that_are_refused_say_what_to_repair() {
    let denied = json!({"detail": {"status": "missing_permissions", "message": "No."}}).to_string();
    let script = [401, 403, 404].map(|status| Step::json(status, &denied));
    let stub = Stub::start(script).await;
    let agents = elevenlabs(&stub.base);
    for expected in [
        CampaignFault::Credentials,
        CampaignFault::Credentials,
        // Every workspace has lists, so the address must be wrong.
        CampaignFault::Configuration,
    ] {
        match agents.list_agents().await {
            Err(AgentError::Fault { fault, .. }) => assert_eq!(fault, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_or_makes_no_sense_is_no_list() {
    let first = fixture!("elevenlabs_agents_page_1.json");
    for (script, is_passing) in [
        (vec![Step::json(503, "")], true),
        (vec![Step::json(429, "{}")], true),
        (vec![Step::Silence], true),
        (vec![Step::StallInBody { status: 200 }], true),
        // Half of a list would make the other half look as if it were gone.
        (vec![Step::json(200, first), Step::json(500, "")], true),
        (vec![Step::json(200, "[]")], false),
        (vec![Step::json(200, r#"{"agents": 5}"#)], false),
        (vec![Step::json(200, "<html/>")], false),
    ] {
        let stub = Stub::start(script).await;
        let error = elevenlabs(&stub.base).list_agents().await.unwrap_err();
        let is_retryable = matches!(error, AgentError::Retryable { .. });
        let is_unreadable = matches!(error, AgentError::Unreadable(_));
        assert_eq!((is_retryable, is_unreadable), (is_passing, !is_passing));
        assert_discreet(&everything_said(error));
    }
    let stub = Stub::start([Step::json(200, r#"{"agents": []}"#)]).await;
    let error = elevenlabs(&stub.base).list_numbers().await.unwrap_err();
    assert!(matches!(error, AgentError::Unreadable(_)), "{error:?}");
    let error = elevenlabs(&stub::nobody().await).list_numbers().await;
    assert!(
        matches!(error, Err(AgentError::Retryable { .. })),
        "{error:?}"
    );
}
