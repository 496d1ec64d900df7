//! Calls are recorded where somebody asks for it, and the link to the recording is kept.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use simulator::recorder::CallbackKind;
use simulator::{Behaviour, Fault, SimulatorConfig, Trigger};

use crate::support::campaign::run_with;
use crate::support::people::{Person, TALK_MS, alike, number};
use crate::support::providers::{ENDLESS_MS, address, ids, send, send_signed};
use crate::support::single::over;
use crate::support::talk::{begin, books};
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    a_campaign_that_records_links_its_recordings,
    single_calls_are_recorded_as_asked_for_or_else_as_configured,
    news_of_a_recording_may_come_twice_and_in_any_order,
    a_recording_that_is_not_proven_is_not_believed,
);

const ANSWER: Behaviour = Behaviour::Answer { talk_ms: TALK_MS };

/// The call, once it has a recording.
async fn recorded(dialer: &Dialer, path: &str, view: &str) -> Value {
    eventually("the recording", PATIENCE, async || {
        let call = dialer.api.get(path).await.ok()[view].take();
        call["recordingUrl"].is_string().then_some(call)
    })
    .await
}

/// How often the carrier has told of a recording.
fn told(dialer: &Dialer) -> usize {
    let calls = dialer.simulator.recorder().calls();
    let callbacks = calls.iter().flat_map(|call| &call.callbacks);
    callbacks
        .filter(|callback| callback.kind == CallbackKind::Recording)
        .count()
}

async fn a_campaign_that_records_links_its_recordings(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    // Whatever becomes of the news on their way.
    for fault in [Fault::CallbackDoubled, Fault::CallbackReordered] {
        dialer.simulator.faults().set(fault, Trigger::share(0.5));
    }
    let fields = json!({ "agentConfig": { "record": true, "voice": "calm" } });
    let mut people = alike(340, 3, &ANSWER);
    people.extend(alike(341, 1, &Behaviour::Busy));
    let fields = with_one_attempt(fields);
    let campaign = run_with(&dialer, fields, &people).await;
    let kept = dialer
        .api
        .get(&format!("/api/campaigns/{campaign}"))
        .await
        .ok();
    assert_eq!(
        kept["campaign"]["agentConfig"],
        json!({ "record": true, "voice": "calm" })
    );
    let path = format!("/api/campaigns/{campaign}/calls?limit=100");
    let calls = dialer.api.get(&path).await.ok()["calls"].take();
    let calls = calls.as_array().expect("a list");
    assert_eq!(calls.len(), 4);
    for call in calls {
        let id = call["id"].as_str().expect("an id");
        let path = format!("/api/campaigns/{campaign}/calls/{id}");
        if call["status"] == "busy" {
            assert_eq!(call["recordingUrl"], Value::Null, "nobody picked up");
            continue;
        }
        let call = recorded(&dialer, &path, "call").await;
        assert_eq!(call["recordingDuration"], call["duration"], "{call}");
        let same = recorded(&dialer, &format!("/api/v1/calls/{id}"), "data").await;
        for field in ["recordingUrl", "recordingDuration"] {
            assert_eq!(same[field], call[field]);
        }
        assert_sounds(call["recordingUrl"].as_str().expect("a link")).await;
    }
}

fn with_one_attempt(mut fields: Value) -> Value {
    fields["callAttemptsPerContact"] = json!(1);
    fields
}

/// The carrier plays it to whoever has its credentials.
async fn assert_sounds(url: &str) {
    let config = SimulatorConfig::default();
    let request = reqwest::Client::new().get(url);
    let answer = request
        .basic_auth(config.project_id, Some(config.api_token))
        .send()
        .await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "audio/wav");
}

async fn single_calls_are_recorded_as_asked_for_or_else_as_configured(stack: Stack) {
    let env = BTreeMap::from([
        ("OUTBOUND_PHONE_NUMBER", "+12025550100".to_owned()),
        ("OUTBOUND_AGENT_ID", "agent_demo".to_owned()),
        ("RECORD_CALLS", "true".to_owned()),
    ]);
    let dialer = Dialer::start(
        stack,
        Options {
            env,
            ..Options::default()
        },
    )
    .await;
    let call = async |nth: usize, more: Value| {
        let to = number(342, nth);
        dialer.rehearse(&[Person {
            number: to.clone(),
            script: vec![ANSWER],
        }]);
        let mut body = json!({ "phoneNumber": to });
        body.as_object_mut()
            .expect("a body")
            .extend(more.as_object().expect("fields").clone());
        let placed = dialer.api.post("/api/v1/calls/outbound", body).await;
        let id = placed.with(201)["data"]["_id"].take();
        over(&dialer, &id).await;
        format!("/api/v1/calls/{}", id.as_str().expect("an id"))
    };
    let quiet = call(1, json!({ "record": false })).await;
    let configured = call(2, json!({})).await;
    recorded(&dialer, &configured, "data").await;
    let asked_for = call(3, json!({ "record": true })).await;
    recorded(&dialer, &asked_for, "data").await;
    assert_eq!(
        dialer.api.get(&quiet).await.ok()["data"]["recordingUrl"],
        Value::Null
    );
    assert_eq!(told(&dialer), 2);
    let wrong = json!({ "phoneNumber": number(342, 4), "record": "yes" });
    let refused = dialer.api.post("/api/v1/calls/outbound", wrong).await;
    assert_eq!(refused.with(422)["errors"][0]["field"], "record");
    let wrong = json!({ "name": "Loud", "agentConfig": { "record": 1 } });
    let refused = dialer.api.post("/api/campaigns", wrong).await;
    assert_eq!(
        refused.with(422)["errors"][0]["field"],
        "agentConfig.record"
    );
}

fn news<'a>(
    sid: &'a str,
    recording: &'a str,
    status: &'a str,
    url: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("CallSid", sid),
        ("RecordingSid", recording),
        ("RecordingStatus", status),
        ("RecordingUrl", url),
        ("RecordingDuration", "61"),
    ]
}

async fn news_of_a_recording_may_come_twice_and_in_any_order(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let (id, sid) = ids(&begin(&dialer, 343, 200_000).await);
    let path = address(id, "recording");
    let url = "https://example.signalwire.com/api/laml/2010-04-01/Accounts/a/Recordings/r1";
    // Before the end already, begun after it is complete, and another one that comes too late.
    for (recording, status, url) in [
        ("r0", "absent", ""),
        ("r1", "completed", url),
        ("r1", "completed", url),
        ("r1", "in-progress", ""),
        ("r2", "completed", "https://example.com/other"),
    ] {
        let answer = send_signed(&dialer, &path, &news(&sid, recording, status, url)).await;
        assert_eq!(answer.status(), 200, "{recording} {status}");
    }
    let view = format!("/api/v1/calls/{id}");
    let call = recorded(&dialer, &view, "data").await;
    assert_eq!(
        (&call["recordingUrl"], &call["recordingDuration"]),
        (&json!(url), &json!(61))
    );
    over(&dialer, &json!(id)).await;
    let before = books(&dialer).await;
    let answer = send_signed(
        &dialer,
        &path,
        &news(&sid, "r3", "completed", "https://example.com/late"),
    )
    .await;
    assert_eq!(answer.status(), 200);
    assert_eq!(books(&dialer).await, before);
    assert_eq!(recorded(&dialer, &view, "data").await["recordingUrl"], url);
}

async fn a_recording_that_is_not_proven_is_not_believed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let (id, sid) = ids(&begin(&dialer, 344, ENDLESS_MS).await);
    let path = address(id, "recording");
    let form = news(&sid, "r1", "completed", "https://example.com/forged");
    for signature in [None, Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")] {
        let answer = send(&dialer, &path, &form, signature).await;
        assert_eq!(answer.status(), 403);
    }
    let long = format!("https://example.com/{}", "x".repeat(2_000));
    for url in [
        "",
        "javascript:alert(1)",
        "nowhere",
        "https://example.com/\0",
        &long,
    ] {
        let answer = send_signed(&dialer, &path, &news(&sid, "r1", "completed", url)).await;
        assert_eq!(answer.status(), 400, "{url:.40}");
    }
    let view = format!("/api/v1/calls/{id}");
    assert_eq!(
        dialer.api.get(&view).await.ok()["data"]["recordingUrl"],
        Value::Null
    );
}
