//! Calls that brought no transcript get one from their recording.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulator::{Fault, RecordedTranscription, SimulatorConfig, Trigger};
use uuid::Uuid;

use crate::support::database::rows;
use crate::support::listening::{asked, heard, reach, say_nothing, settle_down, start, talks};
use crate::support::people::number;
use crate::support::providers::send_signed;
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    a_call_without_a_transcript_gets_one_from_its_recording,
    a_call_with_a_transcript_is_never_listened_to,
    a_service_without_capacity_is_asked_again_when_it_says,
    a_recording_that_cannot_be_fetched_is_not_asked_for_again,
    without_a_key_nobody_is_asked,
    an_inbound_call_that_was_recorded_is_listened_to,
    a_recording_opens_to_nobody_else,
);

fn with_status(asked: &[RecordedTranscription], status: u16) -> usize {
    asked.iter().filter(|asked| asked.status == status).count()
}

async fn a_call_without_a_transcript_gets_one_from_its_recording(stack: Stack) {
    let dialer = start(stack, &[]).await;
    say_nothing(&dialer);
    let campaign = talks(&dialer, 710, 3).await;
    let contacts = format!("/api/campaigns/{campaign}/contacts?limit=100");
    let before = dialer.api.get(&contacts).await.ok()["contacts"].take();
    for said in heard(&dialer, &campaign, 3).await {
        shows_everywhere(&dialer, &campaign, &said).await;
    }
    let after = dialer.api.get(&contacts).await.ok()["contacts"].take();
    assert_eq!(after, before, "nobody waited for it");
    let asked = asked(&dialer);
    assert_eq!((asked.len(), with_status(&asked, 200)), (3, 3));
    let base = format!("{}/webhooks/deepgram/calls/", dialer.base());
    let urls: BTreeSet<&str> = asked.iter().map(|asked| &*asked.url).collect();
    assert_eq!(urls.len(), 3);
    let output = dialer.output();
    assert!(!output.contains(&SimulatorConfig::default().deepgram.api_key));
    for url in urls {
        assert!(url.starts_with(&base), "{url}");
        let closed = reqwest::get(url).await.expect("an answer");
        assert_eq!(closed.status(), StatusCode::NOT_FOUND, "it is over");
        let claim = url.rsplit('/').nth(1).expect("a claim");
        assert!(
            !output.contains(claim),
            "whoever reads the log could listen"
        );
    }
}

/// The transcript is there wherever transcripts are, and says who wrote it.
async fn shows_everywhere(dialer: &Dialer, campaign: &str, said: &Value) {
    assert_eq!(
        (&said["status"], &said["successful"], &said["credits"]),
        (&json!("done"), &Value::Null, &Value::Null)
    );
    let call = said["callId"].as_str().expect("an id");
    let read = async |path: String, of: &str| dialer.api.get(&path).await.ok()[of].take();
    let name = said["id"].as_str().expect("a name");
    for key in [call, name] {
        let path = format!("/api/campaigns/{campaign}/conversations/{key}");
        let told = read(path, "conversation").await;
        let turns = told["transcript"].as_array().expect("turns");
        assert_eq!(turns.len(), 4, "{told}");
        assert_eq!(turns[0]["speaker"], "speaker 0");
        assert_eq!(turns[1]["text"], "Hello, this is the demo agent.");
        assert_eq!(turns[1]["speaker"], "speaker 1");
        assert!(turns[0]["spokenAt"].is_string());
    }
    let detail = read(format!("/api/v1/calls/{call}"), "data").await;
    let path = format!("/api/v1/calls/{call}/voicemail-analysis");
    let analysis = read(path, "data").await;
    let mut logs = dialer
        .api
        .get("/api/v1/analytics/calls/logs?limit=100")
        .await
        .ok();
    let logs: Vec<Value> = serde_json::from_value(logs["data"]["calls"].take()).expect("a list");
    let logged = logs
        .iter()
        .find(|log| log["_id"] == *call)
        .expect("the call");
    for shown in [&detail, &analysis, logged] {
        assert_eq!(
            shown["transcript"].as_array().map(Vec::len),
            Some(4),
            "{shown}"
        );
        assert_eq!(shown["transcriptSource"], "deepgram", "{shown}");
    }
    assert_eq!(
        analysis["detections"]["agent"],
        Value::Null,
        "no agent says so"
    );
}

async fn a_call_with_a_transcript_is_never_listened_to(stack: Stack) {
    let dialer = start(stack, &[]).await;
    let campaign = talks(&dialer, 711, 3).await;
    settle_down(&dialer, 3).await;
    assert_eq!(asked(&dialer), []);
    let path = format!("/api/campaigns/{campaign}/conversations");
    let listed = dialer.api.get(&path).await.ok()["conversations"].take();
    for said in listed.as_array().expect("a list") {
        assert_eq!(said["transcriptSource"], "elevenlabs");
    }
    assert_eq!(listed.as_array().map(Vec::len), Some(3));
}

async fn a_service_without_capacity_is_asked_again_when_it_says(stack: Stack) {
    let dialer = start(stack, &[("DEEPGRAM_MAX_CONNECTIONS", "2")]).await;
    say_nothing(&dialer);
    let faults = dialer.simulator.faults();
    let mut timing = faults.plan().timing;
    timing.deepgram_retry_after_s = 2;
    faults.set_timing(timing);
    faults.set(Fault::DeepgramTooMany, Trigger::times(1));
    let campaign = talks(&dialer, 712, 1).await;
    heard(&dialer, &campaign, 1).await;
    let asked = asked(&dialer);
    let statuses: Vec<u16> = asked.iter().map(|asked| asked.status).collect();
    assert_eq!(statuses, [429, 200]);
    let wait = asked[1].settled_at - asked[0].settled_at;
    assert!(wait >= TimeDelta::seconds(2), "{wait}");
    let tries = rows(&dialer.database().await, "SELECT tries FROM transcriptions").await;
    assert_eq!(tries[0]["tries"], 0, "that is not the recording's fault");
}

async fn a_recording_that_cannot_be_fetched_is_not_asked_for_again(stack: Stack) {
    let dialer = start(stack, &[]).await;
    say_nothing(&dialer);
    let faults = dialer.simulator.faults();
    faults.set(Fault::RecordingUnreachable, Trigger::times(2));
    talks(&dialer, 713, 2).await;
    reach(&dialer, "given_up", 2).await;
    assert_eq!(with_status(&asked(&dialer), 400), 2);
    // One that comes later is listened to, long after those would have been tried again.
    let campaign = talks(&dialer, 714, 1).await;
    heard(&dialer, &campaign, 1).await;
    assert_eq!(asked(&dialer).len(), 3);
}

async fn without_a_key_nobody_is_asked(stack: Stack) {
    let options = Options {
        env: [("CONVERSATION_WAIT_S", "2".to_owned())].into(),
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    say_nothing(&dialer);
    talks(&dialer, 715, 2).await;
    let db = dialer.database().await;
    eventually("the recordings are there", PATIENCE, async || {
        let recorded = "SELECT COUNT(*) AS n FROM calls WHERE recording_url IS NOT NULL";
        (rows(&db, recorded).await[0]["n"] == 2).then_some(())
    })
    .await;
    let noted = rows(&db, "SELECT COUNT(*) AS n FROM transcriptions").await;
    assert_eq!(noted[0]["n"], 0);
    assert_eq!(asked(&dialer), []);
    let stats = dialer.api.get("/api/v1/stats").await.ok();
    assert!(stats["data"].get("deepgramPool").is_none(), "{stats}");
}

async fn an_inbound_call_that_was_recorded_is_listened_to(stack: Stack) {
    let dialer = start(stack, &[]).await;
    // Its sound is that of another call: the carrier keeps it all the same.
    talks(&dialer, 716, 1).await;
    settle_down(&dialer, 1).await;
    let kept = rows(&dialer.database().await, "SELECT recording_url FROM calls").await;
    let sid = format!("in-{}", Uuid::now_v7());
    let form = [
        ("CallSid", sid.as_str()),
        ("CallStatus", "completed"),
        ("CallDuration", "42"),
        ("Direction", "inbound"),
        ("From", &number(716, 0)),
        ("To", "+12025550100"),
        ("SequenceNumber", "2"),
        (
            "RecordingUrl",
            kept[0]["recording_url"].as_str().expect("a recording"),
        ),
        ("RecordingDuration", "42"),
    ];
    let answer = send_signed(&dialer, "/webhooks/signalwire/inbound", &form).await;
    assert_eq!(answer.status(), 200);
    let path = format!("/api/v1/calls/{sid}");
    let call = eventually("it is listened to", PATIENCE, async || {
        let call = dialer.api.get(&path).await.ok()["data"].take();
        (call["transcriptSource"] == "deepgram").then_some(call)
    })
    .await;
    assert_eq!(call["transcript"].as_array().map(Vec::len), Some(4));
    assert_eq!(call["recordingDuration"], 42);
    assert_eq!(asked(&dialer).len(), 1);
}

async fn a_recording_opens_to_nobody_else(stack: Stack) {
    let dialer = start(stack, &[]).await;
    say_nothing(&dialer);
    let faults = dialer.simulator.faults();
    faults.set(Fault::DeepgramSlow, Trigger::always());
    talks(&dialer, 717, 1).await;
    let db = dialer.database().await;
    eventually("somebody listens", PATIENCE, async || {
        let claimed = "SELECT COUNT(*) AS n FROM transcriptions WHERE claim IS NOT NULL";
        (rows(&db, claimed).await[0]["n"] == 1).then_some(())
    })
    .await;
    let calls = dialer.api.get("/api/v1/analytics/calls/logs").await.ok();
    let call = calls["data"]["calls"][0]["_id"].as_str().expect("an id");
    let stranger = dialer.api_as(None);
    for path in [
        format!(
            "/webhooks/deepgram/calls/{call}/{}/recording",
            Uuid::new_v4()
        ),
        format!(
            "/webhooks/deepgram/calls/{}/{call}/recording",
            Uuid::new_v4()
        ),
        format!("/webhooks/deepgram/calls/{call}/%00/recording"),
        format!("/webhooks/deepgram/calls/{call}/%ff/recording"),
        "/webhooks/deepgram/calls/x/y/recording".to_owned(),
    ] {
        let refused = stranger.get(&path).await.with(404);
        assert_eq!(refused["code"], "recording_not_found", "{path}");
    }
    let path = format!("/webhooks/deepgram/calls/{call}/{call}/recording");
    let wrong = stranger.request(Method::POST, &path).send().await;
    assert_eq!(
        wrong.expect("an answer").status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
}
