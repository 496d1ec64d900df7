//! ElevenLabs: from register-call over the conversation to the webhook.

use serde_json::{Value, json};
use simulator::recorder::Delivery;
use simulator::{Behaviour, Fault, FaultTiming, SimulatorConfig, Trigger};

use crate::dialer::{Dialer, FROM, TO, eventually, everybody_answers, fast};

async fn report(dialer: &Dialer) -> Value {
    eventually("the report", || async { dialer.webhooks().pop() }).await
}

fn collected<'a>(report: &'a Value, id: &str) -> &'a Value {
    &report["data"]["analysis"]["data_collection_results"][id]["value"]
}

#[tokio::test]
async fn a_call_and_its_conversation_know_each_other() {
    let dialer = Dialer::with(Behaviour::Answer { talk_ms: 30_000 }).await;
    let (call_id, sid) = dialer.accepted(TO).await;
    let report = report(&dialer).await;
    assert_eq!(report["type"], "post_call_transcription");
    let data = &report["data"];
    assert_eq!(data["status"], "done");
    assert_eq!(data["agent_id"], "agent_demo");
    assert_eq!(data["user_id"], format!("contact of {TO}"));
    let echoed = &data["conversation_initiation_client_data"]["dynamic_variables"];
    assert_eq!(echoed, &json!({"call_id": call_id, "first_name": "Ann"}));
    let phone_call = &data["metadata"]["phone_call"];
    assert_eq!(phone_call["call_sid"], sid.to_string());
    assert_eq!(
        (&phone_call["agent_number"], &phone_call["external_number"]),
        (&FROM.into(), &TO.into())
    );
    // ElevenLabs' own model has no call where one of these is null.
    for name in ["phone_number_id", "stream_sid"] {
        assert!(phone_call[name].is_string(), "{name}: {phone_call}");
    }
    assert_eq!(data["metadata"]["call_duration_secs"], 30);
    assert_eq!(data["analysis"]["call_successful"], "success");
    let transcript = data["transcript"].as_array().unwrap();
    assert!(transcript.len() >= 3 && transcript[0]["role"] == "agent");
    let times: Vec<_> = transcript
        .iter()
        .map(|t| t["time_in_call_secs"].as_u64())
        .collect();
    assert!(
        times.is_sorted() && times.last().unwrap().unwrap() <= 30,
        "{times:?}"
    );

    let id = data["conversation_id"].as_str().unwrap();
    let (_, fetched) = dialer.elevenlabs(&format!("/conversations/{id}")).await;
    assert_eq!(&fetched, data, "the webhook carries what the fetch returns");
    let webhooks = dialer.simulator.recorder().webhooks();
    assert_eq!(webhooks.len(), 1);
    assert_eq!(webhooks[0].delivery, Delivery::Answered(200));
}

#[tokio::test]
async fn what_the_person_wants_is_collected() {
    let callback = Behaviour::AskForCallback {
        talk_ms: 9_000,
        callback_after_ms: Some(3_600_000),
    };
    let some_time = Behaviour::AskForCallback {
        talk_ms: 9_000,
        callback_after_ms: None,
    };
    for (behaviour, successful, [goal, callback, no_calls]) in [
        (
            Behaviour::Answer { talk_ms: 9_000 },
            "success",
            [true, false, false],
        ),
        (
            Behaviour::NotInterested { talk_ms: 9_000 },
            "failure",
            [false, false, false],
        ),
        (callback, "success", [false, true, false]),
        (some_time, "success", [false, true, false]),
        (
            Behaviour::AskDoNotCall { talk_ms: 9_000 },
            "failure",
            [false, false, true],
        ),
        (Behaviour::Voicemail, "failure", [false, false, false]),
    ] {
        let names_time = matches!(
            behaviour,
            Behaviour::AskForCallback {
                callback_after_ms: Some(_),
                ..
            }
        );
        let is_voicemail = behaviour == Behaviour::Voicemail;
        let dialer = Dialer::with(behaviour).await;
        dialer.accepted(TO).await;
        let report = report(&dialer).await;
        assert_eq!(report["data"]["analysis"]["call_successful"], successful);
        assert_eq!(collected(&report, "goal_reached"), goal);
        assert_eq!(collected(&report, "callback_requested"), callback);
        assert_eq!(collected(&report, "do_not_call"), no_calls);
        let used = &report["data"]["metadata"]["features_usage"]["voicemail_detection"]["used"];
        assert_eq!(used, is_voicemail);
        let at = collected(&report, "callback_at").as_str();
        assert_eq!(at.is_some(), names_time);
        if let Some(at) = at {
            let at = chrono::DateTime::parse_from_rfc3339(at).unwrap().to_utc();
            let minutes = (at - chrono::Utc::now()).num_minutes();
            assert!(
                (59..=60).contains(&minutes),
                "an hour of real time, not {minutes} min"
            );
        }
    }
}

#[tokio::test]
async fn a_conversation_is_announced_held_processed_and_done() {
    let config = SimulatorConfig {
        time_scale: 50.0,
        ..fast()
    };
    let dialer = Dialer::start(config).await;
    dialer
        .simulator
        .people()
        .script(TO, vec![Behaviour::Answer { talk_ms: 10_000 }]);
    dialer.accepted(TO).await;
    eventually("the announcement", || async {
        let (_, list) = dialer.elevenlabs("/conversations").await;
        (!list["conversations"][0].is_null()).then_some(())
    })
    .await;
    let mut seen: Vec<String> = Vec::new();
    while seen.last().is_none_or(|status| status != "done") {
        let (_, list) = dialer.elevenlabs("/conversations").await;
        seen.push(
            list["conversations"][0]["status"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
        seen.dedup();
    }
    let in_order = ["initiated", "in-progress", "processing", "done"];
    let mut expected = in_order.iter();
    assert!(
        seen.iter().all(|status| expected.any(|e| e == status)),
        "{seen:?}"
    );
    assert!(seen.contains(&"in-progress".into()) && seen.contains(&"processing".into()));
}

#[tokio::test]
async fn conversations_are_listed_by_person_and_page_by_page() {
    let dialer = Dialer::start(everybody_answers()).await;
    let began = chrono::Utc::now().timestamp();
    for n in 0..5 {
        dialer.accepted(&format!("+1202555{n:04}")).await;
    }
    eventually("five reports", || async {
        (dialer.webhooks().len() == 5).then_some(())
    })
    .await;
    let (_, list) = dialer
        .elevenlabs("/conversations?user_id=contact%20of%20%2B12025550003")
        .await;
    assert_eq!(list["conversations"].as_array().unwrap().len(), 1);

    let filter = format!("agent_id=agent_demo&call_start_after_unix={began}&page_size=2");
    let mut cursor = String::new();
    let mut ids = std::collections::HashSet::new();
    for expected in [2, 2, 1] {
        let (_, list) = dialer
            .elevenlabs(&format!("/conversations?{filter}{cursor}"))
            .await;
        let page = list["conversations"].as_array().unwrap();
        assert_eq!(page.len(), expected);
        ids.extend(
            page.iter()
                .map(|c| c["conversation_id"].as_str().unwrap().to_owned()),
        );
        assert_eq!(list["has_more"], list["next_cursor"].is_string());
        cursor = format!(
            "&cursor={}",
            list["next_cursor"].as_str().unwrap_or_default()
        );
    }
    assert_eq!(ids.len(), 5);
    for nothing in [
        "agent_id=nobody",
        "call_start_after_unix=99999999999",
        "user_id=nobody",
    ] {
        let (_, list) = dialer
            .elevenlabs(&format!("/conversations?{nothing}"))
            .await;
        assert_eq!(list["conversations"], json!([]), "{nothing}");
    }
}

#[tokio::test]
async fn a_failed_registration_leaves_the_dialer_without_a_document() {
    for fault in [Fault::RegisterCallFailed, Fault::RegisterCallTooMany] {
        let dialer = Dialer::start(everybody_answers()).await;
        dialer.simulator.faults().set(fault, Trigger::always());
        dialer.accepted(TO).await;
        dialer.finished(TO).await;
        assert_eq!(dialer.simulator.faults().fired(fault), 1);
        let (_, list) = dialer.elevenlabs("/conversations").await;
        assert_eq!(list["conversations"], json!([]));
    }
}

#[tokio::test]
async fn a_webhook_is_lost_or_doubled() {
    let dialer = Dialer::start(everybody_answers()).await;
    dialer
        .simulator
        .faults()
        .set(Fault::WebhookLost, Trigger::times(1));
    dialer.accepted(TO).await;
    let recorder = dialer.simulator.recorder();
    eventually("the loss", || async {
        (recorder.webhooks().len() == 1).then_some(())
    })
    .await;
    assert_eq!(recorder.webhooks()[0].delivery, Delivery::Dropped);
    assert!(dialer.webhooks().is_empty());
    let (_, list) = dialer.elevenlabs("/conversations").await;
    assert_eq!(
        list["conversations"][0]["status"], "done",
        "it can be fetched all the same"
    );

    dialer
        .simulator
        .faults()
        .set(Fault::WebhookDoubled, Trigger::times(1));
    dialer
        .simulator
        .faults()
        .set(Fault::WebhookDelayed, Trigger::times(1));
    let webhook_delay_ms = simulator::MsRange::exactly(20);
    dialer.simulator.faults().set_timing(FaultTiming {
        webhook_delay_ms,
        ..Default::default()
    });
    dialer.accepted(TO).await;
    eventually("both", || async {
        (dialer.webhooks().len() == 2).then_some(())
    })
    .await;
    assert_eq!(dialer.webhooks()[0], dialer.webhooks()[1]);
}

#[tokio::test]
async fn a_conversation_cannot_be_fetched_for_a_while() {
    let dialer = Dialer::start(everybody_answers()).await;
    dialer.accepted(TO).await;
    let report = report(&dialer).await;
    let path = format!(
        "/conversations/{}",
        report["data"]["conversation_id"].as_str().unwrap()
    );
    let faults = dialer.simulator.faults();
    faults.set(Fault::ConversationNotFound, Trigger::times(2));
    faults.set(Fault::ConversationTooMany, Trigger::times(1));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(dialer.elevenlabs(&path).await.0);
    }
    assert_eq!(statuses, [404, 404, 429, 200]);
}

#[tokio::test]
async fn bad_registrations_get_each_dialect_of_error() {
    let dialer = Dialer::start(everybody_answers()).await;
    let url = format!(
        "{}/v1/convai/twilio/register-call",
        dialer.simulator.elevenlabs_base_url()
    );
    let post = async |key: &str, body: Value| {
        let request = dialer.http.post(&url).header("xi-api-key", key).json(&body);
        let response = request.send().await.unwrap();
        (
            response.status().as_u16(),
            response.json::<Value>().await.unwrap(),
        )
    };
    let key = SimulatorConfig::default().elevenlabs_api_key;
    let (status, body) = post("wrong", json!({})).await;
    assert_eq!(
        (status, &body["detail"]["status"]),
        (401, &"invalid_api_key".into())
    );
    let (status, body) = post(&key, json!({"agent_id": "agent_demo"})).await;
    assert_eq!(
        (status, &body["detail"][0]["loc"][1]),
        (422, &"from_number".into())
    );
    let unknown = json!({"agent_id": "agent_x", "from_number": FROM, "to_number": TO});
    let (status, body) = post(&key, unknown).await;
    assert_eq!(
        (status, &body["detail"]["code"]),
        (404, &"agent_not_found".into())
    );
}

#[tokio::test]
async fn agents_are_listed_and_fetched() {
    let dialer = Dialer::start(everybody_answers()).await;
    let (_, list) = dialer.elevenlabs("/agents?page_size=1").await;
    let listed = &list["agents"][0];
    assert_eq!(listed["agent_id"], "agent_demo");
    assert!(listed["voice_id"].is_string(), "{listed}");
    let (status, agent) = dialer.elevenlabs("/agents/agent_demo").await;
    assert_eq!(status, 200);
    // ElevenLabs' own model of an agent has none without these.
    for (part, empty) in [
        ("nodes", json!({})),
        ("edges", json!({})),
        ("prevent_subagent_loops", json!(false)),
    ] {
        assert_eq!(agent["workflow"][part], empty, "{part}");
    }
    assert_eq!(
        agent["conversation_config"]["tts"]["voice_id"],
        listed["voice_id"]
    );
    assert_eq!(dialer.elevenlabs("/agents/agent_x").await.0, 404);
}

#[tokio::test]
async fn lists_of_agents_and_numbers_can_be_made_to_fail() {
    let dialer = Dialer::start(everybody_answers()).await;
    let faults = dialer.simulator.faults();
    faults.set(Fault::CatalogueUnavailable, Trigger::times(2));
    faults.set(Fault::NumbersUnavailable, Trigger::times(1));
    for path in ["/agents", "/phone-numbers"] {
        assert_eq!(dialer.elevenlabs(path).await.0, 500);
    }
    assert_eq!(dialer.get("/IncomingPhoneNumbers").await.0, 503);
    for path in ["/agents", "/phone-numbers"] {
        assert_eq!(dialer.elevenlabs(path).await.0, 200);
    }
    assert_eq!(dialer.get("/IncomingPhoneNumbers").await.0, 200);
}
