//! The first generation of the API: campaigns made, read, changed, taken away.

use std::collections::BTreeSet;

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    the_documents_own_example_is_accepted_and_comes_back_as_sent,
    everything_wrong_with_a_request_is_named_at_once,
    a_change_touches_what_it_mentions_and_null_clears,
    a_status_in_a_change_is_the_command_that_leads_there,
    what_a_campaigns_status_does_not_allow_is_refused_by_name,
    a_command_given_often_at_once_is_carried_out_once,
    a_deleted_campaign_is_gone,
);

fn example() -> Value {
    serde_json::from_str(include_str!("seeds/create_campaign.json")).expect("the seed is JSON")
}

fn example_of_a_change() -> Value {
    serde_json::from_str(include_str!("seeds/update_campaign.json")).expect("the seed is JSON")
}

#[track_caller]
fn assert_holds(campaign: &Value, sent: &Value) {
    for (field, value) in sent.as_object().expect("fields") {
        assert_eq!(campaign[field], *value, "{field}");
    }
}

async fn the_documents_own_example_is_accepted_and_comes_back_as_sent(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let made = api.post("/api/campaigns", example()).await.with(201);
    assert_eq!(made["success"], true);
    assert_eq!(made["message"], "Campaign created successfully");
    assert_holds(&made["campaign"], &example());
    let id = made["campaign"]["id"].as_str().expect("an id");
    let path = format!("/api/campaigns/{id}");
    let found = api.get(&path).await.with(200);
    assert_eq!(found["campaign"], made["campaign"]);
    let stats = json!({
        "totalContacts": 0, "contactedCount": 0, "completedCount": 0, "failedCount": 0,
        "callbackCount": 0, "transferCount": 0,
    });
    assert_eq!(found["campaign"]["stats"], stats);
    let listed = api.get("/api/campaigns").await.with(200);
    assert_holds(&listed["campaigns"][0], &example());

    // Its dates lie in 2023.
    let refused = api.command(id, "start").await.with(409);
    assert_eq!(refused["code"], "end_date_passed");
    let message = refused["message"].as_str().expect("a sentence");
    assert!(
        message.contains("endDate") && message.contains("2023-12-31"),
        "{message}"
    );
    // Neither does a change that starts it, and then nothing of it holds.
    api.put(&path, example_of_a_change()).await.with(409);
    assert_eq!(api.campaign(id).await, found["campaign"]);
    let mut change = example_of_a_change();
    change["endDate"] = json!("2099-12-31T23:59:59Z");
    let changed = api.put(&path, change.clone()).await.with(200);
    assert_eq!(changed["message"], "Campaign updated successfully");
    assert_holds(&changed["campaign"], &change);
    assert_eq!(changed["campaign"]["tags"], example()["tags"]);
}

async fn everything_wrong_with_a_request_is_named_at_once(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let wrong = json!({
        "name": "", "description": 5, "status": "running", "startDate": "tomorrow",
        "endDate": "2026-02-30", "timezone": "Mars/Olympus", "dailyStartTime": "25:00",
        "dailyEndTime": "noon", "phoneNumberId": "", "phoneNumber": "12345", "voiceAgentId": [],
        "agentConfig": "loud", "maxConcurrentCalls": 0, "callAttemptsPerContact": 1.5,
        "retryDelay": -1, "scheduleType": "sometimes",
        "scheduleConfig": { "daysOfWeek": [1, 9], "excludeDates": ["25.12.2026"] },
        "callbackConfig": { "enabled": "yes", "maxAttempts": -1, "delayMinutes": "soon" },
        "transferConfig": { "transferTargets": [
            { "name": "Sales", "type": "phone", "number": "none" },
            { "name": "Support", "type": "sip", "endpoint": "http://example.com" },
        ] },
        "tags": ["good", 5], "metadata": [], "region": "Atlantis",
    });
    let expected = [
        "name",
        "description",
        "status",
        "startDate",
        "endDate",
        "timezone",
        "dailyStartTime",
        "dailyEndTime",
        "phoneNumberId",
        "phoneNumber",
        "voiceAgentId",
        "agentConfig",
        "maxConcurrentCalls",
        "callAttemptsPerContact",
        "retryDelay",
        "scheduleType",
        "scheduleConfig.daysOfWeek[1]",
        "scheduleConfig.excludeDates[0]",
        "callbackConfig.enabled",
        "callbackConfig.maxAttempts",
        "callbackConfig.delayMinutes",
        "transferConfig.transferTargets[0].number",
        "transferConfig.transferTargets[1].endpoint",
        "tags[1]",
        "metadata",
        "region",
    ];
    let refused = api.post("/api/campaigns", wrong.clone()).await.with(422);
    assert_eq!(refused["success"], false);
    assert_eq!(refused["code"], "invalid");
    assert_eq!(fields(&refused), BTreeSet::from(expected));
    assert_eq!(api.get("/api/campaigns").await.ok()["total"], 0);

    let id = api.create_campaign(json!({})).await;
    let before = api.campaign(&id).await;
    let path = format!("/api/campaigns/{id}");
    let refused = api.put(&path, wrong).await.with(422);
    assert_eq!(fields(&refused), BTreeSet::from(expected));
    assert_eq!(api.campaign(&id).await, before);

    let nameless = api.post("/api/campaigns", json!({})).await.with(422);
    assert_eq!(fields(&nameless), BTreeSet::from(["name"]));
    let reversed = json!({ "startDate": "2030-02-01", "endDate": "2030-01-01" });
    let reversed = api.put(&path, reversed).await.with(422);
    assert_eq!(fields(&reversed), BTreeSet::from(["endDate"]));
    let dateless = api
        .put(&path, json!({ "scheduleType": "scheduled" }))
        .await
        .with(422);
    assert_eq!(fields(&dateless), BTreeSet::from(["startDate"]));
}

/// The names of the wrong fields; each comes with a sentence.
fn fields(refused: &Value) -> BTreeSet<&str> {
    let errors = refused["errors"].as_array().expect("errors");
    let field = |error: &'_ Value| error["message"].as_str().is_some_and(|text| text.len() > 5);
    assert!(errors.iter().all(field), "{refused}");
    errors
        .iter()
        .map(|error| error["field"].as_str().expect("a field"))
        .collect()
}

async fn a_change_touches_what_it_mentions_and_null_clears(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let made = api.post("/api/campaigns", example()).await.with(201);
    let mut expected = made["campaign"].clone();
    let id = expected["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/campaigns/{id}");
    let same_but_for_its_date = |after: &Value, expected: &Value| {
        assert_ne!(after["updatedAt"], expected["updatedAt"]);
        let mut expected = expected.clone();
        expected["updatedAt"] = after["updatedAt"].clone();
        assert_eq!(*after, expected);
    };

    let renamed = api.put(&path, json!({ "name": "  Renamed  " })).await.ok();
    expected["name"] = json!("Renamed");
    same_but_for_its_date(&renamed["campaign"], &expected);

    // Cleared, or back to its default where there is always one.
    let cleared = json!({
        "description": null, "dailyStartTime": null, "agentConfig": null, "metadata": null,
        "transferConfig": null, "callbackConfig": null, "voiceAgentId": null, "endDate": null,
        "timezone": null, "maxConcurrentCalls": null, "callAttemptsPerContact": null,
        "retryDelay": null, "tags": null,
    });
    let mut defaults = cleared.clone();
    defaults["timezone"] = json!("UTC");
    defaults["maxConcurrentCalls"] = json!(10);
    defaults["callAttemptsPerContact"] = json!(3);
    defaults["retryDelay"] = json!(60);
    defaults["tags"] = json!([]);
    for (field, value) in defaults.as_object().expect("fields") {
        expected[field] = value.clone();
    }
    let after = api.put(&path, cleared).await.ok();
    same_but_for_its_date(&after["campaign"], &expected);
    assert_eq!(api.campaign(&id).await, after["campaign"]);
    let nameless = api.put(&path, json!({ "name": null })).await.with(422);
    assert_eq!(fields(&nameless), BTreeSet::from(["name"]));
    // A change of nothing changes nothing, not even the date.
    let same = api.put(&path, json!({ "name": "Renamed" })).await.ok();
    assert_eq!(same["campaign"], after["campaign"]);
    let same = api.put(&path, json!({})).await.ok();
    assert_eq!(same["campaign"], after["campaign"]);
}

async fn a_status_in_a_change_is_the_command_that_leads_there(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api
        .create_campaign(json!({ "startDate": "2090-01-01" }))
        .await;
    let path = format!("/api/campaigns/{id}");
    for (status, stamp) in [
        ("waiting_for_approval", None),
        ("active", Some("startedAt")),
        ("active", None),
        ("paused", Some("pausedAt")),
        ("active", Some("resumedAt")),
        ("completed", Some("endedAt")),
    ] {
        let change = json!({ "status": status, "description": status });
        let changed = api.put(&path, change).await.ok();
        assert_eq!(changed["campaign"]["status"], status);
        assert_eq!(changed["campaign"]["description"], status);
        if let Some(stamp) = stamp {
            assert!(changed["campaign"][stamp].is_string(), "{stamp}: {changed}");
        }
    }
    // All of it or nothing: what cannot be does not drag half of the change along.
    let change = json!({ "status": "active", "description": "again" });
    api.put(&path, change).await.with(409);
    let after = api.campaign(&id).await;
    assert_eq!(
        (&after["status"], &after["description"]),
        (&json!("completed"), &json!("completed"))
    );
    // What is over can still be described, and no longer be dialled differently.
    api.put(
        &path,
        json!({ "description": "well done", "tags": ["done"] }),
    )
    .await
    .ok();
    let refused = api
        .put(&path, json!({ "maxConcurrentCalls": 7 }))
        .await
        .with(409);
    assert_eq!(refused["code"], "campaign_is_over");
    let born_active = json!({
        "name": "in a hurry", "status": "active", "phoneNumber": "+12025550100", "voiceAgentId": "agent_demo",
        "startDate": "2090-01-01",
    });
    let made = api.post("/api/campaigns", born_active).await.with(201);
    assert_eq!(made["campaign"]["status"], "active");
    let born_done = json!({ "name": "too late", "status": "completed" });
    api.post("/api/campaigns", born_done).await.with(409);
    assert_eq!(api.get("/api/campaigns").await.ok()["total"], 2);
}

async fn what_a_campaigns_status_does_not_allow_is_refused_by_name(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let commands = ["start", "pause", "resume", "end"];
    let participles = ["started", "paused", "resumed", "ended"];
    // Where a campaign stands, how it gets there, in words, and which commands are allowed then.
    let standings = [
        ("draft", None, "a draft campaign", &["start"][..]),
        (
            "waiting_for_approval",
            Some("waiting_for_approval"),
            "a campaign waiting for approval",
            &[],
        ),
        (
            "active",
            Some("active"),
            "an active campaign",
            &["pause", "end"],
        ),
        (
            "paused",
            Some("paused"),
            "a paused campaign",
            &["resume", "end"],
        ),
        ("completed", Some("completed"), "a completed campaign", &[]),
        ("canceled", Some("canceled"), "a canceled campaign", &[]),
    ];
    for (status, change, words, allowed) in standings {
        let id = api
            .create_campaign(json!({ "startDate": "2090-01-01" }))
            .await;
        let path = format!("/api/campaigns/{id}");
        if matches!(status, "paused" | "completed") {
            api.command(&id, "start").await.ok();
        }
        if let Some(change) = change {
            api.put(&path, json!({ "status": change })).await.ok();
        }
        for (command, participle) in commands.iter().zip(participles) {
            if allowed.contains(command) {
                continue;
            }
            let refused = api.command(&id, command).await.with(409);
            assert_eq!(refused["code"], "illegal_transition");
            let message = refused["message"].as_str().expect("a sentence");
            assert!(
                message.contains(words) && message.contains(participle),
                "{message}"
            );
            assert_eq!(api.campaign(&id).await["status"], status);
        }
    }
}

async fn a_command_given_often_at_once_is_carried_out_once(stack: Stack) {
    const OFTEN: usize = 12;
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api
        .create_campaign(json!({ "startDate": "2090-01-01" }))
        .await;
    for (command, status) in [
        ("start", "active"),
        ("pause", "paused"),
        ("resume", "active"),
        ("end", "completed"),
    ] {
        let answers = join_all((0..OFTEN).map(|_| api.command(&id, command))).await;
        let carried_out = answers.iter().filter(|answer| answer.status == 200).count();
        let refused = answers.iter().filter(|answer| answer.status == 409).count();
        assert_eq!((carried_out, refused), (1, OFTEN - 1), "{command}");
        assert_eq!(api.campaign(&id).await["status"], status);
    }
    // Changes of different fields at once: none is lost.
    let other = api.create_campaign(json!({})).await;
    let path = format!("/api/campaigns/{other}");
    let changes = [
        json!({ "name": "changed" }),
        json!({ "description": "changed" }),
        json!({ "retryDelay": 7 }),
        json!({ "maxConcurrentCalls": 8 }),
        json!({ "tags": ["changed"] }),
        json!({ "metadata": { "changed": true } }),
    ];
    join_all(changes.iter().map(|change| api.put(&path, change.clone()))).await;
    let changed = api.campaign(&other).await;
    for change in &changes {
        assert_holds(&changed, change);
    }
}

async fn a_deleted_campaign_is_gone(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let kept = api.create_campaign(json!({ "name": "kept" })).await;
    let path = format!("/api/campaigns/{id}");
    let done = api.delete(&path).await.with(200);
    let expected = json!({ "success": true, "message": "Campaign deleted successfully" });
    assert_eq!(done, expected);
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let request = api.request(method, &path).json(&json!({ "name": "back" }));
        let gone = crate::support::api::answer(request).await.with(404);
        assert_eq!(gone["code"], "campaign_not_found");
    }
    api.command(&id, "start").await.with(404);
    api.get(&format!("{path}/contacts")).await.with(404);
    api.get(&format!("/api/v1/campaigns/{id}")).await.with(404);
    let left = api.get("/api/campaigns").await.ok();
    assert_eq!(
        (&left["total"], &left["campaigns"][0]["id"]),
        (&json!(1), &json!(kept))
    );
}
