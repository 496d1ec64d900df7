//! What providers tell the dialer: it counts once, and never backwards.

use chrono::{TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use simulator::recorder::{CallbackKind, EndStatus, RecordedCallback};
use simulator::{Behaviour, MsRange, PeopleConfig, RecordedCall, SimulatorConfig};
use uuid::Uuid;

use crate::support::people::{TALK_MS, alike};
use crate::support::providers::{
    ENDLESS_MS, PURPOSES, address, ids, send_event, send_signed, send_signed_event, told,
};
use crate::support::signing::signalwire_json;
use crate::support::talk::{begin, books, webhooks_taken_in};
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    what_was_heard_before_changes_nothing,
    what_comes_too_late_changes_nothing,
    a_call_that_nobody_knows_is_hung_up,
    carriers_webhooks_that_cannot_be_read_are_refused,
    agents_webhooks_that_cannot_be_read_are_taken_and_dropped,
);

/// Has one person called to the end of the campaign; the call, and everything that was told of it.
async fn a_campaign_of_one(dialer: &Dialer, area: u16) -> RecordedCall {
    let person = alike(area, 1, &Behaviour::Answer { talk_ms: TALK_MS });
    dialer.rehearse(&person);
    let campaign = dialer.api.create_campaign(json!({})).await;
    dialer.api.add(&campaign, &person).await;
    dialer.api.command(&campaign, "start").await.ok();
    dialer.api.reaches(&campaign, "completed", PATIENCE).await;
    let recorder = dialer.simulator.recorder();
    eventually("the carrier has told everything", PATIENCE, async || {
        let call = recorder.calls_to(&person[0].number).remove(0);
        let is_told = call.delivered().contains(&CallbackKind::Completed);
        is_told.then_some(call)
    })
    .await
}

async fn what_was_heard_before_changes_nothing(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let call = a_campaign_of_one(&dialer, 271).await;
    let (id, sid) = ids(&call);
    let sequence = |kind| {
        let callback = call.callbacks.iter().find(|callback| callback.kind == kind);
        let sequence = callback.and_then(|callback| callback.sequence);
        sequence.expect("a number").to_string()
    };
    let ringing = sequence(CallbackKind::Ringing);
    let completed = sequence(CallbackKind::Completed);
    let (before, heard) = (books(&dialer).await, webhooks_taken_in(&dialer).await);
    let path = address(id, "status");
    for (status, sequence) in [
        ("completed", &completed),
        ("ringing", &ringing),
        ("completed", &completed),
    ] {
        let again = send_signed(&dialer, &path, &told(&sid, status, sequence)).await;
        assert_eq!(again.status(), 200);
    }
    assert_eq!(webhooks_taken_in(&dialer).await, heard);
    // The conversation once more, as if it had been analysed again.
    let conversation = conversation(&dialer).await;
    for seconds in [0, 60] {
        let at = Utc::now() - TimeDelta::seconds(seconds);
        let event = json!({
            "type": "post_call_transcription", "event_timestamp": at.timestamp(), "data": conversation,
        });
        let again = send_signed_event(&dialer, &event.to_string(), at).await;
        assert_eq!(again.status(), 200);
    }
    assert_eq!(books(&dialer).await, before);
}

async fn what_comes_too_late_changes_nothing(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let call = a_campaign_of_one(&dialer, 276).await;
    let (id, sid) = ids(&call);
    let before = books(&dialer).await;
    // Events of their own that say what cannot be any more.
    for (status, sequence) in [
        ("initiated", "90"),
        ("ringing", "91"),
        ("in-progress", "92"),
        ("busy", "93"),
        ("no-answer", "94"),
        ("failed", "95"),
        ("canceled", "96"),
        ("completed", "97"),
        ("puzzled", "98"),
    ] {
        let mut form = told(&sid, status, sequence);
        // A machine might really be found out late.
        form.retain(|(name, _)| *name != "AnsweredBy");
        let late = send_signed(&dialer, &address(id, "status"), &form).await;
        assert_eq!(late.status(), 200);
    }
    // Whoever picks up now is told to hang up.
    let document = send_signed(&dialer, &address(id, "answer"), &[("CallSid", &sid)]).await;
    assert_eq!(document.status(), 200);
    let document = document.text().await.expect("a document");
    assert!(document.contains("<Hangup"), "{document}");
    assert_eq!(books(&dialer).await, before);
    assert_eq!(
        dialer.simulator.recorder().len(),
        1,
        "nobody is called again"
    );
}

/// The conversation as ElevenLabs tells it.
async fn conversation(dialer: &Dialer) -> Value {
    let db = dialer.database().await;
    let calls = crate::support::database::rows(&db, "SELECT conversation_id FROM calls").await;
    let id = calls[0]["conversation_id"]
        .as_str()
        .expect("a conversation");
    let url = format!(
        "{}/v1/convai/conversations/{id}",
        dialer.simulator.elevenlabs_base_url()
    );
    let key = SimulatorConfig::default().elevenlabs_api_key;
    let request = reqwest::Client::new().get(url).header("xi-api-key", key);
    let response = request.send().await.expect("an answer");
    response.json().await.expect("a conversation")
}

/// Makes the carrier call somebody whom the dialer has not asked for, in its name.
async fn call_unasked(dialer: &Dialer, to: &str) {
    let (stranger, carrier) = (Uuid::now_v7(), SimulatorConfig::default());
    let url = |purpose| format!("{}{}", dialer.base(), address(stranger, purpose));
    let form = [
        ("To", to),
        ("From", "+12025550100"),
        ("Url", &url("answer")),
        ("StatusCallback", &url("status")),
        ("StatusCallbackEvent", "initiated"),
        ("StatusCallbackEvent", "completed"),
    ];
    let base = dialer.simulator.signalwire_base_url();
    let create = format!("{base}/Accounts/{}/Calls", carrier.project_id);
    let request = reqwest::Client::new().post(create).form(&form);
    let request = request.basic_auth(&carrier.project_id, Some(&carrier.api_token));
    let made = request.send().await.expect("an answer");
    assert!(made.status().is_success());
}

async fn a_call_that_nobody_knows_is_hung_up(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let talk_ms = ENDLESS_MS;
    let person = alike(273, 1, &Behaviour::Answer { talk_ms });
    dialer.rehearse(&person);
    let to = &person[0].number;
    // It would ring for five seconds.
    let people = PeopleConfig {
        ring_ms: MsRange::exactly(200_000),
        ..PeopleConfig::default()
    };
    let network = dialer.simulator.people();
    network
        .configure(people)
        .expect("people who take their time");
    call_unasked(&dialer, to).await;
    let recorder = dialer.simulator.recorder();
    let call = eventually("it is over, and its end told", PATIENCE, async || {
        let call = recorder.calls_to(to).remove(0);
        (call.ended_at.is_some() && call.callbacks.len() == 2).then_some(call)
    })
    .await;
    assert_eq!(call.end_status, Some(EndStatus::Canceled));
    assert_eq!(call.answered_at, None);
    let is_heard = |callback: &RecordedCallback| callback.delivery.is_success();
    assert!(call.callbacks.iter().all(is_heard), "{call:?}");
    // One that does not even live.
    for status in ["initiated", "ringing", "in-progress", "completed"] {
        let sid = Uuid::now_v7().to_string();
        for purpose in PURPOSES {
            let path = address(Uuid::now_v7(), purpose);
            let answer = send_signed(&dialer, &path, &told(&sid, status, "1")).await;
            assert_eq!(answer.status(), 200, "{purpose} {status}");
        }
    }
    assert_eq!(dialer.api.get("/api/campaigns").await.ok()["total"], 0);
}

async fn carriers_webhooks_that_cannot_be_read_are_refused(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let call = begin(&dialer, 274, ENDLESS_MS).await;
    let (id, sid) = ids(&call);
    let before = books(&dialer).await;
    let key = SimulatorConfig::default().signing_key;
    let long = "x".repeat(100_000);
    for purpose in PURPOSES {
        let path = address(id, purpose);
        let post = || dialer.api_as(None).request(Method::POST, &path);
        for form in [
            &[][..],
            &[("CallStatus", "completed")],
            &[("CallSid", ""), ("CallStatus", "busy")],
            &[("CallSid", &long)],
        ] {
            let response = send_signed(&dialer, &path, form).await;
            assert_eq!(response.status(), 400, "{purpose} {}", form.len());
            let body: Value = response.json().await.expect("JSON");
            assert_eq!(body["code"], "unreadable");
        }
        for body in ["", "{", "[]", "null", r#"{"CallSid": {}}"#] {
            let url = format!("{}{path}", dialer.base());
            let request = post()
                .header("content-type", "application/json")
                .header("x-signalwire-signature", signalwire_json(&key, &url, body))
                .body(body);
            let response = request.send().await.expect("an answer");
            assert_eq!(response.status(), 400, "{purpose} {body}");
        }
        let huge = post().body(vec![b'x'; 2 << 20]).send().await;
        assert_eq!(huge.expect("an answer").status(), 413);
    }
    let nowhere = "/webhooks/signalwire/calls/first/status";
    let lost = send_signed(&dialer, nowhere, &told(&sid, "completed", "9")).await;
    assert_eq!(lost.status(), 404);
    assert_eq!(books(&dialer).await, before);
    assert_eq!(dialer.simulator.recorder().live_now(), 1);
}

/// ElevenLabs counts anything but a 200 as a failure, and gives up after ten.
async fn agents_webhooks_that_cannot_be_read_are_taken_and_dropped(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    begin(&dialer, 275, ENDLESS_MS).await;
    let before = books(&dialer).await;
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"type": "post_call_transcription"}"#,
        r#"{"type": "post_call_transcription", "data": {"conversation_id": "a\u0000b"}}"#,
        r#"{"type": "post_call_audio"}"#,
        r#"{"type": "call_initiation_failure", "event_timestamp": 1e300, "data": {"conversation_id": "c"}}"#,
        r#"{"type": "invented since", "data": {"conversation_id": "c"}}"#,
    ] {
        let response = send_signed_event(&dialer, body, Utc::now()).await;
        assert_eq!(response.status(), 200, "{body}");
    }
    let long = " ".repeat(7 << 20);
    let response = send_signed_event(&dialer, &long, Utc::now()).await;
    assert_eq!(response.status(), 200, "a long conversation");
    let huge = " ".repeat(9 << 20);
    assert_eq!(send_event(&dialer, &huge, None).await.status(), 413);
    assert_eq!(books(&dialer).await, before);
}
