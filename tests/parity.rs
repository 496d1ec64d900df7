//! Two generations of one API act on the same campaigns, and say the same of them.

use serde_json::json;
use simulator::recorder::EndStatus;
use simulator::{Behaviour, RecordedCall};

use crate::support::api::Api;
use crate::support::people::{Person, TALK_MS, alike, as_contacts, number};
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};
use crate::v1_campaigns::{new_campaign, path};

on_both_stacks!(
    what_one_generation_does_the_other_shows,
    both_generations_refuse_the_same,
    both_count_what_the_carrier_saw,
);

/// A campaign of each generation, side by side: whatever is done to it by either, both tell the same.
async fn what_one_generation_does_the_other_shows(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let first = api
        .create_campaign(json!({ "name": "by the first", "startDate": "2090-01-01" }))
        .await;
    let made = api
        .post("/api/v1/campaigns", new_campaign())
        .await
        .with(201);
    let second = made["data"]["_id"].as_str().expect("an id").to_owned();
    api.patch(&path(&second), json!({ "startDate": "2090-01-01" }))
        .await
        .ok();
    for id in [&first, &second] {
        api.add(id, &alike(261, 3, &Behaviour::Busy)).await;
        assert_agree(api, id).await;
        // Each step by the generation whose turn it is; only one of them ends, only the other cancels.
        api.command(id, "start").await.ok();
        assert_agree(api, id).await;
        api.post(&format!("{}/pause", path(id)), json!({}))
            .await
            .ok();
        assert_agree(api, id).await;
        api.put(
            &format!("/api/campaigns/{id}"),
            json!({ "maxConcurrentCalls": 9, "name": "renamed" }),
        )
        .await
        .ok();
        assert_agree(api, id).await;
        api.patch(
            &path(id),
            json!({ "settings": { "concurrentCallsLimit": 7 }, "agentId": "agent_other" }),
        )
        .await
        .ok();
        assert_agree(api, id).await;
        assert_eq!(api.campaign(id).await["maxConcurrentCalls"], 7);
        api.patch(&path(id), json!({ "status": "active" }))
            .await
            .ok();
        assert_agree(api, id).await;
    }
    api.command(&first, "end").await.ok();
    api.post(&format!("{}/cancel", path(&second)), json!({}))
        .await
        .ok();
    for (id, status) in [(&first, "completed"), (&second, "canceled")] {
        // Whoever was not called yet is canceled within moments.
        eventually("everybody is done", PATIENCE, async || {
            (api.figures(id).await["remainingNumbers"] == 0).then_some(())
        })
        .await;
        assert_agree(api, id).await;
        assert_eq!(api.campaign(id).await["status"], status);
        api.delete(&format!("/api/campaigns/{id}")).await.ok();
        api.get(&path(id)).await.with(404);
    }
}

/// Both generations say the same of the campaign and of its contacts.
pub async fn assert_agree(api: &Api, id: &str) {
    let first = api.campaign(id).await;
    let second = api.get(&path(id)).await.ok()["data"].take();
    for (ours, theirs) in [
        (&first["id"], &second["_id"]),
        (&first["name"], &second["name"]),
        (&first["description"], &second["description"]),
        (&first["status"], &second["status"]),
        (&first["voiceAgentId"], &second["agentId"]["_id"]),
        (&first["phoneNumber"], &second["phoneId"]["number"]),
        (
            &first["maxConcurrentCalls"],
            &second["settings"]["concurrentCallsLimit"],
        ),
        (&first["createdAt"], &second["createdAt"]),
        (&first["updatedAt"], &second["updatedAt"]),
        (
            &first["stats"]["totalContacts"],
            &second["liveStats"]["totalNumbers"],
        ),
        (
            &first["stats"]["completedCount"],
            &second["stats"]["completed"],
        ),
        (&first["stats"]["failedCount"], &second["stats"]["failed"]),
    ] {
        assert_eq!(ours, theirs);
    }
    let debug = api.figures(id).await;
    for (ours, theirs) in [
        ("activeCallsCount", "activeCalls"),
        ("queueLength", "queueLength"),
        ("processedNumbers", "processed"),
        ("remainingNumbers", "remaining"),
        ("totalNumbers", "totalNumbers"),
    ] {
        assert_eq!(debug[ours], second["liveStats"][theirs], "{ours}");
    }
    assert_agree_on_contacts(api, id).await;
}

async fn assert_agree_on_contacts(api: &Api, id: &str) {
    let ours = api
        .get(&format!("/api/campaigns/{id}/contacts?limit=2&page=2"))
        .await
        .ok();
    let theirs = api
        .get(&format!("{}/contacts?limit=2&page=2", path(id)))
        .await
        .ok()["data"]
        .take();
    for figure in ["total", "page", "pages"] {
        assert_eq!(ours[figure], theirs[figure], "{figure}");
    }
    let (ours, theirs) = (&ours["contacts"][0], &theirs["contacts"][0]);
    assert_eq!(ours["id"], theirs["_id"]);
    for field in [
        "phoneNumber",
        "name",
        "firstName",
        "lastName",
        "email",
        "status",
        "attempts",
        "lastError",
        "lastOutcome",
        "nextAttemptAt",
        "lastAttemptAt",
        "timezone",
        "metadata",
        "createdAt",
        "updatedAt",
    ] {
        assert_eq!(ours[field], theirs[field], "{field}");
    }
}

async fn both_generations_refuse_the_same(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({ "name": "x" })).await;
    let before = api.campaign(&id).await;
    let (first, second) = (format!("/api/campaigns/{id}"), path(&id));
    for (ours, theirs) in [
        (json!({ "name": "" }), json!({ "name": "" })),
        (json!({ "name": null }), json!({ "name": null })),
        (
            json!({ "maxConcurrentCalls": -1 }),
            json!({ "settings": { "concurrentCallsLimit": -1 } }),
        ),
        (json!({ "voiceAgentId": "" }), json!({ "agentId": "" })),
        (
            json!({ "status": "running" }),
            json!({ "status": "running" }),
        ),
        (json!({ "status": "paused" }), json!({ "status": "paused" })),
        (
            json!({ "status": "completed" }),
            json!({ "status": "completed" }),
        ),
        (
            json!({ "timezone": "Nowhere" }),
            json!({ "timezone": "Nowhere" }),
        ),
    ] {
        let by_first = api.put(&first, ours.clone()).await;
        let by_second = api.patch(&second, theirs).await;
        assert!(by_first.status.is_client_error(), "{ours}");
        assert_eq!(
            (by_first.status, &by_first.body["code"]),
            (by_second.status, &by_second.body["code"])
        );
    }
    for command in ["pause", "resume"] {
        let by_first = api.command(&id, command).await.with(409);
        let by_second = api
            .post(&format!("{second}/{command}"), json!({}))
            .await
            .with(409);
        assert_eq!(by_first, by_second);
    }
    assert_eq!(api.campaign(&id).await, before);
    // The same people, imported into campaigns of either generation.
    let people = as_contacts(&alike(262, 2, &Behaviour::Busy));
    let made = api
        .post("/api/v1/campaigns", new_campaign())
        .await
        .with(201);
    for id in [&id, made["data"]["_id"].as_str().expect("an id")] {
        let report = api
            .post(&format!("{}/contacts", path(id)), people.clone())
            .await
            .ok();
        assert_eq!(
            report["data"]["added"], 2,
            "a number belongs to a campaign, not to all"
        );
    }
}

/// One person of each kind, and where two attempts at most lead them.
fn everybody() -> (Vec<Person>, Vec<&'static str>) {
    let parts = [
        (Behaviour::Answer { talk_ms: TALK_MS }, "completed"),
        (Behaviour::NotInterested { talk_ms: TALK_MS }, "completed"),
        (Behaviour::Voicemail, "failed"),
        (Behaviour::Busy, "failed"),
        (Behaviour::NoAnswer, "failed"),
        (Behaviour::Failed, "failed"),
        (Behaviour::AskDoNotCall { talk_ms: TALK_MS }, "do_not_call"),
    ];
    let parts = parts.into_iter().enumerate();
    parts
        .map(|(index, (behaviour, end))| {
            let script = vec![behaviour];
            let number = number(263, index);
            (Person { number, script }, end)
        })
        .unzip()
}

async fn both_count_what_the_carrier_saw(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let (people, ends) = everybody();
    dialer.rehearse(&people);
    let id = api
        .create_campaign(json!({ "callAttemptsPerContact": 2, "retryDelay": 0 }))
        .await;
    api.add(&id, &people).await;
    let start = format!("{}/start", path(&id));
    api.post(&start, json!({})).await.ok();
    api.reaches(&id, "completed", PATIENCE).await;
    assert_agree(api, &id).await;

    let calls = dialer.simulator.recorder().calls();
    let is_answered = |call: &&RecordedCall| call.end_status == Some(EndStatus::Completed);
    let answered = calls.iter().filter(is_answered).count();
    let seen = api.get(&path(&id)).await.ok()["data"].take();
    assert_eq!(seen["totalCalls"], calls.len());
    assert_eq!(seen["completedCalls"], answered);
    assert_eq!(seen["failedCalls"], calls.len() - answered);
    let figures = api.figures(&id).await;
    assert_eq!(figures["processedNumbers"], 7);
    assert_eq!(figures["completedCalls"], seen["completedCalls"]);
    assert_eq!(figures["failedCalls"], seen["failedCalls"]);
    let stats = json!({
        "totalContacts": 7, "contactedCount": 7, "completedCount": 2, "failedCount": 4,
        "callbackCount": 0, "transferCount": 0,
    });
    assert_eq!(api.campaign(&id).await["stats"], stats);
    // What the dashboard exports.
    let export = format!("{}/contacts?limit=10000", path(&id));
    let exported = api.get(&export).await.ok()["data"]["contacts"].take();
    for (index, (person, end)) in people.iter().zip(ends).enumerate() {
        let contact = &exported[index];
        let attempts = calls
            .iter()
            .filter(|call| *call.to == person.number)
            .count();
        assert_eq!(contact["phoneNumber"], person.number);
        assert_eq!(contact["status"], end, "{contact}");
        assert_eq!(contact["attempts"], attempts, "{contact}");
        assert_eq!(
            contact["lastError"].is_string(),
            end == "failed",
            "{contact}"
        );
    }
}
