//! What the first generation's document promises in so many words.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::{Value, json};
use simulator::Behaviour;

use crate::support::people::{TALK_MS, alike};
use crate::support::promises::begun_at;
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    the_documents_own_change_starts_a_draft_and_it_dials,
    a_scheduled_campaign_begins_by_itself_at_its_start_date,
    an_immediate_campaign_dials_when_it_is_started_and_not_before,
    null_clears_every_optional_field,
    tags_and_metadata_come_back_as_sent,
    a_status_in_a_change_follows_the_rules_of_its_command,
);

fn example() -> Value {
    serde_json::from_str(include_str!("seeds/create_campaign.json")).expect("the seed is JSON")
}

/// Three people who pick up, added to `campaign`.
async fn add_people(dialer: &Dialer, campaign: &str, area: u16) {
    let people = alike(area, 3, &Behaviour::Answer { talk_ms: TALK_MS });
    dialer.rehearse(&people);
    dialer.api.add(campaign, &people).await;
}

async fn the_documents_own_change_starts_a_draft_and_it_dials(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let mut new = example();
    // As printed, but for what would keep it from dialling now: its last day lies in the past, and it rests at night.
    for (field, value) in [
        ("endDate", json!("2099-12-31T23:59:59Z")),
        ("dailyStartTime", Value::Null),
        ("dailyEndTime", Value::Null),
        ("scheduleConfig", Value::Null),
        ("phoneNumber", json!("+12025550100")),
        ("voiceAgentId", json!("agent_demo")),
    ] {
        new[field] = value;
    }
    let made = api.post("/api/campaigns", new).await.with(201);
    let id = made["campaign"]["id"].as_str().expect("an id");
    add_people(&dialer, id, 270).await;
    let change: Value =
        serde_json::from_str(include_str!("seeds/update_campaign.json")).expect("the seed is JSON");
    assert_eq!(change["status"], "active");
    let changed = api
        .put(&format!("/api/campaigns/{id}"), change)
        .await
        .with(200);
    assert_eq!(changed["campaign"]["status"], "active");
    assert!(changed["campaign"]["startedAt"].is_string(), "{changed}");
    api.reaches(id, "completed", PATIENCE).await;
    assert_eq!(dialer.simulator.recorder().attempts_per_number().len(), 3);
}

async fn a_scheduled_campaign_begins_by_itself_at_its_start_date(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    // Far enough away to be started before, close enough to be waited for.
    let start = (Utc::now() + TimeDelta::seconds(4)).trunc_subsecs(0);
    let id = api
        .create_campaign(json!({ "scheduleType": "scheduled", "startDate": start.to_rfc3339() }))
        .await;
    add_people(&dialer, &id, 271).await;
    let started = api.command(&id, "start").await.with(200);
    assert_eq!(started["status"], "active");
    let started_at = started["startedAt"].as_str().expect("an instant");
    let started_at: DateTime<Utc> = started_at.parse().expect("an instant");
    assert!(started_at < start, "{started_at} is not before {start}");
    api.reaches(&id, "completed", PATIENCE).await;
    let calls = dialer.simulator.recorder().calls();
    assert_eq!(calls.len(), 3);
    for call in &calls {
        assert!(
            begun_at(call) >= start,
            "{} is before {start}",
            begun_at(call)
        );
    }
}

async fn an_immediate_campaign_dials_when_it_is_started_and_not_before(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api
        .create_campaign(json!({ "scheduleType": "immediate" }))
        .await;
    add_people(&dialer, &id, 272).await;
    let other = api
        .create_campaign(json!({ "scheduleType": "immediate" }))
        .await;
    add_people(&dialer, &other, 273).await;
    let before = Utc::now();
    api.command(&other, "start").await.ok();
    // By the time a campaign that was started is done, one that was not has had its chances.
    api.reaches(&other, "completed", PATIENCE).await;
    let calls = dialer.simulator.recorder().calls();
    assert_eq!(calls.len(), 3);
    assert!(
        calls
            .iter()
            .all(|call| call.to.starts_with("+1273") && begun_at(call) >= before)
    );
    api.command(&id, "start").await.ok();
    eventually("the other one dials too", PATIENCE, async || {
        let calls = dialer.simulator.recorder().calls();
        calls
            .iter()
            .any(|call| call.to.starts_with("+1272"))
            .then_some(())
    })
    .await;
}

async fn null_clears_every_optional_field(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let mut full = example();
    full["region"] = json!("US");
    let made = api.post("/api/campaigns", full).await.with(201);
    let id = made["campaign"]["id"].as_str().expect("an id");
    // What there is where nobody says; `scheduleType` goes before the `startDate` that it needs.
    let cleared = [
        ("description", Value::Null),
        ("scheduleType", json!("immediate")),
        ("startDate", Value::Null),
        ("endDate", Value::Null),
        ("timezone", json!("UTC")),
        ("dailyStartTime", Value::Null),
        ("dailyEndTime", Value::Null),
        ("phoneNumberId", Value::Null),
        ("phoneNumber", Value::Null),
        ("voiceAgentId", Value::Null),
        ("agentConfig", Value::Null),
        ("maxConcurrentCalls", json!(10)),
        ("callAttemptsPerContact", json!(3)),
        ("retryDelay", json!(60)),
        ("scheduleConfig", Value::Null),
        ("callbackConfig", Value::Null),
        ("transferConfig", Value::Null),
        ("tags", json!([])),
        ("metadata", Value::Null),
        ("region", Value::Null),
    ];
    let fields = example().as_object().expect("fields").len();
    assert_eq!(
        cleared.len(),
        fields - 2 + 1,
        "all but name and status, and the region"
    );
    let mut expected = made["campaign"].clone();
    for (field, value) in cleared {
        let changed = api
            .put(&format!("/api/campaigns/{id}"), json!({ field: null }))
            .await
            .ok();
        expected[field] = value;
        expected["updatedAt"] = changed["campaign"]["updatedAt"].clone();
        assert_eq!(changed["campaign"], expected, "{field}");
        assert_eq!(api.campaign(id).await, expected, "{field}");
    }
    // There is no status that could be cleared: none is asked for.
    let changed = api
        .put(&format!("/api/campaigns/{id}"), json!({ "status": null }))
        .await
        .ok();
    assert_eq!(changed["campaign"], expected);
}

async fn tags_and_metadata_come_back_as_sent(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let sent = json!({
        "tags": ["sales", "sales", " spaced ", "Q3/2023", "ünï"],
        "metadata": { "priority": "high", "nested": { "list": [1, 2.5, null, true, "x"] }, "goal": 0.1, "none": {} },
    });
    let id = api.create_campaign(sent.clone()).await;
    let kept = api.campaign(&id).await;
    assert_eq!(
        (&kept["tags"], &kept["metadata"]),
        (&sent["tags"], &sent["metadata"])
    );
}

/// Whatever a command may not do, a status that stands for it may not do either: the same sentence, the same code.
async fn a_status_in_a_change_follows_the_rules_of_its_command(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let past = json!({ "endDate": "2023-12-31T23:59:59Z" });
    let mute = json!({ "voiceAgentId": null });
    let closed = json!({ "scheduleConfig": { "daysOfWeek": [] } });
    for (fields, code) in [
        (past, "end_date_passed"),
        (mute, "no_voice_agent"),
        (closed, "calendar_never_opens"),
    ] {
        let id = api.create_campaign(fields).await;
        let by_command = api.command(&id, "start").await.with(409);
        let change = json!({ "status": "active", "description": "changed" });
        let by_change = api
            .put(&format!("/api/campaigns/{id}"), change)
            .await
            .with(409);
        assert_eq!(by_command["code"], code);
        assert_eq!(by_change, by_command);
        let after = api.campaign(&id).await;
        assert_eq!(
            (&after["status"], &after["description"]),
            (&json!("draft"), &Value::Null)
        );
    }
    let id = api.create_campaign(json!({})).await;
    for (status, command) in [("paused", "pause"), ("completed", "end")] {
        let by_command = api.command(&id, command).await.with(409);
        let by_change = api
            .put(&format!("/api/campaigns/{id}"), json!({ "status": status }))
            .await
            .with(409);
        assert_eq!(by_change, by_command);
    }
}
